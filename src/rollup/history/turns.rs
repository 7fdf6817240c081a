//! When persons come and go in cells, told for all the time at once: where history is made from the beginning, everybody is looked at
//! once, and not again for each span.

use std::collections::HashMap;

use super::grade::Grade;
use super::numbers::Numbers;
use super::persons::{self, Participation};
use super::seats::Seats;
use super::span::{Reach, all_marks};
use crate::error::Result;
use crate::store::Tx;

/// Participations that are read by one statement.
const PAGE: usize = 20_000;

/// How many more or fewer persons a cell has by a mark than by the one before.
struct Step {
    grade: Grade,
    /// The mark.
    at: i64,
    number: u32,
    persons: i64,
}

/// In the order of grades and marks.
pub struct Turns(Vec<Step>);

impl Turns {
    /// Of everybody, for every mark before the instant.
    pub async fn all(
        tx: &Tx,
        seats: &mut Seats,
        numbers: &mut Numbers,
        grades: &[(Grade, usize)],
        end: i64,
    ) -> Result<Turns> {
        let marks: HashMap<Grade, Vec<i64>> = all_marks(tx, grades, end).await?.into_iter().collect();
        let mut found: HashMap<(u32, u32), i64> = HashMap::new();
        let (mut from, mut limit) = (i64::MIN, PAGE);
        loop {
            let mut sql = tx.sql(persons::SELECT);
            let (first, last) = (sql.bind(from), sql.bind(end));
            sql.push(&format!(
                "p.account_id >= {first} AND p.counted_from < {last} AND i.submitted_at IS NOT NULL \
                 ORDER BY p.account_id LIMIT {limit}"
            ));
            let mut rows: Vec<Participation> = tx.lean(sql).await?;
            let more = rows.len() == limit;
            if let Some(last) = rows.last().map(|row| row.account_id).filter(|_| more) {
                // The last one's may go on in the next page.
                let whole = rows.partition_point(|row| row.account_id < last);
                if whole == 0 {
                    limit *= 2;
                    continue;
                }
                rows.truncate(whole);
                (from, limit) = (last, PAGE);
            }
            seats.meet(tx, rows.iter().map(|row| row.unit_id)).await?;
            persons::turns(seats, numbers, &rows, |grade, number, at, turn| {
                let Some(marks) = marks.get(&grade) else { return };
                let place = marks.partition_point(|mark| *mark <= at);
                if place < marks.len() {
                    *found.entry((number, u32::try_from(place).unwrap_or(u32::MAX))).or_default() += turn;
                }
            });
            if !more {
                break;
            }
        }
        let step = |((number, place), persons): ((u32, u32), i64)| {
            let (grade, _) = numbers.cell(number);
            Step { grade, at: marks[&grade][place as usize], number, persons }
        };
        let mut steps: Vec<Step> = found.into_iter().filter(|(_, persons)| *persons != 0).map(step).collect();
        steps.sort_unstable_by_key(|step| (step.grade, step.at, step.number));
        Ok(Turns(steps))
    }

    /// Cells by number, with a mark of the reach and how many more persons they have by it.
    pub fn of(&self, reach: &Reach) -> impl Iterator<Item = (u32, i64, i64)> {
        let upto = |at: i64| self.0.partition_point(|step| (step.grade, step.at) <= (reach.grade, at));
        let steps = &self.0[upto(reach.from)..upto(reach.to())];
        steps.iter().map(|step| (step.number, step.at, step.persons))
    }
}
