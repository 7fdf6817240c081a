//! When a target was reached.

use std::collections::{BTreeMap, HashMap};

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
use crate::initiative::MOST_AUTHORS;
use crate::store::{Sql, Tx, lean_row};

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
/// for the units of which everything is read, up to four for each that has history.
async fn reached_at(
    tx: &Tx,
    programme: i64,
    view: &View,
    goals: &[(i64, i64)],
    of: Measure,
) -> Result<HashMap<i64, i64>> {
    let states = states(of);
    let columns: Vec<&str> = match &states {
        Some(states) => states.iter().map(|state| column(*state)).collect(),
        None => vec!["participants"],
    };
    let most = if states.is_some() { 1 } else { MOST_AUTHORS };
    let stretches = history::stretches(tx, programme, view, &columns, most, goals).await?;
    let (mut narrow, mut wide): (Vec<Stretch>, Vec<Stretch>) = (Vec::new(), Vec::new());
    for stretch in stretches {
        let is_narrow = stretch.from > i64::MIN && (states.is_some() || is_short(tx, &stretch).await?);
        if is_narrow { &mut narrow } else { &mut wide }.push(stretch);
    }
    let goals: Vec<(i64, i64)> = wide.iter().map(|stretch| (stretch.unit, stretch.goal)).collect();
    let Some(states) = states else {
        let mut found = persons_reached(tx, programme, view, &goals).await?;
        for stretch in narrow {
            let at = persons_reached_in(tx, programme, view, &stretch).await?;
            found.extend(at.map(|at| (stretch.unit, at)));
        }
        return Ok(found);
    };
    let mut found = count_reached(tx, programme, view, &goals, &states, None).await?;
    for stretch in narrow {
        let view = View { as_of: Some(stretch.to), ..view.clone() };
        let goals = [(stretch.unit, stretch.goal - stretch.count)];
        found.extend(count_reached(tx, programme, &view, &goals, &states, Some(stretch.from)).await?);
    }
    Ok(found)
}

/// Whether so little happened in the stretch that those who came or went are looked for one by one. One statement.
async fn is_short(tx: &Tx, stretch: &Stretch) -> Result<bool> {
    let mut sql = tx.sql("SELECT COUNT(*) AS id FROM (SELECT 1 FROM initiative_event e WHERE ");
    let (from, to) = (sql.bind(stretch.from), sql.bind(stretch.to));
    sql.push(&format!("e.at >= {from} AND e.at < {to} LIMIT {}) e", SHORT + 1));
    Ok(tx.ids(sql).await?.pop().unwrap_or(0) <= SHORT)
}

/// Events of a short stretch.
const SHORT: i64 = 40_000;

/// As everybody's records before the view's instant have it.
async fn persons_reached(tx: &Tx, programme: i64, view: &View, goals: &[(i64, i64)]) -> Result<HashMap<i64, i64>> {
    let mut sql = tx.sql("");
    let units: Vec<i64> = goals.iter().map(|(unit, _)| *unit).collect();
    let steps = persons(&mut sql, programme, view, &units);
    first(tx, sql, &steps, goals).await
}

lean_row!(
    /// When somebody counts for one initiative, half-open.
    Period {
        account_id: i64,
        counted_from: i64,
        counted_to: Option<i64>,
    }
);

/// As the records of those have it who came or went in the stretch; one statement.
async fn persons_reached_in(tx: &Tx, programme: i64, view: &View, stretch: &Stretch) -> Result<Option<i64>> {
    let mut sql = tx.sql("");
    let (programme, from, to) = (sql.bind(programme), sql.bind(stretch.from), sql.bind(stretch.to));
    let touched = tx.dialect.beside("participant", "p", "p.initiative_id = e.initiative_id");
    let rows = tx.dialect.beside("participant", "w", "w.account_id = t.account_id");
    let initiatives = tx.dialect.beside("initiative", "i", "i.id = w.initiative_id");
    let paths = path::paths(&mut sql, view.lens);
    let above = tx.dialect.beside(&paths, "c", "c.descendant_id = w.unit_id");
    let holds = path::holds(view, "c", "i.submitted_at");
    let wanted = conditions(&mut sql, view, &[stretch.unit]);
    sql.push(&format!(
        "WITH t AS MATERIALIZED (SELECT DISTINCT p.account_id FROM initiative_event e{touched} WHERE e.programme_id = {programme} \
         AND e.at >= {from} AND e.at < {to} AND e.action IN ('SUBMIT', 'WITHDRAW')) \
         SELECT w.account_id, w.counted_from, w.counted_to FROM t{rows}{initiatives}{above} JOIN unit d ON d.id = c.seat_id \
         WHERE {wanted} AND w.programme_id = {programme} AND w.counted_from < {to}{holds} ORDER BY w.account_id"
    ));
    let rows: Vec<Period> = tx.lean(sql).await?;
    let of_each = rows.chunk_by(|one, next| one.account_id == next.account_id);
    let periods = of_each.map(|rows| rows.iter().map(|row| (row.counted_from, row.counted_to)).collect::<Vec<_>>());
    let steps = periods.flat_map(|periods| history::turns(&periods));
    Ok(reaches(steps.filter(|(at, _)| (stretch.from..stretch.to).contains(at)), stretch.count, stretch.goal))
}

/// Pure: the first instant at which what began with `count` and goes by these steps is at least `goal`; the steps of an instant
/// together.
fn reaches(steps: impl Iterator<Item = (i64, i64)>, mut count: i64, goal: i64) -> Option<i64> {
    let mut at_each: BTreeMap<i64, i64> = BTreeMap::new();
    steps.for_each(|(at, step)| *at_each.entry(at).or_default() += step);
    at_each.into_iter().find_map(|(at, step)| {
        count += step;
        (count >= goal).then_some(at)
    })
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
    let initiatives = if holds.is_empty() { "" } else { " JOIN initiative i ON i.id = w.initiative_id" };
    let wanted = conditions(sql, view, units);
    let side = |column: &str, n: &str| {
        format!(
            "SELECT c.ancestor_id AS owner, w.account_id, w.{column} AS at, {n} AS n FROM {paths} c \
             JOIN unit d ON d.id = c.seat_id JOIN participant w ON w.unit_id = c.descendant_id{initiatives} \
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

#[cfg(test)]
mod tests {
    use super::reaches;

    #[test]
    fn a_goal_is_reached_when_an_instant_is_over() {
        let at = |count, goal| reaches([(3, 1), (1, 1), (3, 1), (2, -1), (4, 1)].into_iter(), count, goal);
        assert_eq!(at(0, 1), Some(1));
        assert_eq!(at(0, 2), Some(3));
        assert_eq!(at(5, 8), Some(4));
        assert_eq!(at(5, 9), None);
    }
}
