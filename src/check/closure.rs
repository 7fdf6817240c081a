//! The closure, of the present and of the past, against the tree; and to whom each unit's records are credited.

use std::collections::HashMap;

use super::classes::{Class, Path};
use super::dated::{self, Dated, Lens};
use super::found::Found;
use super::ledger::take;
use super::mend::{ClosureRow, Mend};
use super::tree::Tree;
use super::words::or_none;
use crate::error::Result;
use crate::store::{Tx, lean_row, truth};

/// Units that are looked at together.
const PAGE: usize = 2_000;

lean_row!(
    Present {
        descendant_id: i64,
        ancestor_id: i64,
        distance: i32,
        since: i64,
        holds_from: Option<i64>,
        seat_id: Option<i64>,
        #[serde(deserialize_with = "truth")]
        ended: bool,
    }
);

lean_row!(
    Past {
        descendant_id: i64,
        ancestor_id: i64,
        distance: i32,
        since: i64,
        until: i64,
        holds_from: Option<i64>,
        holds_to: Option<i64>,
        seat_id: Option<i64>,
        #[serde(deserialize_with = "truth")]
        reported: bool,
    }
);

/// How far, where the unit's records are seated if not at itself, and whether it leads to an ended unit itself.
type Way = (i32, Option<i64>, bool);

/// Compares, and gives every unit its class.
pub(super) async fn check(tx: &Tx, tree: &mut Tree, found: &mut Found) -> Result<()> {
    for from in (0..tree.units.len()).step_by(PAGE) {
        let to = (from + PAGE).min(tree.units.len());
        let ids = (tree.units[from].id, tree.units[to - 1].id);
        let mut sql = tx.sql(
            "SELECT descendant_id, ancestor_id, distance, since, holds_from, seat_id, ended FROM unit_closure WHERE descendant_id >= ",
        );
        let (first, last) = (sql.bind(ids.0), sql.bind(ids.1));
        sql.push(&format!("{first} AND descendant_id <= {last} ORDER BY descendant_id, ancestor_id"));
        let present: Vec<Present> = tx.lean(sql).await?;
        let mut sql = tx.sql(
            "SELECT descendant_id, ancestor_id, distance, since, until, holds_from, holds_to, seat_id, reported \
             FROM unit_closure_past WHERE descendant_id >= ",
        );
        let (first, last) = (sql.bind(ids.0), sql.bind(ids.1));
        sql.push(&format!("{first} AND descendant_id <= {last} ORDER BY descendant_id, ancestor_id, since"));
        let past: Vec<Past> = tx.lean(sql).await?;
        let (mut present, mut past) = (&present[..], &past[..]);
        for place in from..to {
            let id = tree.units[place].id;
            let here = take(&mut present, |row| row.descendant_id <= id);
            let before = take(&mut past, |row| row.descendant_id <= id);
            one(tree, place, (here, before), found);
        }
    }
    Ok(())
}

fn one(tree: &mut Tree, place: usize, (present, past): (&[Present], &[Past]), found: &mut Found) {
    let unit = &tree.units[place];
    // Where the records of a unit that has ended are seated stands nowhere else.
    let seat = present.iter().filter(|row| !row.ended).find_map(|row| row.seat_id).and_then(|seat| tree.place(seat));
    let ended = unit.ended_at.is_some();
    if ended && seat.is_none_or(|seat| tree.units[seat].ended_at.is_some()) {
        let stored =
            seat.map_or_else(|| "none".to_owned(), |seat| format!("{}, which has ended", tree.units[seat].code));
        found.lasting(format!("unit {} seat of its records", unit.code), "a unit that lives".to_owned(), stored);
        tree.sound = false;
        return;
    }
    let seat = seat.filter(|_| ended);
    let Some(way) = tree.way_up(seat.unwrap_or(place)) else { return };
    let dated = Dated::of(tree, place, rows_of(present, past));
    let seat_id = seat.map(|seat| tree.units[seat].id);
    let mut expected: HashMap<i64, Way> =
        (0..).zip(&way).map(|(far, above)| (tree.units[*above].id, (far, seat_id, false))).collect();
    if ended {
        expected.insert(unit.id, (0, None, true));
    }
    let whole = compare(tree, place, (present, expected), &dated, found);
    // What is missing now is missing then: it is looked at when it has been mended.
    if whole {
        for lens in [Lens::Reported, Lens::Known] {
            if let Some((wanted, stored)) = dated.differs(lens) {
                found.lasting(
                    format!("unit {} dated closure, {}", tree.units[place].code, lens.name()),
                    wanted,
                    stored,
                );
            }
        }
    }
    let keepers = way.iter().map(|above| &tree.units[*above]);
    // What has sub-units keeps cells, whatever its row says: a repair must not take them away.
    let keepers = keepers.filter(|unit| unit.has_cells || unit.inner).map(|unit| unit.id).collect();
    let class = Class { bloc: tree.units[place].bloc.clone(), keepers, paths: paths(tree, present, past) };
    tree.class_of[place] = tree.classes.number(class);
}

/// Compares what leads to the unit now; true where it is right.
fn compare(
    tree: &Tree,
    place: usize,
    (present, mut expected): (&[Present], HashMap<i64, Way>),
    dated: &Dated<'_>,
    found: &mut Found,
) -> bool {
    let unit = &tree.units[place];
    let told = |(distance, seat, ended): Way| match (seat, ended) {
        (None, false) => distance.to_string(),
        (Some(seat), _) => format!("{distance}, seated at {}", tree.code(seat)),
        (None, true) => "itself, which has ended".to_owned(),
    };
    let mend = |above: i64, way: Option<Way>, there: bool| {
        let row = way.map(|(distance, seat, ended)| {
            let (since, holds_from) = dated.begins(above, distance, seat, ended);
            ClosureRow { distance, seat, ended, since, holds_from }
        });
        Mend::Closure { above, below: unit.id, there, row }
    };
    let mut whole = true;
    for row in present {
        let wanted = expected.remove(&row.ancestor_id);
        // While a unit lives its records are seated at itself, said or not.
        let seat = row.seat_id.filter(|seat| *seat != unit.id);
        let stored = (row.distance, seat, row.ended);
        if wanted != Some(stored) {
            whole = false;
            let at = format!("closure: {} above {}", tree.code(row.ancestor_id), unit.code);
            found.mendable(at, or_none(wanted.map(told)), told(stored), mend(row.ancestor_id, wanted, true));
        }
    }
    let mut missing: Vec<(i64, Way)> = expected.into_iter().collect();
    missing.sort_unstable();
    for (above, wanted) in missing {
        whole = false;
        let at = format!("closure: {} above {}", tree.code(above), unit.code);
        found.mendable(at, told(wanted), "none".to_owned(), mend(above, Some(wanted), false));
    }
    whole
}

fn rows_of(present: &[Present], past: &[Past]) -> Vec<dated::Row> {
    let now = present.iter().map(|row| dated::Row {
        ancestor: row.ancestor_id,
        distance: row.distance,
        seat: row.seat_id,
        ended: row.ended,
        reported: Some((row.since, i64::MAX)),
        known: (row.holds_from.unwrap_or(row.since), i64::MAX),
    });
    let then = past.iter().map(|row| dated::Row {
        ancestor: row.ancestor_id,
        distance: row.distance,
        seat: row.seat_id,
        ended: false,
        reported: row.reported.then_some((row.since, row.until)),
        known: (row.holds_from.unwrap_or(row.since), row.holds_to.unwrap_or(row.until)),
    });
    now.chain(then).collect()
}

/// The paths to units whose history is kept.
fn paths(tree: &Tree, present: &[Present], past: &[Past]) -> Vec<Path> {
    let mut paths = Vec::new();
    let kept = &tree.classes.kept;
    let mut credit = |keeper: i64, reported: bool, since: i64, until: i64| {
        if kept.contains_key(&(keeper, reported)) {
            paths.push(Path { keeper, reported, since, until });
        }
    };
    for row in present.iter().filter(|row| !row.ended) {
        credit(row.ancestor_id, true, row.since, i64::MAX);
        credit(row.ancestor_id, false, i64::MIN, i64::MAX);
    }
    for row in past.iter().filter(|row| row.reported) {
        credit(row.ancestor_id, true, row.since, row.until);
    }
    paths
}
