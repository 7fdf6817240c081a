//! What happened when: events by their own local day, week or month.

use std::collections::{BTreeMap, HashMap};

use entity::enums::{Action, InitiativeState};
use sea_orm::{ActiveEnum, FromQueryResult};

use super::below::Below;
use super::calendar::Period;
use super::history;
use super::view::View;
use crate::clock::local_day;
use crate::error::Result;
use crate::programme::Days;
use crate::store::Tx;

/// The events of one period: how many initiatives were first sent in, approved, and so on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    pub submitted: i64,
    pub approved: i64,
    pub rejected: i64,
    pub returned: i64,
    pub withdrawn: i64,
    pub revoked: i64,
}

#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    day: i64,
    action: Action,
    n: i64,
}

/// The condition that an event counts as what happened in its period. Sent in again is no submission.
pub(super) fn counted(e: &str) -> String {
    let (submit, draft) = (Action::Submit.to_value(), InitiativeState::Draft.to_value());
    format!("{e}.to_state <> {e}.from_state AND ({e}.action <> '{submit}' OR {e}.from_state = '{draft}')")
}

/// For each unit every period from the first to the last, with its value; up to three statements.
pub async fn activity(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: Period,
    days: Option<Days>,
) -> Result<HashMap<i64, Vec<(String, Activity)>>> {
    tx.begin_sweep().await?;
    let days = days.unwrap_or_default();
    days.check("during")?;
    let (from, to) = days.instants(view.zone);
    let (mut rows, mut others) = (Vec::new(), units.to_vec());
    if let Some((owner, kept)) = history::events_by_day(tx, programme, view, units, (from, to)).await? {
        others.retain(|unit| *unit != owner);
        rows.extend(kept.into_iter().map(|row| Row { owner, day: row.day, action: row.action, n: row.events }));
    }
    if !others.is_empty() {
        rows.append(&mut scanned(tx, programme, view, &others, (from, to)).await?);
    }
    let mut found: HashMap<i64, BTreeMap<i64, Activity>> = units.iter().map(|unit| (*unit, BTreeMap::new())).collect();
    for row in rows {
        let Some(period) = by.of_day(row.day) else { continue };
        let activity = found.entry(row.owner).or_default().entry(period).or_default();
        match row.action {
            Action::Submit => activity.submitted += row.n,
            Action::Approve => activity.approved += row.n,
            Action::Reject => activity.rejected += row.n,
            Action::Return => activity.returned += row.n,
            Action::Withdraw => activity.withdrawn += row.n,
            Action::Revoke => activity.revoked += row.n,
            _ => {}
        }
    }
    let number = |at: i64| by.number(local_day(view.zone, at));
    let mut filled = HashMap::with_capacity(found.len());
    for (unit, found) in found {
        let first = days.from.map(|_| number(from)).or(found.keys().next().copied());
        let last = days.to.map(|_| number(to - 1)).or(found.keys().next_back().copied());
        let all = match (first, last) {
            (Some(first), Some(last)) => by.all(first, last)?.collect::<Vec<i64>>(),
            _ => Vec::new(),
        };
        let part = |period: i64| (by.value(period), found.get(&period).copied().unwrap_or_default());
        filled.insert(unit, all.into_iter().map(part).collect());
    }
    Ok(filled)
}

/// How much happened of what below each unit, day by day, from the events; one statement.
async fn scanned(tx: &Tx, programme: i64, view: &View, units: &[i64], (from, to): (i64, i64)) -> Result<Vec<Row>> {
    let mut sql = tx.sql("");
    let within = format!("w.at >= {} AND w.at < {}", sql.bind(from), sql.bind(to));
    let events = Below::events(&mut sql, programme, view, units);
    let day = Period::Day.sql(tx.dialect, view.zone, "w.at");
    let counted = counted("w");
    sql.push(&format!(
        "SELECT c.ancestor_id AS owner, {day} AS day, w.action, COUNT(*) AS n FROM {} WHERE {} AND {within} \
         AND {counted} \
         GROUP BY c.ancestor_id, {day}, w.action",
        events.from, events.wanted
    ));
    tx.all(sql).await
}
