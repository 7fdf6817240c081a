//! Lists of clusters at units of one's scope.

use std::collections::HashMap;
use std::sync::Arc;

use entity::cluster::Model;

use crate::access::{Right, Viewer, covered};
use crate::error::Result;
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::Tx;

/// Which clusters of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// Those that it set up.
    Owned,
    /// Those that it belongs to now.
    Joined,
}

/// A page for each unit; one statement.
pub async fn pages(
    tx: &Tx,
    viewer: Viewer,
    which: Which,
    units: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Arc<Model>>>> {
    let pages = listing(tx, viewer, which).pages::<Model>(tx, units, args).await?;
    Ok(pages.into_iter().map(|(unit, page)| (unit, page.map(Arc::new))).collect())
}

/// How many each unit has; one statement.
pub async fn counts(tx: &Tx, viewer: Viewer, which: Which, units: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx, viewer, which).counts(tx, units).await
}

/// Where a grant covers the unit, both kinds show.
fn listing(tx: &Tx, viewer: Viewer, which: Which) -> Listing {
    let mut sql = tx.sql("");
    let in_scope = covered(&mut sql, viewer, Right::ReadAggregates, "o.id");
    let of_unit = match which {
        Which::Owned => "k.owner_id = o.id",
        Which::Joined => {
            "k.id IN (SELECT m.cluster_id FROM cluster_member m WHERE m.unit_id = o.id AND m.until IS NULL)"
        }
    };
    Listing {
        sql,
        columns: "k.*".to_owned(),
        from: "cluster k".to_owned(),
        id: "k.id",
        conditions: vec![of_unit.to_owned(), in_scope],
        order: format!("cluster.{which:?}"),
        keys: vec![Key::asc("k.code", KeyKind::Text)],
    }
}
