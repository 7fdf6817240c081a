//! Reading what stands below units, grouped as asked, for what no stored cell answers: own records for the present, initiatives
//! where it goes by the time of first submission or the tree as reported, events for the past.

use std::collections::HashMap;

use entity::enums::{InitiativeState, UnitKind};
use sea_orm::{ActiveEnum, FromQueryResult, Iterable};

use super::below::Below;
use super::changes;
use super::dimension::Dimension;
use super::history::{self, By};
use super::measures::{Measures, sums};
use super::path::{self, Sent};
use super::persons::participants;
use super::records::{SUMS, StateSums, records};
use super::view::{Lens, View};
use crate::error::Result;
use crate::ledger::Tally;
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
struct StateRow {
    owner: i64,
    k0: Option<String>,
    k1: Option<String>,
    #[sea_orm(nested)]
    sums: StateSums,
}

/// Every part that has something, for each unit; two statements, where kept days answer for one of the units some more. Where no
/// `persons` are asked for, these are 0.
pub(super) async fn read(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: &[Dimension],
    persons: bool,
) -> Result<Vec<ScanRow>> {
    tx.begin_sweep().await?;
    let mut parts: HashMap<(i64, Vec<Option<String>>), Measures> = HashMap::new();
    for row in tallies(tx, programme, view, units, by).await? {
        let keys = [row.k0, row.k1];
        for (state, tally) in split(row.tally, by.contains(&Dimension::State)) {
            let keys = by.iter().zip(&keys).map(|(dimension, key)| match dimension {
                Dimension::State => state.clone(),
                dimension => in_period(*dimension, key),
            });
            let part = parts.entry((row.owner, keys.collect())).or_default();
            part.tally = part.tally.plus(tally).ok_or_else(crate::ledger::out_of_range)?;
        }
    }
    let counted = if persons { participants(tx, programme, view, units, by).await? } else { HashMap::new() };
    for (key, participants) in counted {
        parts.entry(key).or_default().participants = participants;
    }
    let parts = parts.into_iter().filter(|(_, measures)| !measures.is_zero());
    Ok(parts.map(|((owner, keys), measures)| ScanRow { owner, keys, measures }).collect())
}

/// A tally as one for each state, or whole.
pub(super) fn split(tally: Tally, by_state: bool) -> Vec<(Option<String>, Tally)> {
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

/// The key of a part: what was added up by days belongs to the period that the day lies in.
fn in_period(dimension: Dimension, key: &Option<String>) -> Option<String> {
    let Some(period) = dimension.period() else { return key.clone() };
    key.as_ref()?.parse().ok().and_then(|day| period.of_day(day)).map(|number| number.to_string())
}

/// What the kept days of the whole programme tell, and of which of the units; none where they do not.
async fn from_days(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: &[Dimension],
) -> Result<Option<(i64, Vec<TallyRow>)>> {
    use Dimension::{Group, Phase, State};
    let dated = by.iter().any(|dimension| dimension.period().is_some());
    let known = |dimension: &Dimension| matches!(dimension, Phase | Group | State) || dimension.period().is_some();
    let twice = by.iter().filter(|dimension| dimension.period().is_some()).count() > 1;
    if !by.iter().all(known) || twice || !(dated || view.slice.during.is_some()) {
        return Ok(None);
    }
    let apart = By { day: dated, phase: by.contains(&Phase), group: by.contains(&Group) };
    let Some((owner, sums)) = history::tallies_by_day(tx, programme, view, units, apart).await? else {
        return Ok(None);
    };
    let row = |sum: history::DaySum| {
        let key = |dimension: &Dimension| match dimension {
            Phase => Some(sum.phase_id.to_string()),
            Group => Some(sum.group_id.to_string()),
            State => None,
            _ => Some(sum.day.to_string()),
        };
        TallyRow { owner, k0: by.first().and_then(key), k1: by.get(1).and_then(key), tally: sum.tally }
    };
    Ok(Some((owner, sums.into_iter().map(row).collect())))
}

/// Sums by the dimensions, periods by their days: these are soon told, and add up to longer ones. Up to three statements.
async fn tallies(tx: &Tx, programme: i64, view: &View, units: &[i64], by: &[Dimension]) -> Result<Vec<TallyRow>> {
    let Some((owner, mut rows)) = from_days(tx, programme, view, units, by).await? else {
        return added_up(tx, programme, view, units, by).await;
    };
    let others: Vec<i64> = units.iter().copied().filter(|unit| *unit != owner).collect();
    if !others.is_empty() {
        rows.append(&mut added_up(tx, programme, view, &others, by).await?);
    }
    Ok(rows)
}

/// What stands below the units, added up; one statement.
async fn added_up(tx: &Tx, programme: i64, view: &View, units: &[i64], by: &[Dimension]) -> Result<Vec<TallyRow>> {
    let mut sql = tx.sql("");
    let keys = keys(by, |dimension| match dimension {
        // Split afterwards: a tally holds every state.
        Dimension::State => "NULL".to_owned(),
        dimension if dimension.period().is_some() => key_sql(tx, view, Dimension::Day, "w"),
        other => key_sql(tx, view, other, "w"),
    });
    if view.as_of.is_some() {
        // What the events before the instant changed adds up to what counted then.
        let events = Below::events(&mut sql, programme, view, units);
        let child = child_join(&mut sql, view, by, &Sent::Told("w.submitted_at".to_owned()));
        sql.push(&format!(
            "SELECT c.ancestor_id AS owner, {}, {} FROM {}{child} WHERE {} GROUP BY c.ancestor_id{}",
            keys.columns,
            changes::sums(tx.dialect, "w"),
            events.from,
            events.wanted,
            keys.grouping
        ));
        return tx.all(sql).await;
    }
    let programme = sql.bind(programme);
    // Where it does not matter when something was first sent in, own records tell it through any tree.
    let dated = view.lens == Lens::Reported
        || view.slice.during.is_some()
        || by.iter().any(|dimension| dimension.period().is_some());
    let (from, sums, by_state) = match dated {
        true => (records(&programme, ""), SUMS.to_owned(), ", w.state"),
        false => (own_records(tx, &programme), sums(tx.dialect, "w"), ""),
    };
    let below = Below::rows(&mut sql, view, units, &from);
    let child = child_join(&mut sql, view, by, &Sent::Told("w.submitted_at".to_owned()));
    sql.push(&format!(
        "SELECT c.ancestor_id AS owner, {}, {sums} FROM {}{child} WHERE {} GROUP BY c.ancestor_id{}{by_state}",
        keys.columns, below.from, below.wanted, keys.grouping
    ));
    if !dated {
        return tx.all(sql).await;
    }
    let tally = |row: StateRow| TallyRow { owner: row.owner, k0: row.k0, k1: row.k1, tally: row.sums.tally() };
    Ok(tx.all::<StateRow>(sql).await?.into_iter().map(tally).collect())
}

/// Own records as they are stored, with what is queued.
fn own_records(tx: &Tx, programme: &str) -> String {
    let columns = Tally::COLUMNS.join(", ");
    let own = |table: &str, more: &str| {
        format!("SELECT unit_id, phase_id, group_id, {columns} FROM {table} WHERE programme_id = {programme}{more}")
    };
    if tx.dialect.queues_deltas() {
        format!("({} UNION ALL {})", own("rollup_own", ""), own("rollup_delta", " AND account_id IS NULL"))
    } else {
        format!("({})", own("rollup_own", ""))
    }
}

/// The condition that an initiative was first submitted in the period; begins with `AND`.
pub(super) fn during(sql: &mut Sql, view: &View, submitted_at: &str) -> String {
    let Some((from, to)) = view.slice.during else { return String::new() };
    format!(" AND {submitted_at} >= {} AND {submitted_at} < {}", sql.bind(from), sql.bind(to))
}

pub(super) struct Keys {
    pub columns: String,
    /// The same as they are, not as texts.
    pub raw: String,
    pub grouping: String,
}

pub(super) fn keys(by: &[Dimension], expression: impl Fn(Dimension) -> String) -> Keys {
    let (mut columns, mut raw) = (Vec::new(), Vec::new());
    let mut grouping = String::new();
    for i in 0..2 {
        let sql = by.get(i).map_or_else(|| "NULL".to_owned(), |dimension| expression(*dimension));
        if sql != "NULL" {
            grouping += &format!(", {sql}");
        }
        columns.push(format!("CAST({sql} AS TEXT) AS k{i}"));
        raw.push(format!("{sql} AS k{i}"));
    }
    Keys { columns: columns.join(", "), raw: raw.join(", "), grouping }
}

pub(super) fn key_sql(tx: &Tx, view: &View, dimension: Dimension, row: &str) -> String {
    if let Some(period) = dimension.period() {
        return period.sql(tx.dialect, view.zone, &format!("{row}.submitted_at"));
    }
    match dimension {
        Dimension::Child => "ch.ancestor_id".to_owned(),
        Dimension::Level => level_case(),
        Dimension::Kind => "d.kind".to_owned(),
        Dimension::Phase => format!("{row}.phase_id"),
        Dimension::Group => format!("{row}.group_id"),
        Dimension::Bloc => "d.bloc".to_owned(),
        Dimension::Sector => "d.sector".to_owned(),
        // Elsewhere: a state is of an instant.
        Dimension::State | Dimension::Day | Dimension::Week | Dimension::Month => "NULL".to_owned(),
    }
}

/// Levels are data: a case for each kind.
fn level_case() -> String {
    let cases = UnitKind::iter().map(|kind| format!("WHEN '{}' THEN {} ", kind.to_value(), unit::rule(kind).level));
    format!("(CASE d.kind {}END)", cases.collect::<String>())
}

/// The direct unit that leads from the owner to the record's seat: the ancestor one step nearer. None for the owner itself.
pub(super) fn child_join(sql: &mut Sql, view: &View, by: &[Dimension], sent: &Sent) -> String {
    if !by.contains(&Dimension::Child) {
        return String::new();
    }
    let paths = path::paths(sql, view.lens);
    let holds = path::holds_sent(view, "ch", sent);
    format!(" LEFT JOIN {paths} ch ON ch.descendant_id = c.descendant_id AND ch.distance = c.distance - 1{holds}")
}

/// Conditions on what stands below units as the slice names it: `c`, the row `w`, its unit `d`.
pub(super) fn conditions(sql: &mut Sql, view: &View, units: &[i64]) -> String {
    let slice = &view.slice;
    let mut conditions = vec![sql.any_id("c.ancestor_id", units)];
    if let Some(phases) = &slice.phases {
        conditions.push(sql.any_id("w.phase_id", phases));
    }
    if let Some(groups) = &slice.groups {
        conditions.push(sql.any_id("w.group_id", groups));
    }
    conditions.append(&mut seated(sql, view));
    conditions.join(" AND ")
}

/// Conditions on the unit `d` of what a row of [`path::paths`] leads to, as the slice names blocs and kinds.
pub(super) fn seated(sql: &mut Sql, view: &View) -> Vec<String> {
    let mut conditions = Vec::new();
    // Of other trees than today's SQLite knows no sizes: it would begin with all units of a kind, and read the tree for each.
    let column = |sql: &Sql, column: &str| match view.lens {
        Lens::Current => column.to_owned(),
        _ => sql.dialect.unindexed(column),
    };
    if let Some(blocs) = &view.slice.blocs {
        let bloc = column(sql, "d.bloc");
        conditions.push(sql.any_text(&bloc, blocs));
    }
    if let Some(kinds) = &view.slice.kinds {
        let (kind, kinds) = (column(sql, "d.kind"), kinds.iter().map(|kind| kind.to_value()).collect::<Vec<_>>());
        conditions.push(sql.any_text(&kind, &kinds));
    }
    conditions
}
