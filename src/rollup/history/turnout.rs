//! When persons begin and cease to take part in the initiatives of a day, a week or a month, of a whole programme.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::rollup_turnout;

use super::persons::{Participation, of_each};
use super::span::Reach;
use super::timeline::turns;
use crate::clock::local_day;
use crate::rollup::calendar::Period;

/// Mark, programme, and the period with its number.
type Key = (i64, i64, Period, i64);

/// Programme, the period with its number, and when somebody counts there, half-open.
type Counted = (i64, Period, i64, (i64, Option<i64>));

/// By how much the number of persons changes before marks.
pub struct Turnout {
    zone: Tz,
    changes: HashMap<Key, i64>,
}

impl Turnout {
    pub fn new(zone: Tz) -> Turnout {
        Turnout { zone, changes: HashMap::new() }
    }

    /// Adds what all participations of some persons, in the order of accounts, change before the reach's marks.
    pub fn add(&mut self, reach: &Reach, rows: &[Participation]) {
        let mut counted: Vec<Counted> = Vec::new();
        for rows in of_each(rows) {
            counted.clear();
            for row in rows {
                let day = local_day(self.zone, row.submitted_at);
                let of =
                    |period: Period| (row.programme_id, period, period.number(day), (row.counted_from, row.counted_to));
                counted.extend(Period::ALL.map(of));
            }
            counted.sort_unstable();
            let place = |one: &Counted| (one.0, one.1, one.2);
            for same in counted.chunk_by(|one, other| place(one) == place(other)) {
                let periods: Vec<(i64, Option<i64>)> = same.iter().map(|one| one.3).collect();
                let (programme, period, number) = place(&same[0]);
                for (at, turn) in turns(&periods) {
                    if let Some(mark) = reach.marks.get(reach.place(at)).filter(|_| reach.has(at)) {
                        *self.changes.entry((*mark, programme, period, number)).or_default() += turn;
                    }
                }
            }
        }
    }

    /// What changes before the reach's marks is taken out of it.
    pub fn take(&mut self, reach: &Reach) -> Turnout {
        let within = |key: &Key| reach.from < key.0 && key.0 <= reach.to();
        let changes = self.changes.extract_if(|key, _| within(key)).collect();
        Turnout { zone: self.zone, changes }
    }

    pub fn rows(self) -> Vec<rollup_turnout::Model> {
        let row = |((at, programme_id, period, number), persons): (Key, i64)| rollup_turnout::Model {
            programme_id,
            at,
            period: period.name().to_owned(),
            number,
            persons,
        };
        let mut rows: Vec<rollup_turnout::Model> =
            self.changes.into_iter().filter(|(_, persons)| *persons != 0).map(row).collect();
        rows.sort_unstable_by(|a, b| {
            (a.programme_id, &a.period, a.at, a.number).cmp(&(b.programme_id, &b.period, b.at, b.number))
        });
        rows
    }
}
