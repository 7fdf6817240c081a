//! When a target was reached.

use std::collections::HashMap;

use entity::enums::{InitiativeState, TargetKind};
use sea_orm::FromQueryResult;

use super::below::Below;
use super::changes::count_in;
use super::history::{self, Stretch};
use super::measures::Measure;
use super::over::{check_count, target_values};
use super::path;
use super::scan::{conditions, during};
use super::view::View;
use crate::error::Result;
use crate::store::{Sql, Tx};

#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    at: i64,
}

/// When each unit's count reached the target that is in force at the view's instant; later falls do not undo it.
pub async fn target_reached(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    of: Measure,
    kind: Option<TargetKind>,
) -> Result<HashMap<i64, i64>> {
    check_count(of)?;
    let targets = target_values(tx, programme, view, units).await?;
    let goal = |unit: &i64| targets.get(unit)?.choose(kind).map(|(_, value)| (*unit, i64::from(value)));
    let goals: Vec<(i64, i64)> = units.iter().filter_map(goal).collect();
    reached_at(tx, programme, view, &goals, of).await
}

/// The first instant, before the view's, at which each unit's count was at least so much; none where it never was. One statement
/// for the units of which all events are read, up to three for each that has history.
async fn reached_at(
    tx: &Tx,
    programme: i64,
    view: &View,
    goals: &[(i64, i64)],
    of: Measure,
) -> Result<HashMap<i64, i64>> {
    let Some(states) = states(of) else {
        let mut sql = tx.sql("");
        let units: Vec<i64> = goals.iter().map(|(unit, _)| *unit).collect();
        let steps = persons(&mut sql, programme, view, &units);
        return first(tx, sql, &steps, goals).await;
    };
    let columns: Vec<&str> = states.iter().map(|state| column(*state)).collect();
    let stretches = history::stretches(tx, programme, view, &columns, goals).await?;
    let (narrow, wide): (Vec<Stretch>, Vec<Stretch>) = stretches.into_iter().partition(|one| one.from > i64::MIN);
    let goals: Vec<(i64, i64)> = wide.iter().map(|stretch| (stretch.unit, stretch.goal)).collect();
    let mut found = count_reached(tx, programme, view, &goals, &states, None).await?;
    for stretch in narrow {
        let view = View { as_of: Some(stretch.to), ..view.clone() };
        let goals = [(stretch.unit, stretch.goal - stretch.count)];
        found.extend(count_reached(tx, programme, &view, &goals, &states, Some(stretch.from)).await?);
    }
    Ok(found)
}

/// As the events before the view's instant have it, from another one on.
async fn count_reached(
    tx: &Tx,
    programme: i64,
    view: &View,
    goals: &[(i64, i64)],
    states: &[InitiativeState],
    from: Option<i64>,
) -> Result<HashMap<i64, i64>> {
    let mut sql = tx.sql("");
    let units: Vec<i64> = goals.iter().map(|(unit, _)| *unit).collect();
    let mut steps = counts(&mut sql, programme, view, &units, states);
    if let Some(from) = from.map(|from| sql.bind(from)) {
        steps += &format!(" AND w.at >= {from}");
    }
    first(tx, sql, &steps, goals).await
}

/// Of steps (owner, at, n) the first instant at which each owner's sum was at least so much.
async fn first(tx: &Tx, mut sql: Sql, steps: &str, goals: &[(i64, i64)]) -> Result<HashMap<i64, i64>> {
    if goals.is_empty() {
        return Ok(HashMap::new());
    }
    // Everything of one instant together; then what had come up to each.
    let goal: String = goals.iter().map(|(unit, goal)| format!("WHEN {unit} THEN {goal} ")).collect();
    sql.push(&format!(
        "SELECT r.owner, MIN(r.at) AS at FROM (SELECT s.owner, s.at, SUM(s.n) OVER (PARTITION BY s.owner ORDER BY s.at) AS n \
         FROM (SELECT owner, at, SUM(n) AS n FROM ({steps}) e GROUP BY owner, at) s) r \
         WHERE r.n >= CASE r.owner {goal}END GROUP BY r.owner"
    ));
    Ok(tx.all::<Row>(sql).await?.into_iter().map(|row| (row.owner, row.at)).collect())
}

/// The tally's column that counts a state.
fn column(state: InitiativeState) -> &'static str {
    match state {
        InitiativeState::Submitted => "pending",
        InitiativeState::Returned => "returned",
        InitiativeState::Approved => "approved",
        InitiativeState::Rejected => "rejected",
        // Drafts and withdrawn ones are counted nowhere.
        InitiativeState::Revoked | InitiativeState::Draft | InitiativeState::Withdrawn => "revoked",
    }
}

/// The states that a count counts; none for persons.
fn states(of: Measure) -> Option<Vec<InitiativeState>> {
    use InitiativeState::{Approved, Rejected, Returned, Revoked, Submitted};
    match of {
        Measure::Submitted => Some(vec![Submitted, Returned, Approved, Rejected, Revoked]),
        Measure::Pending => Some(vec![Submitted]),
        Measure::Returned => Some(vec![Returned]),
        Measure::Approved | Measure::Completion => Some(vec![Approved]),
        Measure::Rejected => Some(vec![Rejected]),
        Measure::Revoked => Some(vec![Revoked]),
        Measure::Participants | Measure::ClaimedBenefit | Measure::VerifiedBenefit => None,
    }
}

/// Each event with what it changes of the count.
fn counts(sql: &mut Sql, programme: i64, view: &View, units: &[i64], states: &[InitiativeState]) -> String {
    let events = Below::events(sql, programme, view, units);
    let change = count_in("w", states);
    format!("SELECT c.ancestor_id AS owner, w.at, {change} AS n FROM {} WHERE {}", events.from, events.wanted)
}

/// Each instant at which a person begins or ceases to count: the first of his initiatives there, and the last to go.
fn persons(sql: &mut Sql, programme: i64, view: &View, units: &[i64]) -> String {
    let programme = sql.bind(programme);
    let before =
        |column: &str, at: &Option<String>| at.as_ref().map_or(String::new(), |at| format!(" AND {column} < {at}"));
    let as_of = view.as_of.map(|at| sql.bind(at));
    let paths = path::paths(sql, view.lens);
    let holds = format!("{}{}", path::holds(view, "c", "i.submitted_at"), during(sql, view, "i.submitted_at"));
    let wanted = conditions(sql, &view.slice, units);
    let side = |column: &str, n: &str| {
        format!(
            "SELECT c.ancestor_id AS owner, w.account_id, w.{column} AS at, {n} AS n FROM {paths} c \
             JOIN unit d ON d.id = c.seat_id JOIN participant w ON w.unit_id = c.descendant_id \
             JOIN initiative i ON i.id = w.initiative_id \
             WHERE {wanted} AND w.programme_id = {programme}{holds} AND w.{column} IS NOT NULL{}",
            before(&format!("w.{column}"), &as_of)
        )
    };
    let sides = format!("{} UNION ALL {}", side("counted_from", "1"), side("counted_to", "-1"));
    format!(
        "SELECT owner, at, (CASE WHEN total > 0 THEN 1 ELSE 0 END) - (CASE WHEN total - n > 0 THEN 1 ELSE 0 END) AS n FROM (\
         SELECT owner, account_id, at, n, SUM(n) OVER (PARTITION BY owner, account_id ORDER BY at) AS total FROM (\
         SELECT owner, account_id, at, SUM(n) AS n FROM ({sides}) b GROUP BY owner, account_id, at) q) t"
    )
}
