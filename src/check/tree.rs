//! The tree: closure, depths and dated places against the parents that units have.

use std::collections::{HashMap, HashSet};

use sea_orm::FromQueryResult;

use super::mend::Mends;
use super::words::or_none;
use super::{Problem, Report};
use crate::error::Result;
use crate::ledger::Leaf;
use crate::store::Tx;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    code: String,
    parent_id: Option<i64>,
    depth: i32,
    has_cells: bool,
    bloc: Option<String>,
}

#[derive(FromQueryResult)]
struct Link {
    ancestor_id: i64,
    descendant_id: i64,
    distance: i32,
}

#[derive(FromQueryResult)]
struct Place {
    unit_id: i64,
    parent_id: Option<i64>,
    valid_from: i64,
    valid_to: Option<i64>,
}

/// The tree as its parents make it.
pub(super) struct Tree {
    pub codes: HashMap<i64, String>,
    /// Blocs, and the units that keep cells at and above each unit.
    pub leaves: HashMap<i64, Leaf>,
    /// Whether parents and dated places agree: then the rest follows from them.
    pub sound: bool,
}

/// Compares and reports; answers the tree.
pub(super) async fn check(tx: &Tx, report: &mut Report, mends: &mut Mends) -> Result<Tree> {
    let rows: Vec<Row> =
        tx.all(tx.sql("SELECT id, code, parent_id, depth, has_cells, bloc FROM unit ORDER BY depth")).await?;
    report.units = rows.len();
    let units: HashMap<i64, &Row> = rows.iter().map(|row| (row.id, row)).collect();
    let inner: HashSet<i64> = rows.iter().filter_map(|row| row.parent_id).collect();
    let mut expected: HashMap<(i64, i64), i32> = HashMap::new();
    let mut leaves = HashMap::with_capacity(rows.len());
    let mut sound = true;
    let mut fault = |place: String, expected: String, stored: String, mendable: bool| {
        report.problems.push(Problem { place, expected, stored, mendable });
    };
    for row in &rows {
        let mut keepers = Vec::new();
        let mut at = Some(row);
        let mut distance = 0;
        while let Some(unit) = at {
            expected.insert((unit.id, row.id), distance);
            // What has sub-units keeps cells, whatever its row says: a repair must not take them away.
            if unit.has_cells || inner.contains(&unit.id) {
                keepers.push(unit.id);
            }
            at = unit.parent_id.and_then(|parent| units.get(&parent).copied());
            distance += 1;
            if distance > 1_000 {
                fault(
                    format!("unit {} ancestors", row.code),
                    "an end at the root".to_owned(),
                    "a cycle".to_owned(),
                    false,
                );
                sound = false;
                break;
            }
        }
        if row.depth != distance - 1 {
            fault(format!("unit {} depth", row.code), (distance - 1).to_string(), row.depth.to_string(), true);
            mends.depths.push((row.id, distance - 1));
        }
        if inner.contains(&row.id) && !row.has_cells {
            fault(
                format!("unit {} cells", row.code),
                "kept: it has sub-units".to_owned(),
                "not kept".to_owned(),
                false,
            );
            sound = false;
        }
        leaves.insert(row.id, Leaf { bloc: row.bloc.clone(), keepers });
    }
    let code = |id: &i64| units.get(id).map_or_else(|| format!("(no unit {id})"), |unit| unit.code.clone());
    let links: Vec<Link> = tx.all(tx.sql("SELECT ancestor_id, descendant_id, distance FROM unit_closure")).await?;
    for link in links {
        let found = expected.remove(&(link.ancestor_id, link.descendant_id));
        if found != Some(link.distance) {
            let (above, below) = (link.ancestor_id, link.descendant_id);
            let place = format!("closure: {} above {}", code(&above), code(&below));
            fault(place, or_none(found), link.distance.to_string(), true);
            mends.closure_out.push((above, below));
            mends.closure_in.extend(found.map(|distance| (above, below, distance)));
        }
    }
    for ((above, below), distance) in expected {
        let place = format!("closure: {} above {}", code(&above), code(&below));
        fault(place, distance.to_string(), "none".to_owned(), true);
        mends.closure_in.push((above, below, distance));
    }
    let places: Vec<Place> = tx
        .all(tx.sql(
            "SELECT unit_id, parent_id, valid_from, valid_to FROM unit_placement WHERE superseded_at IS NULL \
             ORDER BY unit_id, valid_from, COALESCE(valid_to, 9223372036854775807)",
        ))
        .await?;
    let mut by_unit: HashMap<i64, Vec<Place>> = HashMap::new();
    for place in places {
        by_unit.entry(place.unit_id).or_default().push(place);
    }
    for row in &rows {
        let places = by_unit.remove(&row.id).unwrap_or_default();
        if let Some(why) = broken(&places, row.parent_id) {
            fault(format!("unit {} dated places", row.code), "periods without gap or overlap".to_owned(), why, false);
            sound = false;
        }
    }
    Ok(Tree { codes: rows.into_iter().map(|row| (row.id, row.code)).collect(), leaves, sound })
}

/// Why the periods are no history of the unit, if they are none.
fn broken(places: &[Place], parent: Option<i64>) -> Option<String> {
    for pair in places.windows(2) {
        if pair[0].valid_to != Some(pair[1].valid_from) {
            return Some(format!("one ends at {:?}, the next begins at {}", pair[0].valid_to, pair[1].valid_from));
        }
    }
    match places.last() {
        None => Some("none".to_owned()),
        Some(last) if last.valid_to.is_some() => Some("none holds now".to_owned()),
        Some(last) if last.parent_id != parent => Some("the present one names another parent".to_owned()),
        Some(_) => None,
    }
}
