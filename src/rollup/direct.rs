//! Who stands above and below units through a lens.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::view::{Lens, View};
use crate::error::Result;
use crate::store::{Sql, Tx};

#[derive(Clone, FromQueryResult)]
pub(super) struct Direct {
    pub id: i64,
    pub parent_id: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
}

/// The instant of a lens's tree, as bound, and the condition under which a row of `unit_placement p` is known to it; none for the
/// tree now.
fn instant(sql: &mut Sql, view: &View) -> Option<(String, String)> {
    match view.lens {
        Lens::Current => None,
        Lens::At(at) => Some((sql.bind(at), "p.superseded_at IS NULL".to_owned())),
        // What happens at that very instant is not reported by it.
        Lens::Reported => view.as_of.map(|at| {
            let at = sql.bind(at - 1);
            let known = format!("p.recorded_at <= {at} AND (p.superseded_at IS NULL OR p.superseded_at > {at})");
            (at, known)
        }),
    }
}

/// The condition under which a row of `unit_placement p` is a place in that tree.
fn placed((at, known): &(String, String)) -> String {
    format!("p.valid_from <= {at} AND (p.valid_to IS NULL OR p.valid_to > {at}) AND {known}")
}

/// Ordered by code. Now under CURRENT, at its instant under AT; under AS_REPORTED those that were direct when the roll-up's
/// instant came, as recorded by then.
pub(super) async fn direct(tx: &Tx, view: &View, units: &[i64]) -> Result<Vec<Direct>> {
    let mut sql = tx.sql("SELECT u.id, ");
    match instant(&mut sql, view) {
        None => {
            let these = sql.any_id("u.parent_id", units);
            sql.push(&format!(
                "u.parent_id, u.code, u.name, u.name_en FROM unit u WHERE {these} AND u.ended_at IS NULL"
            ));
        }
        Some(instant) => {
            let (these, placed) = (sql.any_id("p.parent_id", units), placed(&instant));
            sql.push(&format!(
                "p.parent_id, u.code, u.name, u.name_en FROM unit_placement p JOIN unit u ON u.id = p.unit_id \
                 WHERE {these} AND {placed}"
            ));
        }
    }
    sql.push(" ORDER BY u.code");
    tx.all(sql).await
}

#[derive(FromQueryResult)]
struct Link {
    owner: i64,
    id: i64,
}

/// What each unit stood below in the lens's tree; the root stands below itself. Those that did not exist then are left out.
pub(super) async fn parents(tx: &Tx, view: &View, units: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut sql = tx.sql("SELECT u.id AS owner, ");
    match instant(&mut sql, view) {
        None => {
            let these = sql.any_id("u.id", units);
            sql.push(&format!("COALESCE(u.parent_id, u.id) AS id FROM unit u WHERE {these} AND u.ended_at IS NULL"));
        }
        Some(instant) => {
            let (these, placed) = (sql.any_id("u.id", units), placed(&instant));
            sql.push(&format!(
                "COALESCE(p.parent_id, u.id) AS id FROM unit u JOIN unit_placement p ON p.unit_id = u.id \
                 WHERE {these} AND {placed}"
            ));
        }
    }
    Ok(tx.all::<Link>(sql).await?.into_iter().map(|link| (link.owner, link.id)).collect())
}

/// The root of the tree now.
pub(super) async fn root(tx: &Tx) -> Result<Vec<i64>> {
    tx.ids(tx.sql("SELECT id FROM unit WHERE parent_id IS NULL AND ended_at IS NULL")).await
}

/// Everything that stood below each unit in the lens's tree.
pub(super) async fn below(tx: &Tx, view: &View, units: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut sql = tx.sql("SELECT k.ancestor_id AS owner, k.descendant_id AS id FROM ");
    match instant(&mut sql, view) {
        None => {
            let these = sql.any_id("k.ancestor_id", units);
            sql.push(&format!("unit_closure k WHERE {these} AND NOT k.ended AND k.seat_id IS NULL AND k.distance > 0"));
        }
        Some(instant) => {
            let at = &instant.0;
            let (from, to, past) = match view.lens {
                Lens::Reported => ("x.since", "x.until", " AND x.reported"),
                _ => ("COALESCE(x.holds_from, x.since)", "COALESCE(x.holds_to, x.until)", " AND x.seat_id IS NULL"),
            };
            let row = "x.ancestor_id, x.descendant_id, x.distance";
            let (these, placed) = (sql.any_id("k.ancestor_id", units), placed(&instant));
            sql.push(&format!(
                "(SELECT {row} FROM unit_closure x WHERE NOT x.ended AND x.seat_id IS NULL AND {from} <= {at} \
                 UNION ALL SELECT {row} FROM unit_closure_past x WHERE {from} <= {at} AND {to} > {at}{past}) k \
                 WHERE {these} AND k.distance > 0 \
                 AND EXISTS (SELECT 1 FROM unit_placement p WHERE p.unit_id = k.descendant_id AND {placed})"
            ));
        }
    }
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    for link in tx.all::<Link>(sql).await? {
        found.entry(link.owner).or_default().push(link.id);
    }
    Ok(found)
}

/// Every unit through which something may have been reported to one of the units as its direct one, with that unit; none where one
/// of them reported to others as well. Two statements.
pub(super) async fn reporting(tx: &Tx, units: &[i64]) -> Result<Option<Vec<(i64, i64)>>> {
    // What is seated elsewhere had ended by then, and reports nothing.
    let links = |these: &str| {
        format!(
            "SELECT ancestor_id AS owner, descendant_id AS id FROM unit_closure \
             WHERE NOT ended AND seat_id IS NULL AND distance = 1 AND {these} UNION \
             SELECT ancestor_id, descendant_id FROM unit_closure_past \
             WHERE reported AND seat_id IS NULL AND distance = 1 AND {these}"
        )
    };
    let mut sql = tx.sql("");
    let these = sql.any_id("ancestor_id", units);
    sql.push(&links(&these));
    let found: Vec<Link> = tx.all(sql).await?;
    let mut ids: Vec<i64> = found.iter().map(|link| link.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut sql = tx.sql("");
    let these = sql.any_id("descendant_id", &ids);
    sql.push(&links(&these));
    let alone = tx.all::<Link>(sql).await?.len() == ids.len();
    Ok(alone.then(|| found.into_iter().map(|link| (link.owner, link.id)).collect()))
}

/// These units as children of a unit, whatever their place is.
pub(super) async fn named(tx: &Tx, ids: &[i64]) -> Result<Vec<Direct>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql("SELECT id, CAST(0 AS BIGINT) AS parent_id, code, name, name_en FROM unit WHERE ");
    let these = sql.any_id("id", ids);
    sql.push(&format!("{these} ORDER BY code"));
    tx.all(sql).await
}
