//! The events of an initiative, oldest first. Whoever may read it may read them.

use std::collections::HashMap;

use entity::initiative_event::Model;

use crate::error::Result;
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::Tx;

/// A page for each initiative; one statement.
pub async fn event_pages(tx: &Tx, initiatives: &[i64], args: &PageArgs) -> Result<HashMap<i64, Page<Model>>> {
    listing(tx).pages(tx, initiatives, args).await
}

pub async fn event_counts(tx: &Tx, initiatives: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx).counts(tx, initiatives).await
}

fn listing(tx: &Tx) -> Listing {
    Listing {
        sql: tx.sql(""),
        columns: "e.*".to_owned(),
        from: "initiative_event e".to_owned(),
        id: "e.initiative_id, e.seq",
        conditions: vec!["e.initiative_id = o.id".to_owned()],
        order: "events".to_owned(),
        keys: vec![Key::asc("e.seq", KeyKind::Int)],
    }
}

/// The events with these keys (initiative, seq) of initiatives that may be read; one statement.
pub async fn events_by_id(tx: &Tx, keys: &[(i64, i32)]) -> Result<HashMap<(i64, i32), Model>> {
    let initiatives: Vec<i64> = keys.iter().map(|(initiative, _)| *initiative).collect();
    let mut sql = tx.sql("SELECT * FROM initiative_event WHERE ");
    let these = sql.any_id("initiative_id", &initiatives);
    sql.push(&these);
    let rows = tx.all::<Model>(sql).await?.into_iter().map(|event| ((event.initiative_id, event.seq), event));
    Ok(rows.filter(|(key, _)| keys.contains(key)).collect())
}
