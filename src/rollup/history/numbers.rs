//! The kept cells by number: millions of events add to a few hundred thousand cells, and a number is soon found.

use std::collections::HashMap;
use std::sync::Arc;

use super::grade::Grade;
use super::seats::{Keeper, Seats};
use crate::ledger::{CellKey, OwnKey, slices};

pub type Cell = (bool, CellKey);

/// A keeper, and where records count: programme, phase, group, and the place of their unit's bloc.
type Place = (Keeper, i64, i64, i64, usize);

/// Cells that were met, each with its grade.
pub struct Numbers {
    grades: Vec<Grade>,
    cells: Vec<(Grade, Cell)>,
    numbers: HashMap<Cell, u32>,
    places: HashMap<Place, Arc<[u32]>>,
}

impl Numbers {
    /// Of cells of these grades.
    pub fn new(grades: &[Grade]) -> Numbers {
        Numbers { grades: grades.to_vec(), cells: Vec::new(), numbers: HashMap::new(), places: HashMap::new() }
    }

    /// The keeper's cells that records with this key fall into.
    pub fn of(&mut self, seats: &Seats, keeper: Keeper, key: OwnKey) -> Arc<[u32]> {
        let bloc = seats.bloc(key.unit);
        let place = (keeper, key.programme, key.phase, key.group, bloc);
        if let Some(found) = self.places.get(&place) {
            return found.clone();
        }
        let (unit, reported) = keeper;
        let mut found = Vec::new();
        for grade in self.grades.iter().filter(|grade| seats.grades(keeper).contains(grade)) {
            for (phase, group, bloc) in slices(key, seats.bloc_at(bloc)) {
                if grade.has(phase, group, &bloc) {
                    let cell = (reported, CellKey { unit, programme: key.programme, phase, group, bloc });
                    // More cells than that are in no memory.
                    let next = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
                    let number = *self.numbers.entry(cell.clone()).or_insert(next);
                    if number == next {
                        self.cells.push((*grade, cell));
                    }
                    found.push(number);
                }
            }
        }
        let found: Arc<[u32]> = found.into();
        self.places.insert(place, found.clone());
        found
    }

    /// A cell by its number, with its grade.
    pub fn cell(&self, number: u32) -> (Grade, &Cell) {
        let (grade, cell) = &self.cells[number as usize];
        (*grade, cell)
    }
}
