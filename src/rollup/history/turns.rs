//! When persons come and go in cells, told for all the time at once: where history is made from the beginning, everybody is looked at
//! once, and not again for each span. What they change waits in sorted files until its time comes.

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
use crate::store::{Sorted, Spill, Tx};

/// Changes that are added up in memory before they are put away.
const MOST: usize = 500_000;

/// An instant, a cell, and how many more or fewer persons the cell has from then on; in parts. Of cells without steps the last instant
/// before a mark stands for all since the mark before.
const STEP: usize = 3;

pub struct Turns {
    /// Of each grade, in the order of marks: those that have not been asked for.
    steps: HashMap<Grade, Sorted<STEP>>,
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
        let mut spills: HashMap<Grade, Spill<STEP>> = HashMap::new();
        let mut found: HashMap<(u32, i64), i64> = HashMap::with_capacity(MOST);
        let reach = Reach { grade: GRADE, from: 0, marks: marks.get(&GRADE).cloned().unwrap_or_default() };
        let mut turnout = Turnout::new(zone);
        let mut next = Some(i64::MIN);
        while let Some(from) = next {
            let (rows, after) = persons::page(tx, from, end).await?;
            seats.meet(tx, rows.iter().map(|row| row.unit_id)).await?;
            persons::turns(seats, numbers, &rows, |grade, number, at, turn| {
                let Some(marks) = marks.get(&grade) else { return };
                let place = marks.partition_point(|mark| *mark <= at);
                if let Some(mark) = marks.get(place) {
                    let at = if grade.is_stepped() { at } else { mark - 1 };
                    *found.entry((number, at)).or_default() += turn;
                }
            });
            turnout.add(&reach, &rows);
            next = after;
            if found.len() >= MOST || next.is_none() {
                put_away(numbers, &mut found, &mut spills)?;
            }
        }
        let mut steps = HashMap::with_capacity(spills.len());
        for (grade, spill) in spills {
            steps.insert(grade, spill.sorted()?);
        }
        let ends = marks.into_iter().filter_map(|(grade, marks)| Some((grade, *marks.last()?))).collect();
        Ok(Turns { steps, turnout, ends })
    }

    /// Whether all of the reach is told.
    pub fn tell(&self, reach: &Reach) -> bool {
        self.ends.get(&reach.grade).is_some_and(|end| reach.to() <= *end)
    }

    /// The next cell, by number, with an instant of the reach and how many more persons it has from then on, or some of them. What is told
    /// is told once: reaches follow one another.
    pub fn next(&mut self, reach: &Reach) -> Result<Option<(u32, i64, i64)>> {
        let Some(steps) = self.steps.get_mut(&reach.grade) else { return Ok(None) };
        while let Some([at, number, persons]) = steps.take_if(|[at, ..]| *at < reach.to())? {
            if reach.has(at) {
                return Ok(Some((u32::try_from(number).unwrap_or(u32::MAX), at, persons)));
            }
        }
        Ok(None)
    }
}

fn put_away(
    numbers: &Numbers,
    found: &mut HashMap<(u32, i64), i64>,
    spills: &mut HashMap<Grade, Spill<STEP>>,
) -> Result<()> {
    for ((number, at), persons) in found.drain().filter(|(_, persons)| *persons != 0) {
        let (grade, _) = numbers.cell(number);
        spills.entry(grade).or_default().push([at, i64::from(number), persons])?;
    }
    Ok(())
}
