//! In which stretch of time a count first reaches a goal, so that only its events need to be read.

use sea_orm::FromQueryResult;

use super::plan::{Way, plan};
use crate::error::Result;
use crate::rollup::view::View;
use crate::store::{Sql, Tx};

/// If the unit's count reached its goal at all, it was first in this stretch, half-open; it began with `count`.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub unit: i64,
    pub goal: i64,
    pub from: i64,
    pub to: i64,
    pub count: i64,
}

#[derive(FromQueryResult)]
struct Before {
    since: i64,
    count: i64,
}

/// A stretch for each goal. `columns` add up to the count, and an event changes it by `most` at most. Units that history does not
/// answer for have the whole time before the view's instant. Up to two statements for each unit that it answers for.
pub async fn stretches(
    tx: &Tx,
    programme: i64,
    view: &View,
    columns: &[&str],
    most: i64,
    goals: &[(i64, i64)],
) -> Result<Vec<Stretch>> {
    let end = view.as_of.unwrap_or(i64::MAX);
    let whole = |(unit, goal): &(i64, i64)| Stretch { unit: *unit, goal: *goal, from: i64::MIN, to: end, count: 0 };
    let cell = match view.slice.during {
        None => view.slice.cell(),
        Some(_) => None,
    };
    let Some(cell) = cell else { return Ok(goals.iter().map(whole).collect()) };
    let units: Vec<i64> = goals.iter().map(|(unit, _)| *unit).collect();
    let plan = plan(tx, view, cell, &units).await?;
    let mut stretches = Vec::with_capacity(goals.len());
    for goal in goals {
        let way = plan.ways.iter().find(|(_, units)| units.contains(&goal.0)).map(|(way, _)| *way);
        stretches.push(match way {
            None => whole(goal),
            Some(way) => narrowed(tx, &Row { programme, cell, way, columns, most }, *goal, end).await?,
        });
    }
    Ok(stretches)
}

/// One cell's rows of history.
struct Row<'a> {
    programme: i64,
    cell: (i64, i64, &'a str),
    way: Way,
    columns: &'a [&'a str],
    /// What an event changes of the count, at most.
    most: i64,
}

impl Row<'_> {
    /// The condition that `h` is one of them; of these the count.
    fn of(&self, sql: &mut Sql, unit: i64) -> (String, String) {
        let (phase, group, bloc) = self.cell;
        let (unit, programme) = (sql.bind(unit), sql.bind(self.programme));
        let (phase, group, bloc) = (sql.bind(phase), sql.bind(group), sql.bind(bloc));
        let reported = if self.way.reported { "TRUE" } else { "FALSE" };
        let rows = format!(
            "h.unit_id = {unit} AND h.reported = {reported} AND h.programme_id = {programme} AND h.phase_id = {phase} \
             AND h.group_id = {group} AND h.bloc = {bloc}"
        );
        (rows, self.columns.iter().map(|column| format!("h.{column}")).collect::<Vec<_>>().join(" + "))
    }
}

async fn narrowed(tx: &Tx, row: &Row<'_>, (unit, goal): (i64, i64), end: i64) -> Result<Stretch> {
    // It was reached before the first row that has reached it.
    let mut sql = tx.sql("");
    let (rows, count) = row.of(&mut sql, unit);
    let (mark, wanted) = (sql.bind(row.way.mark), sql.bind(goal));
    sql.push(&format!(
        "SELECT h.at AS id FROM rollup_history h WHERE {rows} AND h.at <= {mark} AND {count} >= {wanted} ORDER BY h.at LIMIT 1"
    ));
    let reached = tx.ids(sql).await?.pop();
    let to = reached.unwrap_or(end);
    // And not before the first mark from which the events up to the next could have reached it: it may have fallen again.
    let mut sql = tx.sql("");
    let (rows, count) = row.of(&mut sql, unit);
    let (last, wanted) = (sql.bind(reached.unwrap_or(row.way.mark)), sql.bind(goal));
    let (grade, most) = (row.way.grade.number(), row.most);
    sql.push(&format!(
        "SELECT q.since, q.count FROM (SELECT m.at, m.events, LAG(m.at) OVER (ORDER BY m.at) AS since, COALESCE((SELECT {count} \
         FROM rollup_history h WHERE {rows} AND h.at < m.at ORDER BY h.at DESC LIMIT 1), 0) AS count \
         FROM rollup_mark m WHERE m.grade = {grade} AND m.at <= {last}) q \
         WHERE q.since IS NOT NULL AND q.count + q.events * {most} >= {wanted} ORDER BY q.at LIMIT 1"
    ));
    if let Some(before) = tx.one::<Before>(sql).await? {
        return Ok(Stretch { unit, goal, from: before.since, to, count: before.count });
    }
    // Only what came after the last mark is left.
    let mut sql = tx.sql("");
    let (rows, count) = row.of(&mut sql, unit);
    let last = sql.bind(row.way.mark);
    sql.push(&format!(
        "SELECT {count} AS id FROM rollup_history h WHERE {rows} AND h.at <= {last} ORDER BY h.at DESC LIMIT 1"
    ));
    let count = tx.ids(sql).await?.pop().unwrap_or(0);
    Ok(Stretch { unit, goal, from: row.way.mark, to: end, count })
}
