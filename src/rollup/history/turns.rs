//! When persons come and go in cells, told for all the time at once: where history is made from the beginning, everybody is looked at
//! once, and not again for each span.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::days::GRADE;
use super::grade::Grade;
use super::numbers::Numbers;
use super::persons;
use super::seats::Seats;
use super::span::{Reach, all_marks};
use super::turnout::Turnout;
use crate::error::Result;
use crate::store::Tx;

/// How many more or fewer persons a cell has by a mark than by the one before.
struct Step {
    grade: Grade,
    /// The mark.
    at: i64,
    number: u32,
    persons: i64,
}

pub struct Turns {
    /// In the order of grades and marks.
    steps: Vec<Step>,
    /// Of periods.
    pub turnout: Turnout,
    /// The last mark of each grade.
    ends: HashMap<Grade, i64>,
}

impl Turns {
    /// Of everybody, for every mark before the instant.
    pub async fn all(
        tx: &Tx,
        seats: &mut Seats,
        numbers: &mut Numbers,
        grades: &[(Grade, usize)],
        end: i64,
        zone: Tz,
    ) -> Result<Turns> {
        let marks: HashMap<Grade, Vec<i64>> = all_marks(tx, grades, end).await?.into_iter().collect();
        let mut found: HashMap<(u32, u32), i64> = HashMap::new();
        let reach = Reach { grade: GRADE, from: 0, marks: marks.get(&GRADE).cloned().unwrap_or_default() };
        let mut turnout = Turnout::new(zone);
        let mut next = Some(i64::MIN);
        while let Some(from) = next {
            let (rows, after) = persons::page(tx, from, end).await?;
            seats.meet(tx, rows.iter().map(|row| row.unit_id)).await?;
            persons::turns(seats, numbers, &rows, |grade, number, at, turn| {
                let Some(marks) = marks.get(&grade) else { return };
                let place = marks.partition_point(|mark| *mark <= at);
                if place < marks.len() {
                    *found.entry((number, u32::try_from(place).unwrap_or(u32::MAX))).or_default() += turn;
                }
            });
            turnout.add(&reach, &rows);
            next = after;
        }
        let step = |((number, place), persons): ((u32, u32), i64)| {
            let (grade, _) = numbers.cell(number);
            Step { grade, at: marks[&grade][place as usize], number, persons }
        };
        let mut steps: Vec<Step> = found.into_iter().filter(|(_, persons)| *persons != 0).map(step).collect();
        steps.sort_unstable_by_key(|step| (step.grade, step.at, step.number));
        let ends = marks.into_iter().filter_map(|(grade, marks)| Some((grade, *marks.last()?))).collect();
        Ok(Turns { steps, turnout, ends })
    }

    /// Whether all of the reach is told.
    pub fn tell(&self, reach: &Reach) -> bool {
        self.ends.get(&reach.grade).is_some_and(|end| reach.to() <= *end)
    }

    /// Cells by number, with a mark of the reach and how many more persons they have by it.
    pub fn of(&self, reach: &Reach) -> impl Iterator<Item = (u32, i64, i64)> {
        let upto = |at: i64| self.steps.partition_point(|step| (step.grade, step.at) <= (reach.grade, at));
        let steps = &self.steps[upto(reach.from)..upto(reach.to())];
        steps.iter().map(|step| (step.number, step.at, step.persons))
    }
}
