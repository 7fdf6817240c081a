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
    ended_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Link {
    ancestor_id: i64,
    descendant_id: i64,
    distance: i32,
    seat_id: Option<i64>,
    ended: bool,
}

/// A row of the closure as it should be: how far, where the unit's records are seated, and whether it leads to an ended unit itself.
type Expected = (i32, Option<i64>, bool);

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
        tx.all(tx.sql("SELECT id, code, parent_id, depth, has_cells, bloc, ended_at FROM unit ORDER BY depth")).await?;
    report.units = rows.len();
    let units: HashMap<i64, &Row> = rows.iter().map(|row| (row.id, row)).collect();
    let alive = |row: &&Row| row.ended_at.is_none();
    let inner: HashSet<i64> = rows.iter().filter(alive).filter_map(|row| row.parent_id).collect();
    let links: Vec<Link> =
        tx.all(tx.sql("SELECT ancestor_id, descendant_id, distance, seat_id, ended FROM unit_closure")).await?;
    // Where the records of a unit that has ended are seated stands nowhere else.
    let seats = links.iter().filter(|link| !link.ended).filter_map(|link| Some((link.descendant_id, link.seat_id?)));
    let seats: HashMap<i64, i64> = seats.collect();
    let mut expected: HashMap<(i64, i64), Expected> = HashMap::new();
    let mut leaves = HashMap::with_capacity(rows.len());
    let mut sound = true;
    let mut fault = |place: String, expected: String, stored: String, mendable: bool| {
        report.problems.push(Problem { place, expected, stored, mendable });
    };
    for row in &rows {
        let mut keepers = Vec::new();
        let seat = seats.get(&row.id).and_then(|seat| units.get(seat)).copied();
        let ended = row.ended_at.is_some();
        if ended && seat.is_none_or(|seat| seat.ended_at.is_some()) {
            let stored = seat.map_or_else(|| "none".to_owned(), |seat| format!("{}, which has ended", seat.code));
            fault(format!("unit {} seat of its records", row.code), "a unit that lives".to_owned(), stored, false);
            sound = false;
            continue;
        }
        if ended {
            expected.insert((row.id, row.id), (0, None, true));
        }
        let mut at = if ended { seat } else { Some(row) };
        let seat = seat.filter(|_| ended).map(|seat| seat.id);
        let mut distance = 0;
        while let Some(unit) = at {
            expected.insert((unit.id, row.id), (distance, seat, false));
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
        if !ended && row.depth != distance - 1 {
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
    let told = |(distance, seat, ended): Expected| match (seat, ended) {
        (None, false) => distance.to_string(),
        (Some(seat), _) => format!("{distance}, seated at {}", code(&seat)),
        (None, true) => "itself, which has ended".to_owned(),
    };
    for link in links {
        let found = expected.remove(&(link.ancestor_id, link.descendant_id));
        // While a unit lives its records are seated at itself, said or not.
        let seat = link.seat_id.filter(|seat| *seat != link.descendant_id);
        let stored = (link.distance, seat, link.ended);
        if found != Some(stored) {
            let (above, below) = (link.ancestor_id, link.descendant_id);
            let place = format!("closure: {} above {}", code(&above), code(&below));
            fault(place, or_none(found.map(told)), told(stored), true);
            mends.closure_out.push((above, below));
            mends.closure_in.extend(found.map(|expected| (above, below, expected)));
        }
    }
    for ((above, below), expected) in expected {
        let place = format!("closure: {} above {}", code(&above), code(&below));
        fault(place, told(expected), "none".to_owned(), true);
        mends.closure_in.push((above, below, expected));
    }
    let back = tx.ids(tx.sql(
        "SELECT DISTINCT unit_id AS id FROM reorganisation_change WHERE was LIKE '%\"ended\":true%' AND became LIKE '%\"ended\":false%'",
    ));
    let back: HashSet<i64> = back.await?.into_iter().collect();
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
        if let Some(why) = broken(&places, row, back.contains(&row.id)) {
            fault(format!("unit {} dated places", row.code), "periods without gap or overlap".to_owned(), why, false);
            sound = false;
        }
    }
    Ok(Tree { codes: rows.into_iter().map(|row| (row.id, row.code)).collect(), leaves, sound })
}

/// Why the periods are no history of the unit, if they are none. One that came back was away in between.
fn broken(places: &[Place], row: &Row, came_back: bool) -> Option<String> {
    for pair in places.windows(2) {
        let away = came_back && pair[0].valid_to.is_some_and(|end| end < pair[1].valid_from);
        if pair[0].valid_to != Some(pair[1].valid_from) && !away {
            return Some(format!("one ends at {:?}, the next begins at {}", pair[0].valid_to, pair[1].valid_from));
        }
    }
    match places.last() {
        None => Some("none".to_owned()),
        Some(last) if row.ended_at.is_some() => {
            (last.valid_to != row.ended_at).then(|| "the last one does not end where the unit does".to_owned())
        }
        Some(last) if last.valid_to.is_some() => Some("none holds now".to_owned()),
        Some(last) if last.parent_id != row.parent_id => Some("the present one names another parent".to_owned()),
        Some(_) => None,
    }
}
