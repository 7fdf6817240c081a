//! Distinct persons below units, told apart one by one, for what no cell counts.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::below::Below;
use super::dimension::Dimension;
use super::history;
use super::parts::Key;
use super::path::Sent;
use super::scan::{child_join, key_sql, keys};
use super::sent::sent;
use super::view::{Lens, View};
use crate::error::Result;
use crate::programme::ResolvedSlice;
use crate::store::{Sql, Tx};

#[derive(FromQueryResult)]
struct PersonsRow {
    owner: i64,
    k0: Option<String>,
    k1: Option<String>,
    participants: i64,
}

/// The distinct persons of every part that has some, by owner and keys; up to four statements.
pub(super) async fn participants(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: &[Dimension],
) -> Result<HashMap<Key, i64>> {
    let period = match by {
        [] => Some(None),
        [dimension] => dimension.period().map(Some),
        _ => None,
    };
    let kept = match period {
        Some(period) => history::participants_by_day(tx, programme, view, units, period).await?,
        None => None,
    };
    let Some((owner, kept)) = kept else { return one_by_one(tx, programme, view, units, by).await };
    let others: Vec<i64> = units.iter().copied().filter(|unit| *unit != owner).collect();
    let mut found = match others.as_slice() {
        [] => HashMap::new(),
        others => one_by_one(tx, programme, view, others, by).await?,
    };
    found.extend(
        kept.into_iter().map(|row| ((owner, by.iter().map(|_| Some(row.number.to_string())).collect()), row.persons)),
    );
    Ok(found)
}

/// Persons told apart below the units; one statement, through the tree as reported two.
async fn one_by_one(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: &[Dimension],
) -> Result<HashMap<Key, i64>> {
    tx.begin_sweep().await?;
    let sent = match view.lens {
        // Nobody takes part where nothing was ever sent in.
        Lens::Reported => match sent(tx, programme, &ResolvedSlice::default()).await? {
            None => return Ok(HashMap::new()),
            sent => sent,
        },
        Lens::Current | Lens::At(_) => None,
    };
    let rows = tx.all::<PersonsRow>(persons(tx, programme, view, units, by, sent)).await?;
    let part = |row: PersonsRow| {
        let mut keys = vec![row.k0, row.k1];
        keys.truncate(by.len());
        ((row.owner, keys), row.participants)
    };
    Ok(rows.into_iter().map(part).collect())
}

/// `sent`: between which instants the programme's initiatives were first sent in, the second left out, where it matters.
fn persons(tx: &Tx, programme: i64, view: &View, units: &[i64], by: &[Dimension], sent: Option<(i64, i64)>) -> Sql {
    let mut sql = tx.sql("");
    let programme = sql.bind(programme);
    let keys = keys(by, |dimension| match dimension {
        Dimension::State => "w.state".to_owned(),
        other => key_sql(tx, view, other, "w"),
    });
    let counted = match view.as_of.map(|at| sql.bind(at)) {
        None => "p.counted_to IS NULL".to_owned(),
        Some(at) => format!("p.counted_from < {at} AND (p.counted_to IS NULL OR p.counted_to >= {at})"),
    };
    let state = match (by.contains(&Dimension::State), view.as_of.map(|at| sql.bind(at))) {
        (false, _) => "NULL".to_owned(),
        (true, None) => "i.state".to_owned(),
        (true, Some(at)) => format!(
            "(SELECT e.to_state FROM initiative_event e WHERE e.initiative_id = p.initiative_id AND e.at < {at} \
             ORDER BY e.seq DESC LIMIT 1)"
        ),
    };
    // What an initiative says is read where each of them is asked for it; and else of those alone whose unit has moved meanwhile.
    let dated = view.slice.during.is_some() || by.iter().any(|dimension| dimension.period().is_some());
    let beside = dated || (view.as_of.is_none() && by.contains(&Dimension::State));
    let initiatives = if beside { " JOIN initiative i ON i.id = p.initiative_id" } else { "" };
    let sent_in = if dated { "i.submitted_at" } else { "CAST(NULL AS BIGINT)" };
    let table = format!(
        "(SELECT p.initiative_id, p.unit_id, p.phase_id, p.group_id, p.account_id, {sent_in} AS submitted_at, {state} AS state \
         FROM participant p{initiatives} WHERE p.programme_id = {programme} AND {counted})"
    );
    let of_each = match sent.filter(|_| !dated) {
        Some((first, after)) => {
            let own = "(SELECT i.submitted_at FROM initiative i WHERE i.id = w.initiative_id)".to_owned();
            Sent::Between(sql.bind(first), sql.bind(after), own)
        }
        None => Sent::Told("w.submitted_at".to_owned()),
    };
    let below = Below::sent(&mut sql, view, units, &table, &of_each);
    let child = child_join(&mut sql, view, by, &of_each);
    // Told apart first and counted then: a database counts different ones by sorting all.
    sql.push(&format!(
        "SELECT x.owner, CAST(x.k0 AS TEXT) AS k0, CAST(x.k1 AS TEXT) AS k1, COUNT(*) AS participants FROM (\
         SELECT DISTINCT c.ancestor_id AS owner, {}, w.account_id FROM {}{child} WHERE {}) x GROUP BY x.owner, x.k0, x.k1",
        keys.raw, below.from, below.wanted
    ));
    sql
}
