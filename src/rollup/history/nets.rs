//! What a span of time changes of each kept cell, from mark to mark.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::rollup_history;

use super::days::GRADE;
use super::grade::Grade;
use super::latest::{self, Wanted};
use super::numbers::{Cell, Numbers};
use super::persons::{self, PERSONS};
use super::seats::{Keepers, Seats};
use super::span::{Reach, Span};
use super::turnout::Turnout;
use super::turns::Turns;
use crate::error::Result;
use crate::ledger::{Tally, out_of_range, row_with_tally};
use crate::store::Tx;

/// Differences of a cell by the mark before which they came, in order: of most cells one, so that a tree would be mostly room.
type Steps = Vec<(usize, (Tally, i64))>;

/// What is known of the kept cells while span after span is written.
pub struct Book {
    seats: Seats,
    numbers: Numbers,
    /// What cells, by number, held at their grade's latest mark, as far as it was asked.
    held: HashMap<u32, (Tally, i64)>,
    /// When persons come and go, where that is known for the whole time.
    turns: Option<Turns>,
    /// Whose days are meant.
    zone: Tz,
}

/// What a span adds to history.
pub struct Added {
    /// For each of its grades.
    pub cells: Vec<Vec<rollup_history::Model>>,
    /// Persons of periods, where the span has marks at which these are kept.
    pub turnout: Turnout,
}

impl Book {
    /// Nothing is known yet.
    pub fn new(keepers: Keepers, grades: &[Grade], zone: Tz) -> Book {
        Book { seats: Seats::new(keepers), numbers: Numbers::new(grades), held: HashMap::new(), turns: None, zone }
    }

    pub fn keepers(&self) -> &Keepers {
        self.seats.keepers()
    }

    /// Learns of everybody, from the beginning up to the instant; each grade with the number of events from mark to mark.
    pub async fn meet_everybody(&mut self, tx: &Tx, grades: &[(Grade, usize)], end: i64) -> Result<()> {
        self.turns = Some(Turns::all(tx, &mut self.seats, &mut self.numbers, grades, end, self.zone).await?);
        Ok(())
    }

    /// The rows that the span adds to history, for each of its grades: of each cell one at each mark before which it changed. `below`: every
    /// unit whose records are credited to the keepers; none: all there are.
    pub async fn rows(&mut self, tx: &Tx, below: Option<&[i64]>, span: &Span) -> Result<Added> {
        let mut steps: Vec<Steps> = Vec::new();
        let Book { seats, numbers, turns, .. } = self;
        let daily = span.reach(GRADE).filter(|_| below.is_none());
        let mut turnout = Turnout::new(self.zone);
        seats.meet(tx, span.changes.iter().map(|change| change.unit_id)).await?;
        for change in &span.changes {
            for keeper in seats.credited(change.unit_id, change.submitted_at) {
                for number in numbers.of(seats, keeper, change.key()).iter() {
                    let (grade, _) = numbers.cell(*number);
                    if let Some(reach) = span.reach(grade).filter(|reach| reach.has(change.at)) {
                        let step = step(&mut steps, *number, reach.place(change.at));
                        step.0 = step.0.plus(change.tally).ok_or_else(out_of_range)?;
                    }
                }
            }
        }
        match turns {
            Some(turns) if span.reaches.iter().all(|reach| turns.tell(reach)) => {
                if let Some(reach) = daily {
                    turnout = turns.turnout.take(reach);
                }
                for reach in &span.reaches {
                    while let Some((number, mark, persons)) = turns.next(reach)? {
                        let place = reach.marks.partition_point(|other| *other < mark);
                        step(&mut steps, number, place).1 += persons;
                    }
                }
            }
            _ => {
                let accounts = persons::moving(tx, below, span.bounds()).await?;
                let end = span.bounds().1;
                for accounts in accounts.chunks(PERSONS) {
                    let rows = persons::of_accounts(tx, accounts, end).await?;
                    seats.meet(tx, rows.iter().map(|row| row.unit_id)).await?;
                    persons::turns(seats, numbers, &rows, |grade, number, at, turn| {
                        if let Some(reach) = span.reach(grade).filter(|reach| reach.has(at)) {
                            step(&mut steps, number, reach.place(at)).1 += turn;
                        }
                    });
                    if let Some(reach) = daily {
                        turnout.add(reach, &rows);
                    }
                }
            }
        }
        let mut nets: Vec<Vec<(u32, Steps)>> = span.reaches.iter().map(|_| Vec::new()).collect();
        for (number, steps) in (0..).zip(steps).filter(|(_, steps)| !steps.is_empty()) {
            let (grade, _) = self.numbers.cell(number);
            if let Some(nth) = span.reaches.iter().position(|reach| reach.grade == grade) {
                nets[nth].push((number, steps));
            }
        }
        let mut cells = Vec::with_capacity(span.reaches.len());
        for (reach, nets) in span.reaches.iter().zip(nets) {
            cells.push(self.cumulated(tx, reach, nets).await?);
        }
        Ok(Added { cells, turnout })
    }

    /// Added up from what the cells held at the beginning.
    async fn cumulated(
        &mut self,
        tx: &Tx,
        reach: &Reach,
        nets: Vec<(u32, Steps)>,
    ) -> Result<Vec<rollup_history::Model>> {
        self.learn(tx, reach, nets.iter().map(|(number, _)| *number)).await?;
        let mut rows = Vec::new();
        for (number, steps) in nets {
            let (_, (reported, key)) = self.numbers.cell(number);
            let held = self.held.entry(number).or_default();
            for (place, (change, persons)) in steps {
                if change.is_zero() && persons == 0 {
                    continue;
                }
                held.0 = held.0.plus(change).ok_or_else(out_of_range)?;
                held.1 += persons;
                let (tally, participants) = *held;
                rows.push(row_with_tally!(rollup_history, tally, {
                    unit_id: key.unit,
                    reported: *reported,
                    programme_id: key.programme,
                    phase_id: key.phase,
                    group_id: key.group,
                    bloc: key.bloc.clone(),
                    at: reach.marks[place],
                    participants: participants,
                }));
            }
        }
        // In the order of their key every row is put beside the one before it.
        rows.sort_unstable_by(|a, b| {
            let key =
                |row: &rollup_history::Model| (row.unit_id, row.reported, row.programme_id, row.phase_id, row.group_id);
            key(a).cmp(&key(b)).then_with(|| a.bloc.cmp(&b.bloc)).then_with(|| a.at.cmp(&b.at))
        });
        Ok(rows)
    }

    /// Learns what the cells held at the beginning, where that is not known.
    async fn learn(&mut self, tx: &Tx, reach: &Reach, numbers: impl Iterator<Item = u32>) -> Result<()> {
        if reach.from == 0 {
            return Ok(());
        }
        let unknown: HashMap<&Cell, u32> = numbers
            .filter(|number| !self.held.contains_key(number))
            .map(|number| (self.numbers.cell(number).1, number))
            .collect();
        for reported in [false, true] {
            let wanted = Wanted::of(unknown.keys().filter(|cell| cell.0 == reported).map(|(_, key)| key));
            for row in latest::read(tx, reported, &wanted, reach.from).await? {
                // Others follow from naming the parts of these.
                if let Some(number) = unknown.get(&(reported, row.key())) {
                    self.held.insert(*number, (row.tally, row.participants));
                }
            }
        }
        Ok(())
    }
}

/// What changes of a cell before a mark.
fn step(steps: &mut Vec<Steps>, number: u32, place: usize) -> &mut (Tally, i64) {
    let number = number as usize;
    if steps.len() <= number {
        steps.resize_with(number + 1, Steps::new);
    }
    let steps = &mut steps[number];
    let nth = match steps.binary_search_by_key(&place, |(place, _)| *place) {
        Ok(nth) => nth,
        Err(nth) => {
            if steps.is_empty() {
                steps.reserve_exact(1);
            }
            steps.insert(nth, (place, Default::default()));
            nth
        }
    };
    &mut steps[nth].1
}
