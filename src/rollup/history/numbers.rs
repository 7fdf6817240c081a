//! The kept cells that a span changes, by number: millions of events add to a few hundred thousand cells, and a number is soon found.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::seats::{Keeper, Seats};
use super::span::Reach;
use crate::ledger::{CellKey, OwnKey, Tally, slices};

pub type Cell = (bool, CellKey);

/// Differences of a cell by the mark before which they came.
pub type Steps = BTreeMap<usize, (Tally, i64)>;

/// A keeper, and where records count: programme, phase, group, and the place of their unit's bloc.
type Place = (Keeper, i64, i64, i64, usize);

/// Cells with what changes of them.
pub struct Numbers<'a> {
    reaches: &'a [Reach],
    /// Each with the place of its grade's reach.
    cells: Vec<(usize, Cell, Steps)>,
    numbers: HashMap<Cell, usize>,
    places: HashMap<Place, Arc<[usize]>>,
}

impl<'a> Numbers<'a> {
    pub fn new(reaches: &'a [Reach]) -> Numbers<'a> {
        Numbers { reaches, cells: Vec::new(), numbers: HashMap::new(), places: HashMap::new() }
    }

    /// The keeper's cells that records with this key fall into.
    pub fn of(&mut self, seats: &Seats<'_>, keeper: Keeper, key: OwnKey) -> Arc<[usize]> {
        let bloc = seats.bloc(key.unit);
        let place = (keeper, key.programme, key.phase, key.group, bloc);
        if let Some(found) = self.places.get(&place) {
            return found.clone();
        }
        let (unit, reported) = keeper;
        let mut found = Vec::new();
        for (nth, reach) in self.reaches.iter().enumerate() {
            if !seats.grades(keeper).contains(&reach.grade) {
                continue;
            }
            for (phase, group, bloc) in slices(key, seats.bloc_at(bloc)) {
                if reach.grade.has(phase, group, &bloc) {
                    let cell = (reported, CellKey { unit, programme: key.programme, phase, group, bloc });
                    let next = self.cells.len();
                    let number = *self.numbers.entry(cell.clone()).or_insert(next);
                    if number == next {
                        self.cells.push((nth, cell, Steps::new()));
                    }
                    found.push(number);
                }
            }
        }
        let found: Arc<[usize]> = found.into();
        self.places.insert(place, found.clone());
        found
    }

    /// The reach of a cell's grade, and what changes of it.
    pub fn steps(&mut self, number: usize) -> (&'a Reach, &mut Steps) {
        let (nth, _, steps) = &mut self.cells[number];
        (&self.reaches[*nth], steps)
    }

    /// For each reach its cells with what changes of them.
    pub fn nets(self) -> Vec<Vec<(Cell, Steps)>> {
        let mut nets: Vec<Vec<(Cell, Steps)>> = self.reaches.iter().map(|_| Vec::new()).collect();
        for (nth, cell, steps) in self.cells {
            nets[nth].push((cell, steps));
        }
        nets
    }
}
