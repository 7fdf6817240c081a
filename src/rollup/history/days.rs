//! What goes by days, of whole programmes: the tallies of initiatives by the local day of their first submission, and how much happened by
//! the local day of its event; and how many persons take part in the initiatives of a day, a week, a month. Kept at the marks of shallow units' cells; a row says what came between a mark and the one before it, so
//! that no row is ever changed: to the root everything is credited, through whichever tree.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::enums::Action;
use entity::{rollup_activity, rollup_day, rollup_turnout};
use sea_orm::FromQueryResult;

use super::grade::Grade;
use super::span::{self, Change, Reach};
use super::turnout::Turnout;
use super::{persons, write};
use crate::app::App;
use crate::clock::local_day;
use crate::error::Result;
use crate::ledger::{Tally, out_of_range, row_with_tally};
use crate::rollup::calendar::Period;
use crate::store::{Conflict, RowLock, Tx};

/// At whose marks days are kept.
pub const GRADE: Grade = Grade::Cells;

/// Mark, programme, phase, group, and day.
type Key = (i64, i64, i64, i64, i64);

/// Rows in the making.
pub struct Days {
    zone: Tz,
    tallies: HashMap<Key, Tally>,
    events: HashMap<(Key, Action), i64>,
    turnout: Turnout,
}

impl Days {
    pub fn new(zone: Tz) -> Days {
        Days { zone, tallies: HashMap::new(), events: HashMap::new(), turnout: Turnout::new(zone) }
    }

    /// What these change before the reach's marks, with the persons of its periods.
    pub fn of(zone: Tz, reach: &Reach, changes: &[Change], turnout: Turnout) -> Result<Days> {
        let mut days = Days { turnout, ..Days::new(zone) };
        changes.iter().try_for_each(|change| days.add(reach, change))?;
        Ok(days)
    }

    fn add(&mut self, reach: &Reach, change: &Change) -> Result<()> {
        let Some(mark) = reach.marks.get(reach.place(change.at)).copied().filter(|_| reach.has(change.at)) else {
            return Ok(());
        };
        let of = change.key();
        let key = |at: i64| (mark, of.programme, of.phase, of.group, Period::Day.number(local_day(self.zone, at)));
        let (first, then) = (key(change.submitted_at), key(change.at));
        let tally = self.tallies.entry(first).or_default();
        *tally = tally.plus(change.tally).ok_or_else(out_of_range)?;
        if let Some(action) = change.deed {
            *self.events.entry((then, action)).or_default() += 1;
        }
        Ok(())
    }

    /// Adds the rows to what is kept.
    pub async fn write(self, tx: &Tx) -> Result<()> {
        let mut tallies: Vec<(Key, Tally)> = self.tallies.into_iter().filter(|(_, tally)| !tally.is_zero()).collect();
        tallies.sort_unstable_by_key(|((at, programme, phase, group, day), _)| (*programme, *at, *day, *phase, *group));
        let rows: Vec<rollup_day::Model> = tallies
            .into_iter()
            .map(|((at, programme_id, phase_id, group_id, day), tally)| {
                row_with_tally!(rollup_day, tally, {
                    programme_id: programme_id,
                    at: at,
                    day: day,
                    phase_id: phase_id,
                    group_id: group_id,
                })
            })
            .collect();
        tx.insert::<rollup_day::Entity>(&rows, Conflict::Fail).await?;
        let row = |(((at, programme_id, phase_id, group_id, day), action), events)| rollup_activity::Model {
            programme_id,
            at,
            day,
            action,
            phase_id,
            group_id,
            events,
        };
        let mut rows: Vec<rollup_activity::Model> = self.events.into_iter().map(row).collect();
        rows.sort_unstable_by_key(|row| (row.programme_id, row.at, row.day, row.action));
        tx.insert::<rollup_activity::Entity>(&rows, Conflict::Fail).await?;
        tx.insert::<rollup_turnout::Entity>(&self.turnout.rows(), Conflict::Fail).await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Kept {
    days_zone: Option<String>,
    days_upto: i64,
}

/// Whether days are kept in the zone, up to the latest mark.
pub async fn are_kept(tx: &Tx, zone: Tz) -> Result<bool> {
    let kept = tx.one::<Kept>(tx.sql("SELECT days_zone, days_upto FROM rollup_keeper WHERE id = 1")).await?;
    let Some(kept) = kept.filter(|kept| kept.days_zone.as_deref() == Some(zone.name())) else { return Ok(false) };
    Ok(kept.days_upto == write::last_mark(tx, GRADE).await?)
}

/// Says that they are kept in the zone, up to the mark.
pub async fn keep(tx: &Tx, zone: Tz, upto: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE rollup_keeper SET days_zone = ");
    let (zone, upto) = (sql.bind(zone.name()), sql.bind(upto));
    sql.push(&format!("{zone}, days_upto = {upto} WHERE id = 1"));
    tx.run(sql).await?;
    Ok(())
}

/// Builds them anew up to the latest mark, in the configured zone. False where there is another mark meanwhile.
pub async fn build(app: &App) -> Result<bool> {
    let tx = app.store.read().await?;
    let reach = Reach { grade: GRADE, from: 0, marks: write::marks(&tx, GRADE).await? };
    let mut days = Days::new(app.config.time_zone);
    let mut next = Some(0);
    while let Some(from) = next {
        let (changes, after) = span::page(&tx, from, reach.to()).await?;
        changes.iter().try_for_each(|change| days.add(&reach, change))?;
        next = after;
    }
    let mut next = Some(i64::MIN);
    while let Some(from) = next.filter(|_| !reach.marks.is_empty()) {
        let (rows, after) = persons::page(&tx, from, reach.to()).await?;
        days.turnout.add(&reach, &rows);
        next = after;
    }
    drop(tx);
    let tx = app.store.write().await?;
    let sql = tx.sql(format!("SELECT id FROM rollup_keeper WHERE id = 1{}", tx.dialect.row_lock(RowLock::Update)));
    tx.ids(sql).await?;
    if write::last_mark(&tx, GRADE).await? != reach.to() {
        return Ok(false);
    }
    for table in ["rollup_day", "rollup_activity", "rollup_turnout"] {
        tx.run(tx.sql(format!("DELETE FROM {table}"))).await?;
    }
    days.write(&tx).await?;
    keep(&tx, app.config.time_zone, reach.to()).await?;
    tx.commit().await?;
    Ok(true)
}
