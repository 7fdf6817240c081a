//! Cells by number, and for each place where records count the numbers of all the cells that they fall into.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::classes::{Class, Classes};
use crate::ledger::{CellKey, OwnKey, slices};
use crate::rollup::Grade;

/// Where records count: the class of their unit, programme, phase, group.
type Place = (u32, i64, i64, i64);

/// Numbers for whatever is met.
pub(super) struct Numbers<K> {
    numbers: HashMap<K, u32>,
}

impl<K: Hash + Eq> Default for Numbers<K> {
    fn default() -> Self {
        Numbers { numbers: HashMap::new() }
    }
}

impl<K: Hash + Eq> Numbers<K> {
    pub fn of(&mut self, key: K) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(key).or_insert(next)
    }

    pub fn get(&self, key: &K) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, u32)> {
        self.numbers.iter().map(|(key, number)| (key, *number))
    }
}

/// A cell whose history is kept: through the tree as reported or now.
pub(super) type PastCell = (bool, CellKey);

/// The cells with history that records fall into along one path, those of each grade.
pub(super) struct Past {
    pub since: i64,
    pub until: i64,
    pub cells: [Box<[u32]>; 3],
}

#[derive(Default)]
pub(super) struct Lists {
    pub cells: Numbers<CellKey>,
    pub past: Numbers<PastCell>,
    now: HashMap<Place, Arc<[u32]>>,
    then: HashMap<Place, Arc<[Past]>>,
}

impl Lists {
    /// The stored cells that records of a unit of the class fall into now.
    pub fn now(&mut self, classes: &Classes, class: u32, key: OwnKey) -> Arc<[u32]> {
        let place = (class, key.programme, key.phase, key.group);
        if let Some(list) = self.now.get(&place) {
            return list.clone();
        }
        let mut list = Vec::new();
        if let Some(class) = classes.get(class) {
            for keeper in &class.keepers {
                list.extend(cells(*keeper, key, class).map(|cell| self.cells.of(cell)));
            }
        }
        let list: Arc<[u32]> = list.into();
        self.now.insert(place, list.clone());
        list
    }

    /// The cells whose history has records of a unit of the class.
    pub fn then(&mut self, classes: &Classes, class: u32, key: OwnKey) -> Arc<[Past]> {
        let place = (class, key.programme, key.phase, key.group);
        if let Some(list) = self.then.get(&place) {
            return list.clone();
        }
        let mut list = Vec::new();
        if let Some(class) = classes.get(class) {
            for path in &class.paths {
                let grades = classes.kept.get(&(path.keeper, path.reported)).map_or(&[][..], Vec::as_slice);
                let cells = Grade::ALL.map(|grade| {
                    let kept = cells(path.keeper, key, class)
                        .filter(|cell| grades.contains(&grade) && grade.has(cell.phase, cell.group, &cell.bloc));
                    kept.map(|cell| self.past.of((path.reported, cell))).collect()
                });
                list.push(Past { since: path.since, until: path.until, cells });
            }
        }
        let list: Arc<[Past]> = list.into();
        self.then.insert(place, list.clone());
        list
    }
}

fn cells(unit: i64, key: OwnKey, class: &Class) -> impl Iterator<Item = CellKey> {
    let all = slices(key, class.bloc.as_deref()).into_iter();
    all.map(move |(phase, group, bloc)| CellKey { unit, programme: key.programme, phase, group, bloc })
}
