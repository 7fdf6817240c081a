//! What is kept by days against the events, as history is: what changes of a day before a mark is multiplied by a random number of that mark
//! and added up, and what is stored of it is taken away again. If anything is left, some row is not what the events say.

use std::collections::{BTreeSet, HashMap};

use chrono_tz::Tz;
use entity::enums::Action;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::found::Found;
use super::history::weight;
use super::ledger::Owns;
use super::mend::Mend;
use super::recount::Changed;
use super::spill::Record;
use super::words::Codes;
use crate::app::App;
use crate::clock::local_day;
use crate::error::Result;
use crate::ledger::{OwnKey, Tally};
use crate::rollup::{Grade, Period, turns};
use crate::store::{Both, Tx, lean_row};

/// Rows that are read at once.
const PAGE: usize = 5_000;

/// The grade at whose marks days are kept.
const GRADE: Grade = Grade::Cells;

/// What of a programme is summed up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Sum {
    /// By phase, group and day of first submission.
    Tally(i64, i64, i64),
    /// By phase, group and day of the event.
    Events(i64, i64, i64, Action),
    /// Of a period, by its number.
    Persons(Period, i64),
}

/// Programme and what of it.
type Key = (i64, Sum);

/// For each measure of a tally, or the first for a number of events; they wrap around.
type Sums = [u64; 12];

#[derive(FromQueryResult)]
struct Kept {
    days_zone: Option<String>,
    days_upto: i64,
}

lean_row!(DayRow { programme_id: i64, at: i64, day: i64, phase_id: i64, group_id: i64 });

lean_row!(EventsRow {
    programme_id: i64,
    at: i64,
    day: i64,
    action: String,
    phase_id: i64,
    group_id: i64,
    events: i64,
});

lean_row!(PersonsRow { programme_id: i64, period: String, at: i64, number: i64, persons: i64 });

/// What is expected, less what is stored.
pub(super) struct Days {
    /// In which zone days are kept; none where they are not.
    zone: Option<Tz>,
    marks: Vec<i64>,
    seed: u64,
    left: HashMap<Key, Sums>,
}

impl Days {
    pub async fn begin(app: &App, tx: &Tx) -> Result<Days> {
        use rand::Rng;
        let grade = GRADE.number();
        let sql = tx.sql(format!("SELECT at AS id FROM rollup_mark WHERE grade = {grade} AND at > 0 ORDER BY at"));
        let marks = tx.ids(sql).await?;
        let last = marks.last().copied().unwrap_or(0);
        let kept = tx.one::<Kept>(tx.sql("SELECT days_zone, days_upto FROM rollup_keeper WHERE id = 1")).await?;
        let zone = kept.filter(|kept| kept.days_upto == last).and_then(|kept| kept.days_zone);
        let seed = app.random(|random| random.random());
        Ok(Days { zone: zone.and_then(|name| name.parse().ok()), marks, seed, left: HashMap::new() })
    }

    /// Adds what events changed, of an initiative that was first submitted then.
    pub fn add(&mut self, of: OwnKey, submitted_at: i64, changes: &[Changed]) {
        let Some(zone) = self.zone else { return };
        let day = |at: i64| Period::Day.number(local_day(zone, at));
        let first = day(submitted_at);
        for change in changes {
            let Some(mark) = self.marks.get(self.marks.partition_point(|mark| *mark <= change.at)).copied() else {
                continue;
            };
            let key = (of.programme, Sum::Tally(of.phase, of.group, first));
            self.count(mark, key, change.tally.words());
            if let Some(action) = change.deed {
                let key = (of.programme, Sum::Events(of.phase, of.group, day(change.at), action));
                self.count(mark, key, one(1));
            }
        }
    }

    /// Adds one person: all his records.
    pub fn add_person(&mut self, owns: &Owns, records: &[Record]) {
        let Some(zone) = self.zone else { return };
        let mut counted: Vec<(i64, Period, i64, i64, i64)> = Vec::with_capacity(records.len() * Period::ALL.len());
        for record in records {
            let (programme, day) = (owns.keys[record.own as usize].programme, local_day(zone, record.submitted_at));
            counted.extend(Period::ALL.map(|period| (programme, period, period.number(day), record.from, record.to)));
        }
        counted.sort_unstable();
        let place = |one: &(i64, Period, i64, i64, i64)| (one.0, one.1, one.2);
        for same in counted.chunk_by(|one, other| place(one) == place(other)) {
            let periods = same.iter().map(|one| (one.3, Some(one.4).filter(|to| *to != i64::MAX)));
            let periods: Vec<(i64, Option<i64>)> = periods.collect();
            let (programme, period, number) = place(&same[0]);
            for (at, turn) in turns(&periods) {
                if let Some(mark) = self.marks.get(self.marks.partition_point(|mark| *mark <= at)).copied() {
                    self.count(mark, (programme, Sum::Persons(period, number)), one(turn));
                }
            }
        }
    }

    fn count(&mut self, mark: i64, key: Key, fields: [i64; 12]) {
        // A row at an instant that is no mark has a weight that no event has.
        let weight = weight(self.seed, GRADE, mark);
        let sums = self.left.entry(key).or_default();
        for (sum, field) in sums.iter_mut().zip(fields) {
            *sum = sum.wrapping_add(weight.wrapping_mul(field.cast_unsigned()));
        }
    }

    /// Reads the stored rows and compares.
    pub async fn compare(mut self, tx: &Tx, codes: &Codes, found: &mut Found) -> Result<()> {
        if self.zone.is_none() {
            found.report.days_unbuilt = !self.marks.is_empty();
            return Ok(());
        }
        self.read(tx).await?;
        self.read_events(tx).await?;
        self.read_persons(tx).await?;
        let wrong: BTreeSet<i64> =
            self.left.iter().filter(|(_, sums)| **sums != Sums::default()).map(|(key, _)| key.0).collect();
        for programme in wrong {
            found.mendable(
                format!("days of programme {}", codes.programme(programme)),
                "what the events before each mark add up to".to_owned(),
                "something else".to_owned(),
                Mend::Days,
            );
        }
        Ok(())
    }

    async fn read(&mut self, tx: &Tx) -> Result<()> {
        let key = "programme_id, at, day, phase_id, group_id";
        let columns = Tally::COLUMNS.join(", ");
        let mut after: Option<Both<DayRow, Tally>> = None;
        loop {
            let mut sql = tx.sql(format!("SELECT {key}, {columns} FROM rollup_day"));
            if let Some(Both(row, _)) = &after {
                let values =
                    [row.programme_id, row.at, row.day, row.phase_id, row.group_id].map(|value| sql.bind(value));
                sql.push(&format!(" WHERE ({key}) > ({})", values.join(", ")));
            }
            sql.push(&format!(" ORDER BY {key} LIMIT {PAGE}"));
            let mut rows: Vec<Both<DayRow, Tally>> = tx.lean(sql).await?;
            for Both(row, tally) in &rows {
                let key = (row.programme_id, Sum::Tally(row.phase_id, row.group_id, row.day));
                self.count(row.at, key, tally.words().map(i64::wrapping_neg));
            }
            let Some(end) = rows.pop().filter(|_| rows.len() + 1 == PAGE) else { return Ok(()) };
            after = Some(end);
        }
    }

    async fn read_events(&mut self, tx: &Tx) -> Result<()> {
        let key = "programme_id, at, day, action, phase_id, group_id";
        let mut after: Option<EventsRow> = None;
        loop {
            let mut sql = tx.sql(format!("SELECT {key}, events FROM rollup_activity"));
            if let Some(row) = &after {
                let values = [
                    sql.bind(row.programme_id),
                    sql.bind(row.at),
                    sql.bind(row.day),
                    sql.bind(row.action.as_str()),
                    sql.bind(row.phase_id),
                    sql.bind(row.group_id),
                ];
                sql.push(&format!(" WHERE ({key}) > ({})", values.join(", ")));
            }
            sql.push(&format!(" ORDER BY {key} LIMIT {PAGE}"));
            let mut rows: Vec<EventsRow> = tx.lean(sql).await?;
            for row in &rows {
                // No action at all is none that an event has.
                let action = Action::try_from_value(&row.action).unwrap_or(Action::Draft);
                let key = (row.programme_id, Sum::Events(row.phase_id, row.group_id, row.day, action));
                self.count(row.at, key, one(row.events.wrapping_neg()));
            }
            let Some(end) = rows.pop().filter(|_| rows.len() + 1 == PAGE) else { return Ok(()) };
            after = Some(end);
        }
    }

    async fn read_persons(&mut self, tx: &Tx) -> Result<()> {
        let key = "programme_id, period, at, number";
        let mut after: Option<PersonsRow> = None;
        loop {
            let mut sql = tx.sql(format!("SELECT {key}, persons FROM rollup_turnout"));
            if let Some(row) = &after {
                let values =
                    [sql.bind(row.programme_id), sql.bind(row.period.as_str()), sql.bind(row.at), sql.bind(row.number)];
                sql.push(&format!(" WHERE ({key}) > ({})", values.join(", ")));
            }
            sql.push(&format!(" ORDER BY {key} LIMIT {PAGE}"));
            let mut rows: Vec<PersonsRow> = tx.lean(sql).await?;
            for row in &rows {
                let period = Period::ALL.into_iter().find(|period| period.name() == row.period);
                // One that is no period has a number that no event lies in.
                let sum = period.map_or(Sum::Persons(Period::Day, i64::MAX), |period| Sum::Persons(period, row.number));
                self.count(row.at, (row.programme_id, sum), one(row.persons.wrapping_neg()));
            }
            let Some(end) = rows.pop().filter(|_| rows.len() + 1 == PAGE) else { return Ok(()) };
            after = Some(end);
        }
    }
}

fn one(n: i64) -> [i64; 12] {
    let mut fields = [0; 12];
    fields[0] = n;
    fields
}
