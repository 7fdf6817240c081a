//! The tree of an instant, as known today: where units stood then. Who sees them is a matter of today's tree.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ActiveEnum, FromQueryResult};

use super::find::{SeenUnit, SightRow};
use super::list::{UnitFilter, Within, not_empty};
use super::ways::Maker;
use crate::access::{Right, Viewer, covered, shows, sight_columns};
use crate::error::{Error, Result};
use crate::page::Listing;
use crate::store::{Sql, Tx};
use crate::text::message;

/// A condition: the row of `unit_placement` held at the instant.
fn held(place: &str, at: &str) -> String {
    format!(
        "{place}.superseded_at IS NULL AND {place}.valid_from <= {at} AND ({place}.valid_to IS NULL OR {place}.valid_to > {at})"
    )
}

/// Who stood below whom at the instant, themselves included, as a table.
fn paths(at: &str) -> String {
    format!(
        "(SELECT ancestor_id, descendant_id, distance FROM unit_closure WHERE NOT ended AND seat_id IS NULL \
         AND COALESCE(holds_from, since) <= {at} UNION ALL SELECT ancestor_id, descendant_id, distance FROM unit_closure_past \
         WHERE seat_id IS NULL AND COALESCE(holds_from, since) <= {at} AND COALESCE(holds_to, until) > {at})"
    )
}

/// The list of those that existed at the filter's instant.
pub(super) fn listing(tx: &Tx, viewer: Viewer, filter: &UnitFilter) -> Result<Listing> {
    if filter.search.as_ref().is_some_and(|search| !search.trim().is_empty()) {
        return Err(Error::BadInput(message!("search looks at today's names: leave it out, or asOf")));
    }
    let mut sql = tx.sql("");
    let at = sql.bind(filter.as_of.unwrap_or(i64::MAX));
    let held = held("p", &at);
    let exists =
        |more: &str| format!("EXISTS (SELECT 1 FROM unit_placement p WHERE p.unit_id = u.id{more} AND {held})");
    let mut conditions = match filter.within {
        Within::Children => vec![exists(" AND p.parent_id = o.id"), shows(&mut sql, viewer, "u")],
        Within::Scope => vec![exists(""), covered(&mut sql, viewer, Right::ReadAggregates, "u.id")],
        Within::Unit | Within::Below => {
            let paths = paths(&at);
            let below = format!("u.id IN (SELECT w.descendant_id FROM {paths} w WHERE w.ancestor_id = o.id)");
            vec![below, exists(""), covered(&mut sql, viewer, Right::ReadAggregates, "u.id")]
        }
    };
    if filter.within == Within::Below {
        conditions.push("u.id <> o.id".to_owned());
    }
    if let Some(kinds) = &filter.kinds {
        not_empty("kind", kinds)?;
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        conditions.push(sql.any_text("u.kind", &kinds));
    }
    let keys = Maker::new(filter)?.keys(None);
    let sight = sight_columns(&mut sql, viewer, "u");
    let (columns, order) = (format!("u.*, {sight}"), format!("unit.then.{:?}", filter.order.unwrap_or_default()));
    Ok(Listing { sql, columns, from: "unit u".to_owned(), id: "u.id", conditions, order, keys })
}

#[derive(FromQueryResult)]
struct Above {
    owner: i64,
    #[sea_orm(nested)]
    row: SightRow,
}

/// The visible ancestors of each unit at the instant, root first, without itself; one statement.
pub async fn ancestors_at(tx: &Tx, viewer: Viewer, at: i64, units: &[i64]) -> Result<HashMap<i64, Vec<Arc<SeenUnit>>>> {
    let mut sql = tx.sql("");
    let bound = sql.bind(at);
    let sight = sight_columns(&mut sql, viewer, "u");
    let these = sql.any_id("c.descendant_id", units);
    sql.push(&format!(
        "SELECT c.descendant_id AS owner, u.*, {sight} FROM {} c JOIN unit u ON u.id = c.ancestor_id \
         WHERE c.distance > 0 AND {these} ORDER BY c.distance DESC",
        paths(&bound)
    ));
    let mut found: HashMap<i64, Vec<_>> = HashMap::new();
    for line in tx.all::<Above>(sql).await? {
        found.entry(line.owner).or_default().extend(line.row.seen());
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Parent {
    unit_id: i64,
    parent_id: i64,
}

/// The parent of each unit at the instant; those that did not exist, and the root, have none. One statement.
pub async fn parents_at(tx: &Tx, at: i64, units: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut sql: Sql = tx.sql("SELECT p.unit_id, p.parent_id FROM unit_placement p WHERE p.parent_id IS NOT NULL AND ");
    let these = sql.any_id("p.unit_id", units);
    let at = sql.bind(at);
    sql.push(&format!("{these} AND {}", held("p", &at)));
    Ok(tx.all::<Parent>(sql).await?.into_iter().map(|row| (row.unit_id, row.parent_id)).collect())
}
