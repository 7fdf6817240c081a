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
use super::span::{Change, Reach, Span};
use super::steps::{self, Step};
use super::turnout::Turnout;
use super::turns::Turns;
use crate::error::Result;
use crate::ledger::{Tally, out_of_range, row_with_tally};
use crate::store::Tx;

/// Differences of a cell by the mark before which they came, in order: of most cells one, so that a tree would be mostly room.
type Nets = Vec<(usize, (Tally, i64))>;

/// What a cell has at an instant: the change of this place among a span's, or so many persons more.
#[derive(Clone, Copy)]
enum Moved {
    Records(u32),
    Persons(i64),
}

/// What moved in a cell, and when.
type Moves = Vec<(i64, Moved)>;

/// What a span changes, by the number of the cell.
#[derive(Default)]
struct Found {
    /// Of cells without steps.
    nets: Vec<Nets>,
    /// Of cells with steps, as it was found.
    moves: Vec<Moves>,
}

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
        let mut found = Found::default();
        let Book { seats, numbers, turns, .. } = self;
        let daily = span.reach(GRADE).filter(|_| below.is_none());
        let mut turnout = Turnout::new(self.zone);
        seats.meet(tx, span.changes.iter().map(|change| change.unit_id)).await?;
        for (place, change) in (0..).zip(&span.changes) {
            for keeper in seats.credited(change.unit_id, change.submitted_at) {
                for number in numbers.of(seats, keeper, change.key()).iter() {
                    let (grade, _) = numbers.cell(*number);
                    if let Some(reach) = span.reach(grade).filter(|reach| reach.has(change.at)) {
                        found.change(reach, *number, place, change)?;
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
                    while let Some((number, at, persons)) = turns.next(reach)? {
                        found.turn(reach, number, at, persons);
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
                            found.turn(reach, number, at, turn);
                        }
                    });
                    if let Some(reach) = daily {
                        turnout.add(reach, &rows);
                    }
                }
            }
        }
        let mut nets: Vec<Vec<(u32, Nets)>> = span.reaches.iter().map(|_| Vec::new()).collect();
        let mut moves: Vec<Vec<(u32, Moves)>> = span.reaches.iter().map(|_| Vec::new()).collect();
        let nth = |number: u32| {
            let (grade, _) = self.numbers.cell(number);
            span.reaches.iter().position(|reach| reach.grade == grade)
        };
        for (number, found) in (0..).zip(found.nets).filter(|(_, found)| !found.is_empty()) {
            if let Some(nth) = nth(number) {
                nets[nth].push((number, found));
            }
        }
        for (number, found) in (0..).zip(found.moves).filter(|(_, found)| !found.is_empty()) {
            if let Some(nth) = nth(number) {
                moves[nth].push((number, found));
            }
        }
        let mut cells = Vec::with_capacity(span.reaches.len());
        for ((reach, nets), moves) in span.reaches.iter().zip(nets).zip(moves) {
            let numbers = nets.iter().map(|(number, _)| *number).chain(moves.iter().map(|(number, _)| *number));
            self.learn(tx, reach, numbers).await?;
            let mut rows = Vec::new();
            for (number, nets) in nets {
                for (place, (tally, persons)) in nets {
                    if !tally.is_zero() || persons != 0 {
                        rows.push(self.row(number, reach.marks[place], (tally, persons), None)?);
                    }
                }
            }
            for (number, moves) in moves {
                let steps = stepped(&span.changes, moves)?;
                for steps in steps.chunk_by(|one, other| reach.place(one.at) == reach.place(other.at)) {
                    let Some(mark) = steps.first().and_then(|step| reach.marks.get(reach.place(step.at))) else {
                        continue;
                    };
                    let mut net = (Tally::default(), 0);
                    for step in steps {
                        net.0 = net.0.plus(step.tally).ok_or_else(out_of_range)?;
                        net.1 += step.persons;
                    }
                    rows.push(self.row(number, *mark, net, Some(steps::written(*mark, steps)))?);
                }
            }
            in_order(&mut rows);
            cells.push(rows);
        }
        Ok(Added { cells, turnout })
    }

    /// A cell's next row: what it held and what has changed since.
    fn row(
        &mut self,
        number: u32,
        mark: i64,
        (change, persons): (Tally, i64),
        steps: Option<Vec<u8>>,
    ) -> Result<rollup_history::Model> {
        let (_, (reported, key)) = self.numbers.cell(number);
        let held = self.held.entry(number).or_default();
        held.0 = held.0.plus(change).ok_or_else(out_of_range)?;
        held.1 += persons;
        let (tally, participants) = *held;
        Ok(row_with_tally!(rollup_history, tally, {
            unit_id: key.unit,
            reported: *reported,
            programme_id: key.programme,
            phase_id: key.phase,
            group_id: key.group,
            bloc: key.bloc.clone(),
            at: mark,
            participants: participants,
            steps: steps,
        }))
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

impl Found {
    fn change(&mut self, reach: &Reach, number: u32, place: u32, change: &Change) -> Result<()> {
        if reach.grade.is_stepped() {
            of(&mut self.moves, number).push((change.at, Moved::Records(place)));
        } else {
            let net = net(of(&mut self.nets, number), reach.place(change.at));
            net.0 = net.0.plus(change.tally).ok_or_else(out_of_range)?;
        }
        Ok(())
    }

    /// So many persons more from an instant on.
    fn turn(&mut self, reach: &Reach, number: u32, at: i64, persons: i64) {
        if reach.grade.is_stepped() {
            of(&mut self.moves, number).push((at, Moved::Persons(persons)));
        } else {
            net(of(&mut self.nets, number), reach.place(at)).1 += persons;
        }
    }
}

/// What was found of a cell.
fn of<T>(all: &mut Vec<Vec<T>>, number: u32) -> &mut Vec<T> {
    let number = number as usize;
    if all.len() <= number {
        all.resize_with(number + 1, Vec::new);
    }
    &mut all[number]
}

/// What changes of a cell before the mark of this place.
fn net(nets: &mut Nets, place: usize) -> &mut (Tally, i64) {
    let nth = match nets.binary_search_by_key(&place, |(place, _)| *place) {
        Ok(nth) => nth,
        Err(nth) => {
            if nets.is_empty() {
                nets.reserve_exact(1);
            }
            nets.insert(nth, (place, Default::default()));
            nth
        }
    };
    &mut nets[nth].1
}

/// What changes at each instant, in order, where anything does.
fn stepped(changes: &[Change], mut moves: Moves) -> Result<Vec<Step>> {
    moves.sort_unstable_by_key(|(at, _)| *at);
    let mut steps = Vec::with_capacity(moves.len());
    for moves in moves.chunk_by(|one, other| one.0 == other.0) {
        let mut step = Step { at: moves[0].0, ..Step::default() };
        for (_, moved) in moves {
            match moved {
                Moved::Records(place) => {
                    let tally = changes.get(*place as usize).map_or_else(Tally::default, |change| change.tally);
                    step.tally = step.tally.plus(tally).ok_or_else(out_of_range)?;
                }
                Moved::Persons(persons) => step.persons += persons,
            }
        }
        if !step.is_zero() {
            steps.push(step);
        }
    }
    Ok(steps)
}

/// In the order of their key every row is put beside the one before it.
fn in_order(rows: &mut [rollup_history::Model]) {
    rows.sort_unstable_by(|a, b| {
        let key =
            |row: &rollup_history::Model| (row.unit_id, row.reported, row.programme_id, row.phase_id, row.group_id);
        key(a).cmp(&key(b)).then_with(|| a.bloc.cmp(&b.bloc)).then_with(|| a.at.cmp(&b.at))
    });
}
