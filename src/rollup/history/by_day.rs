//! Reading what goes by days, of a whole programme: rows up to the latest mark before the view's instant, and the events from there on.

use entity::enums::Action;
use sea_orm::FromQueryResult;

use super::days::GRADE;
use super::persons::counted;
use crate::clock::local_day;
use crate::error::Result;
use crate::ledger::Tally;
use crate::rollup::calendar::Period;
use crate::rollup::measures::sums;
use crate::rollup::view::View;
use crate::rollup::{activity, changes, scan};
use crate::store::{Sql, Tx};

/// By what sums are told apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct By {
    /// The local day of first submission.
    pub day: bool,
    pub phase: bool,
    pub group: bool,
}

/// A sum; 0 where it is not told apart.
#[derive(FromQueryResult)]
pub struct DaySum {
    pub day: i64,
    pub phase_id: i64,
    pub group_id: i64,
    #[sea_orm(nested)]
    pub tally: Tally,
}

#[derive(FromQueryResult)]
pub struct DayEvents {
    pub day: i64,
    pub action: Action,
    pub events: i64,
}

/// For which unit days answer, and up to which mark.
#[derive(FromQueryResult)]
struct Root {
    id: i64,
    /// The latest at or before the view's instant.
    mark: i64,
}

/// So many events since the latest mark are read beside it.
const MOST: i64 = 60_000;

/// The root, where it is among the units, days are kept, and they answer the view. Two statements at most.
async fn root(tx: &Tx, view: &View, units: &[i64]) -> Result<Option<Root>> {
    if view.slice.blocs.is_some() || view.slice.kinds.is_some() {
        return Ok(None);
    }
    let mut sql = tx.sql("");
    let (at, grade) = (sql.bind(view.as_of.unwrap_or(i64::MAX)), GRADE.number());
    let (these, zone) = (sql.any_id("u.id", units), sql.bind(view.zone.name()));
    // Whatever the tree, the root has everything.
    sql.push(&format!(
        "SELECT u.id, (SELECT COALESCE(MAX(m.at), 0) FROM rollup_mark m WHERE m.grade = {grade} AND m.at <= {at}) AS mark \
         FROM rollup_keeper k JOIN unit u ON {these} WHERE k.id = 1 AND k.days_zone = {zone} AND u.parent_id IS NULL \
         AND u.ended_at IS NULL AND k.days_upto = (SELECT MAX(m.at) FROM rollup_mark m WHERE m.grade = {grade})"
    ));
    let Some(root) = tx.one::<Root>(sql).await? else { return Ok(None) };
    if view.as_of.is_some() {
        return Ok(Some(root));
    }
    // Where history lags behind, the present is told by the initiatives as they are for less.
    let mut sql = tx.sql("SELECT COUNT(*) AS id FROM (SELECT 1 FROM initiative_event w WHERE ");
    let mark = sql.bind(root.mark);
    sql.push(&format!("w.at >= {mark} LIMIT {}) e", MOST + 1));
    let since = tx.ids(sql).await?.pop().unwrap_or(0);
    Ok(Some(root).filter(|_| since <= MOST))
}

/// One of the units, with the sums of what counts for it in the view; none where days do not answer it for any. Three statements at most.
pub async fn tallies(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: By,
) -> Result<Option<(i64, Vec<DaySum>)>> {
    let Some(root) = root(tx, view, units).await? else { return Ok(None) };
    let mut sql = tx.sql("");
    let ways = Ways::new(&mut sql, programme, view, root.mark);
    let first_day = Period::Day.sql(tx.dialect, view.zone, "w.submitted_at");
    let (mut kept, mut recent) = (ways.kept.clone(), ways.recent.clone());
    if let Some((from, to)) = view.slice.during {
        kept += &ways.days(&mut sql, view, "d.day", (from, to));
        recent += &scan::during(&mut sql, view, "w.submitted_at");
    }
    let columns = Tally::COLUMNS.map(|column| format!("d.{column}")).join(", ");
    let key = |told: bool, column: &'static str| if told { column } else { "0" };
    let (day, phase, group) = (key(by.day, "x.day"), key(by.phase, "x.phase_id"), key(by.group, "x.group_id"));
    let keys: Vec<&str> = [day, phase, group].into_iter().filter(|key| *key != "0").collect();
    let grouping = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    sql.push(&format!(
        "SELECT CAST({day} AS BIGINT) AS day, CAST({phase} AS BIGINT) AS phase_id, CAST({group} AS BIGINT) AS group_id, {} FROM (\
         SELECT d.day, d.phase_id, d.group_id, {columns} FROM rollup_day d WHERE {kept} UNION ALL \
         SELECT {first_day}, w.phase_id, w.group_id, {} FROM initiative_event w WHERE {recent}) x{grouping}",
        sums(tx.dialect, "x"),
        changes::each("w"),
    ));
    Ok(Some((root.id, tx.all(sql).await?)))
}

/// A number of persons in a period.
#[derive(FromQueryResult)]
pub struct Turned {
    pub number: i64,
    pub persons: i64,
}

/// One of the units, with how many distinct persons count in the view in each period that has some, by the local day of first submission;
/// none where days do not answer it for any: they know whole periods alone. Three statements at most.
pub async fn participants(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: Option<Period>,
) -> Result<Option<(i64, Vec<Turned>)>> {
    let slice = &view.slice;
    let (period, only) = match (by, slice.during) {
        (Some(period), None) => (period, None),
        (None, Some(during)) => match Period::whole(view.zone, during) {
            Some((period, number)) => (period, Some(number)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    if slice.phases.is_some() || slice.groups.is_some() {
        return Ok(None);
    }
    let Some(root) = root(tx, view, units).await? else { return Ok(None) };
    let mut sql = tx.sql("");
    let ways = Ways::new(&mut sql, programme, view, root.mark);
    let Ways { programme, mark, to, kept, recent } = &ways;
    let number = period.sql(tx.dialect, view.zone, "i.submitted_at");
    let only = |sql: &mut Sql, column: &str| match only {
        Some(only) => format!(" AND {column} = {}", sql.bind(only)),
        None => String::new(),
    };
    let (these, others) = (only(&mut sql, "d.number"), only(&mut sql, &number));
    let touched = tx.dialect.beside("participant", "p", "p.initiative_id = w.initiative_id");
    let rows = tx.dialect.beside("participant", "p", "p.account_id = t.account_id");
    let initiatives = tx.dialect.beside("initiative", "i", "i.id = p.initiative_id");
    // Of the persons who came or went since the mark: who counts at the instant, less who counted at the mark.
    sql.push(&format!(
        "WITH t AS MATERIALIZED (SELECT DISTINCT p.account_id FROM initiative_event w{touched} WHERE {recent} \
           AND w.action IN ('SUBMIT', 'WITHDRAW')), \
         r AS (SELECT {number} AS number, p.account_id, MAX({}) AS is_in, MAX({}) AS was_in FROM t{rows}{initiatives} \
           WHERE p.programme_id = {programme} AND p.counted_from < {to}{others} GROUP BY {number}, p.account_id) \
         SELECT x.number, CAST(SUM(x.persons) AS BIGINT) AS persons FROM (\
           SELECT d.number, d.persons FROM rollup_turnout d WHERE {kept} AND d.period = '{}'{these} UNION ALL \
           SELECT r.number, r.is_in - r.was_in FROM r) x GROUP BY x.number HAVING SUM(x.persons) <> 0",
        counted(to),
        counted(mark),
        period.name(),
    ));
    Ok(Some((root.id, tx.all(sql).await?)))
}

/// One of the units, with how much happened of what, by the local day of its event, between two instants that begin days; none where days
/// do not answer it for any. Three statements at most.
pub async fn events(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    (from, to): (i64, i64),
) -> Result<Option<(i64, Vec<DayEvents>)>> {
    if view.slice.during.is_some() {
        return Ok(None);
    }
    let Some(root) = root(tx, view, units).await? else { return Ok(None) };
    let mut sql = tx.sql("");
    let ways = Ways::new(&mut sql, programme, view, root.mark);
    let days = ways.days(&mut sql, view, "d.day", (from, to));
    let within = format!("w.at >= {} AND w.at < {}", sql.bind(from), sql.bind(to));
    let (kept, recent, counted) = (&ways.kept, &ways.recent, activity::counted("w"));
    let then = Period::Day.sql(tx.dialect, view.zone, "w.at");
    sql.push(&format!(
        "SELECT x.day, x.action, CAST(SUM(x.events) AS BIGINT) AS events FROM (\
         SELECT d.day, d.action, d.events FROM rollup_activity d WHERE {kept}{days} UNION ALL \
         SELECT {then}, w.action, 1 FROM initiative_event w WHERE {recent} AND {within} AND {counted}) x GROUP BY x.day, x.action"
    ));
    Ok(Some((root.id, tx.all(sql).await?)))
}

/// Conditions on a kept row `d`, and on an event `w` that no row has yet.
struct Ways {
    /// Placeholders.
    programme: String,
    mark: String,
    /// The view's instant.
    to: String,
    kept: String,
    recent: String,
}

impl Ways {
    fn new(sql: &mut Sql, programme: i64, view: &View, mark: i64) -> Ways {
        let (programme, mark) = (sql.bind(programme), sql.bind(mark));
        let mut kept = format!("d.programme_id = {programme} AND d.at <= {mark}");
        let to = sql.bind(view.as_of.unwrap_or(i64::MAX));
        let mut recent =
            format!("w.programme_id = {programme} AND w.at >= {mark} AND w.at < {to} AND w.submitted_at IS NOT NULL");
        for (column, chosen) in [("phase_id", &view.slice.phases), ("group_id", &view.slice.groups)] {
            if let Some(chosen) = chosen {
                kept += &format!(" AND {}", sql.any_id(&format!("d.{column}"), chosen));
                recent += &format!(" AND {}", sql.any_id(&format!("w.{column}"), chosen));
            }
        }
        Ways { programme, mark, to, kept, recent }
    }

    /// The condition that a day lies between the instants, which begin days; begins with `AND`.
    fn days(&self, sql: &mut Sql, view: &View, day: &str, (from, to): (i64, i64)) -> String {
        let number = |at: i64| Period::Day.number(local_day(view.zone, at));
        let mut condition = String::new();
        if from > i64::MIN {
            condition += &format!(" AND {day} >= {}", sql.bind(number(from)));
        }
        if to < i64::MAX {
            condition += &format!(" AND {day} <= {}", sql.bind(number(to - 1)));
        }
        condition
    }
}
