//! The list of programmes, newest first.

use entity::programme::Model;

use super::find::visible;
use crate::access::Viewer;
use crate::error::Result;
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::Tx;

/// One page; one statement.
pub async fn page(tx: &Tx, viewer: Viewer, args: &PageArgs) -> Result<Page<i64>> {
    let mut pages = listing(tx, viewer).pages::<Model>(tx, &[0], args).await?;
    Ok(pages.remove(&0).unwrap_or_default().map(|row| row.id))
}

pub async fn count(tx: &Tx, viewer: Viewer) -> Result<i64> {
    Ok(listing(tx, viewer).counts(tx, &[0]).await?.remove(&0).unwrap_or(0))
}

fn listing(tx: &Tx, viewer: Viewer) -> Listing {
    let keys = vec![
        Key::desc("CAST(p.starts_on AS TEXT)", KeyKind::Text),
        Key::desc("p.created_at", KeyKind::Int),
        Key::asc("p.code", KeyKind::Text),
    ];
    Listing {
        sql: tx.sql(""),
        columns: "p.*".to_owned(),
        from: "programme p".to_owned(),
        id: "p.id",
        conditions: vec![visible(viewer)],
        order: "programme".to_owned(),
        keys,
    }
}
