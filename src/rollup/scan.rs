//! Reading own records below units, grouped as asked: for slices and breakdowns that no stored cell answers.

use std::collections::HashMap;

use entity::enums::{InitiativeState, UnitKind};
use sea_orm::{ActiveEnum, FromQueryResult, Iterable};

use super::dimension::Dimension;
use super::measures::{Measures, sums};
use crate::error::Result;
use crate::ledger::Tally;
use crate::programme::ResolvedSlice;
use crate::store::{Sql, Tx};
use crate::unit;

/// The measures of one part: raw values of its keys, ids as decimal text.
#[derive(Clone, Debug)]
pub(super) struct ScanRow {
    pub owner: i64,
    pub keys: Vec<Option<String>>,
    pub measures: Measures,
}

#[derive(FromQueryResult)]
struct TallyRow {
    owner: i64,
    k0: Option<String>,
    k1: Option<String>,
    #[sea_orm(nested)]
    tally: Tally,
}

#[derive(FromQueryResult)]
struct PersonsRow {
    owner: i64,
    k0: Option<String>,
    k1: Option<String>,
    participants: i64,
}

/// Every part that has something, for each unit; two statements.
pub(super) async fn read(
    tx: &Tx,
    programme: i64,
    slice: &ResolvedSlice,
    units: &[i64],
    by: &[Dimension],
) -> Result<Vec<ScanRow>> {
    let mut parts: HashMap<(i64, Vec<Option<String>>), Measures> = HashMap::new();
    for row in tx.all::<TallyRow>(tallies(tx, programme, slice, units, by)).await? {
        let keys = [row.k0, row.k1];
        for (state, tally) in split(row.tally, by.contains(&Dimension::State)) {
            let keys = by.iter().zip(&keys).map(|(dimension, key)| match dimension {
                Dimension::State => state.clone(),
                _ => key.clone(),
            });
            let part = parts.entry((row.owner, keys.collect())).or_default();
            part.tally = part.tally.plus(tally).ok_or_else(crate::ledger::out_of_range)?;
        }
    }
    for row in tx.all::<PersonsRow>(persons(tx, programme, slice, units, by)).await? {
        let mut keys = vec![row.k0, row.k1];
        keys.truncate(by.len());
        parts.entry((row.owner, keys)).or_default().participants = row.participants;
    }
    let parts = parts.into_iter().filter(|(_, measures)| !measures.is_zero());
    Ok(parts.map(|((owner, keys), measures)| ScanRow { owner, keys, measures }).collect())
}

/// A tally as one for each state, or whole.
fn split(tally: Tally, by_state: bool) -> Vec<(Option<String>, Tally)> {
    if !by_state {
        return vec![(None, tally)];
    }
    let none = Tally::default();
    let t = tally;
    let parts = [
        (
            InitiativeState::Submitted,
            Tally { pending: t.pending, claimed_pending: t.claimed_pending, opaque_pending: t.opaque_pending, ..none },
        ),
        (
            InitiativeState::Returned,
            Tally {
                returned: t.returned,
                claimed_returned: t.claimed_returned,
                opaque_returned: t.opaque_returned,
                ..none
            },
        ),
        (
            InitiativeState::Approved,
            Tally {
                approved: t.approved,
                claimed_approved: t.claimed_approved,
                verified: t.verified,
                opaque_approved: t.opaque_approved,
                ..none
            },
        ),
        (InitiativeState::Rejected, Tally { rejected: t.rejected, ..none }),
        (InitiativeState::Revoked, Tally { revoked: t.revoked, ..none }),
    ];
    parts.into_iter().filter(|(_, part)| !part.is_zero()).map(|(state, part)| (Some(state.to_value()), part)).collect()
}

fn tallies(tx: &Tx, programme: i64, slice: &ResolvedSlice, units: &[i64], by: &[Dimension]) -> Sql {
    let mut sql = tx.sql("");
    let programme = sql.bind(programme);
    let columns = Tally::COLUMNS.join(", ");
    let own = |table: &str, more: &str| {
        format!("SELECT unit_id, phase_id, group_id, {columns} FROM {table} WHERE programme_id = {programme}{more}")
    };
    let mut records = own("rollup_own", "");
    if tx.dialect.queues_deltas() {
        records = format!("{records} UNION ALL {}", own("rollup_delta", " AND account_id IS NULL"));
    }
    let keys = keys(by, |dimension| match dimension {
        // Split afterwards: a tally holds every state.
        Dimension::State => "NULL".to_owned(),
        other => key_sql(other, "w"),
    });
    let wanted = conditions(&mut sql, slice, units);
    sql.push(&format!(
        "SELECT c.ancestor_id AS owner, {}, {} FROM unit_closure c JOIN unit d ON d.id = c.descendant_id \
         JOIN ({records}) w ON w.unit_id = d.id{} WHERE {wanted} GROUP BY c.ancestor_id{}",
        keys.columns,
        sums("w"),
        child_join(by),
        keys.grouping
    ));
    sql
}

fn persons(tx: &Tx, programme: i64, slice: &ResolvedSlice, units: &[i64], by: &[Dimension]) -> Sql {
    let mut sql = tx.sql("");
    let programme = sql.bind(programme);
    let keys = keys(by, |dimension| match dimension {
        Dimension::State => "i.state".to_owned(),
        other => key_sql(other, "w"),
    });
    let states = if by.contains(&Dimension::State) { " JOIN initiative i ON i.id = w.initiative_id" } else { "" };
    let wanted = conditions(&mut sql, slice, units);
    sql.push(&format!(
        "SELECT c.ancestor_id AS owner, {}, COUNT(DISTINCT w.account_id) AS participants FROM unit_closure c \
         JOIN unit d ON d.id = c.descendant_id JOIN participant w ON w.unit_id = d.id{states}{} \
         WHERE w.counted_to IS NULL AND w.programme_id = {programme} AND {wanted} GROUP BY c.ancestor_id{}",
        keys.columns,
        child_join(by),
        keys.grouping
    ));
    sql
}

struct Keys {
    columns: String,
    grouping: String,
}

fn keys(by: &[Dimension], expression: impl Fn(Dimension) -> String) -> Keys {
    let mut columns = Vec::new();
    let mut grouping = String::new();
    for i in 0..2 {
        let sql = by.get(i).map_or_else(|| "NULL".to_owned(), |dimension| expression(*dimension));
        if sql != "NULL" {
            grouping += &format!(", {sql}");
        }
        columns.push(format!("CAST({sql} AS TEXT) AS k{i}"));
    }
    Keys { columns: columns.join(", "), grouping }
}

fn key_sql(dimension: Dimension, row: &str) -> String {
    match dimension {
        Dimension::Child => "ch.ancestor_id".to_owned(),
        Dimension::Level => level_case(),
        Dimension::Kind => "d.kind".to_owned(),
        Dimension::Phase => format!("{row}.phase_id"),
        Dimension::Group => format!("{row}.group_id"),
        Dimension::Bloc => "d.bloc".to_owned(),
        Dimension::Sector => "d.sector".to_owned(),
        Dimension::State => "NULL".to_owned(),
    }
}

/// Levels are data: a case for each kind.
fn level_case() -> String {
    let cases = UnitKind::iter().map(|kind| format!("WHEN '{}' THEN {} ", kind.to_value(), unit::rule(kind).level));
    format!("(CASE d.kind {}END)", cases.collect::<String>())
}

/// The direct unit that leads from the owner to the record's unit: the ancestor one step nearer. None for the owner itself.
fn child_join(by: &[Dimension]) -> &'static str {
    if by.contains(&Dimension::Child) {
        " LEFT JOIN unit_closure ch ON ch.descendant_id = d.id AND ch.distance = c.distance - 1"
    } else {
        ""
    }
}

fn conditions(sql: &mut Sql, slice: &ResolvedSlice, units: &[i64]) -> String {
    let mut conditions = vec![sql.any_id("c.ancestor_id", units)];
    if let Some(phases) = &slice.phases {
        conditions.push(sql.any_id("w.phase_id", phases));
    }
    if let Some(groups) = &slice.groups {
        conditions.push(sql.any_id("w.group_id", groups));
    }
    if let Some(blocs) = &slice.blocs {
        conditions.push(sql.any_text("d.bloc", blocs));
    }
    if let Some(kinds) = &slice.kinds {
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        conditions.push(sql.any_text("d.kind", &kinds));
    }
    conditions.join(" AND ")
}
