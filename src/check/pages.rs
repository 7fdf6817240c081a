//! The ledger, read page by page in the order of initiatives, ahead of whoever compares it.

use tokio::sync::mpsc::Sender;

use super::rows::{self, Author, Event, InitiativeRow, Period};
use crate::error::Result;
use crate::store::{Packed, Tx};

/// Initiatives of a page.
const PAGE: usize = 3_000;

/// Initiatives with everything that is stored about them, as it came.
pub(super) struct Page {
    pub initiatives: Packed<InitiativeRow>,
    pub events: Packed<Event>,
    pub periods: Packed<Period>,
    pub authors: Packed<Author>,
}

/// Reads all pages, events through the transaction beside where there is one; ends early where nobody takes them any more.
pub(super) async fn read(tx: &Tx, beside: Option<&Tx>, to: Sender<Page>) -> Result<()> {
    let mut after = 0;
    loop {
        let mut sql = tx.sql("");
        let from = sql.bind(after);
        sql.push(&format!(
            "SELECT COALESCE(MAX(id), 0) AS id FROM (SELECT id FROM initiative WHERE id > {from} ORDER BY id LIMIT {PAGE}) i"
        ));
        let last = tx.ids(sql).await?.pop().unwrap_or(0);
        if last <= after {
            return Ok(());
        }
        let others = async {
            let initiatives = tx.packed(rows::initiatives(tx, after, last)).await?;
            let periods = tx.packed(rows::periods(tx, after, last)).await?;
            Ok((initiatives, periods, tx.packed(rows::authors(tx, after, last)).await?))
        };
        let events = async |tx: &Tx| tx.packed(rows::events(tx, after, last)).await;
        let (events, (initiatives, periods, authors)) = match beside {
            Some(beside) => tokio::try_join!(events(beside), others)?,
            None => (events(tx).await?, others.await?),
        };
        let page = Page { initiatives, events, periods, authors };
        if to.send(page).await.is_err() {
            return Ok(());
        }
        after = last;
    }
}
