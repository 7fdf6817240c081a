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

/// Reads all pages; ends early where nobody takes them any more.
pub(super) async fn read(tx: &Tx, to: Sender<Page>) -> Result<()> {
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
        let page = Page {
            initiatives: tx.packed(rows::initiatives(tx, after, last)).await?,
            events: tx.packed(rows::events(tx, after, last)).await?,
            periods: tx.packed(rows::periods(tx, after, last)).await?,
            authors: tx.packed(rows::authors(tx, after, last)).await?,
        };
        if to.send(page).await.is_err() {
            return Ok(());
        }
        after = last;
    }
}
