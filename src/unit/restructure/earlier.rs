//! Where the records of a unit are seated in trees of the time before it: at its sole predecessor, else at the nearest common
//! ancestor of its predecessors.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::unit_closure_past;
use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::store::{Conflict, Tx};

/// Something that stood above a predecessor for some time.
#[derive(Clone, Debug, FromQueryResult)]
struct Above {
    descendant_id: i64,
    ancestor_id: i64,
    distance: i32,
    seat_id: i64,
    holds_from: i64,
    holds_to: i64,
}

/// Says of each unit, made at the instant, where it is seated before. Answers from when on.
pub async fn reach_back(tx: &Tx, made: &[(i64, Vec<i64>)], at: i64) -> Result<HashMap<i64, i64>> {
    let mut begins = HashMap::new();
    let mut rows = Vec::new();
    for (unit, predecessors) in made.iter().filter(|(_, predecessors)| !predecessors.is_empty()) {
        let above = dated(tx, predecessors, at).await?;
        let (from, seated) = seated(*unit, predecessors, &above, at);
        rows.extend(seated);
        begins.insert(*unit, from);
    }
    tx.insert::<unit_closure_past::Entity>(&rows, Conflict::Fail).await?;
    Ok(begins)
}

async fn dated(tx: &Tx, units: &[i64], at: i64) -> Result<Vec<Above>> {
    let mut sql = tx.sql("");
    let row = |from: &str, to: &str| {
        format!(
            "SELECT k.descendant_id, k.ancestor_id, k.distance, COALESCE(k.seat_id, k.descendant_id) AS seat_id, \
             CASE WHEN COALESCE(k.holds_from, k.since) < COALESCE(x.begins_at, x.created_at) \
             THEN COALESCE(x.begins_at, x.created_at) ELSE COALESCE(k.holds_from, k.since) END AS holds_from, \
             {to} AS holds_to FROM {from} k JOIN unit x ON x.id = k.descendant_id"
        )
    };
    let end = sql.bind(at);
    let (now, past) = (sql.any_id("k.descendant_id", units), sql.any_id("k.descendant_id", units));
    sql.push(&format!(
        "{} WHERE NOT k.ended AND {now} UNION ALL {} WHERE {past}",
        row("unit_closure", &format!("CAST({end} AS BIGINT)")),
        row("unit_closure_past", "COALESCE(k.holds_to, k.until)")
    ));
    let rows: Vec<Above> = tx.all(sql).await?;
    let clipped = rows.into_iter().map(|row| Above { holds_to: row.holds_to.min(at), ..row });
    Ok(clipped.filter(|row| row.holds_from < row.holds_to).collect())
}

/// Pure: the rows of the past, and the first instant that they reach.
fn seated(unit: i64, predecessors: &[i64], above: &[Above], at: i64) -> (i64, Vec<unit_closure_past::Model>) {
    let first = |one: &i64| above.iter().filter(|row| row.descendant_id == *one).map(|row| row.holds_from).min();
    // Before the last of them began there is no place for all.
    let from = predecessors.iter().map(|one| first(one).unwrap_or(at)).max().unwrap_or(at);
    let of_them = above.iter().filter(|row| predecessors.contains(&row.descendant_id));
    let turns = of_them.flat_map(|row| [row.holds_from, row.holds_to]);
    let turns: BTreeSet<i64> = turns.filter(|turn| *turn > from && *turn < at).chain([from, at]).collect();
    let turns: Vec<i64> = turns.into_iter().collect();
    let mut rows = Vec::new();
    for span in turns.windows(2) {
        let (since, until) = (span[0], span[1]);
        let ways: Vec<BTreeMap<i64, &Above>> = predecessors
            .iter()
            .map(|one| {
                let holds = above
                    .iter()
                    .filter(|row| row.descendant_id == *one && row.holds_from <= since && row.holds_to >= until);
                holds.map(|row| (row.ancestor_id, row)).collect()
            })
            .collect();
        let Some((way, others)) = ways.split_first() else { continue };
        let common: Vec<&&Above> =
            way.values().filter(|row| others.iter().all(|other| other.contains_key(&row.ancestor_id))).collect();
        let Some(nearest) = common.iter().min_by_key(|row| row.distance) else { continue };
        let seat = if others.is_empty() { nearest.seat_id } else { nearest.ancestor_id };
        rows.extend(common.iter().map(|row| unit_closure_past::Model {
            ancestor_id: row.ancestor_id,
            descendant_id: unit,
            distance: row.distance - nearest.distance,
            since,
            until,
            holds_from: None,
            holds_to: None,
            seat_id: Some(seat),
            reported: false,
        }));
    }
    (from, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above(descendant_id: i64, ancestor_id: i64, distance: i32, holds_from: i64, holds_to: i64) -> Above {
        Above { descendant_id, ancestor_id, distance, seat_id: descendant_id, holds_from, holds_to }
    }

    #[test]
    fn before_its_beginning_a_unit_is_seated_at_what_its_predecessors_share() {
        // 1 is the root, 2 and 3 below it; 10 below 2; 11 below 2 until 50, then below 3.
        let rows = [
            above(10, 10, 0, 5, 100),
            above(10, 2, 1, 5, 100),
            above(10, 1, 2, 5, 100),
            above(11, 11, 0, 20, 100),
            above(11, 2, 1, 20, 50),
            above(11, 3, 1, 50, 100),
            above(11, 1, 2, 20, 100),
        ];
        let brief = |rows: Vec<unit_closure_past::Model>| {
            rows.iter().map(|r| (r.ancestor_id, r.distance, r.since, r.until, r.seat_id)).collect::<Vec<_>>()
        };
        let (from, found) = seated(99, &[10, 11], &rows, 100);
        assert_eq!(from, 20);
        assert_eq!(brief(found), [(1, 1, 20, 50, Some(2)), (2, 0, 20, 50, Some(2)), (1, 0, 50, 100, Some(1))]);
        let (from, found) = seated(99, &[10], &rows, 100);
        assert_eq!(from, 5);
        assert_eq!(brief(found), [(1, 2, 5, 100, Some(10)), (2, 1, 5, 100, Some(10)), (10, 0, 5, 100, Some(10))]);
    }
}
