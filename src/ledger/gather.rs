//! The roll-ups of very many initiatives at once, for a programme that has none yet: gathered in memory, written in one go. What
//! comes of it is what [`super::apply`] would come to, difference by difference.

use std::collections::HashMap;

use entity::{rollup_cell, rollup_own, rollup_person};

use super::apply::leaves;
use super::cells::{CellKey, Cells, Leaf, slices};
use super::delta::{Delta, OwnKey, out_of_range};
use super::tally::{Tally, row_with_tally};
use crate::error::{Error, Result};
use crate::store::{Load, Tx};

/// Rows that are written at once.
const BATCH: usize = 10_000;

/// Differences that have been gathered.
#[derive(Default)]
pub struct Gathering {
    /// Own records, and their places.
    own: Vec<(OwnKey, Tally)>,
    places: HashMap<OwnKey, u32>,
    /// A person and a place, for each initiative in which he takes part.
    persons: Vec<(i64, u32)>,
}

impl Gathering {
    pub fn add(&mut self, delta: Delta) -> Result<()> {
        match delta {
            Delta::Initiatives { key, tally } => {
                let place = self.place(key)?;
                let sum = &mut self.own[place as usize].1;
                *sum = sum.plus(tally).ok_or_else(out_of_range)?;
            }
            Delta::Person { key, account, n: 1 } => {
                let place = self.place(key)?;
                self.persons.push((account, place));
            }
            Delta::Person { .. } => return Err(Error::Internal("only what begins is gathered".to_owned())),
        }
        Ok(())
    }

    fn place(&mut self, key: OwnKey) -> Result<u32> {
        if let Some(place) = self.places.get(&key) {
            return Ok(*place);
        }
        let place = u32::try_from(self.own.len()).map_err(|_| out_of_range())?;
        self.places.insert(key, place);
        self.own.push((key, Tally::default()));
        Ok(place)
    }

    /// The units that have anything.
    fn units(&self) -> Vec<i64> {
        let mut units: Vec<i64> = self.own.iter().map(|(key, _)| key.unit).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    /// The blocs of these units and what keeps cells for them; `tx` sees the tree.
    pub async fn leaves(&self, tx: &Tx) -> Result<HashMap<i64, Leaf>> {
        leaves(tx, &self.units()).await
    }

    /// Writes everything.
    pub async fn write(mut self, load: &mut Load, leaves: &HashMap<i64, Leaf>) -> Result<()> {
        self.persons.sort_unstable();
        let cells = self.cells(leaves)?.into_rows();
        for rows in cells.chunks(BATCH) {
            load.insert::<rollup_cell::Entity>(rows).await?;
        }
        let mut own: Vec<(OwnKey, Tally)> = self.own.iter().filter(|(_, tally)| !tally.is_zero()).copied().collect();
        own.sort_unstable_by_key(|(key, _)| *key);
        for some in own.chunks(BATCH) {
            let rows: Vec<_> = some.iter().map(|(key, tally)| own_row(*key, *tally)).collect();
            load.insert::<rollup_own::Entity>(&rows).await?;
        }
        let mut rows = Vec::with_capacity(BATCH);
        for same in self.persons.chunk_by(|one, other| one == other) {
            rows.push(self.person_row(same));
            if rows.len() == BATCH {
                load.insert::<rollup_person::Entity>(&rows).await?;
                rows.clear();
            }
        }
        load.insert::<rollup_person::Entity>(&rows).await
    }

    /// Somebody's initiatives in one place.
    fn person_row(&self, same: &[(i64, u32)]) -> rollup_person::Model {
        let (account_id, place) = same[0];
        let key = self.own[place as usize].0;
        rollup_person::Model {
            account_id,
            programme_id: key.programme,
            unit_id: key.unit,
            phase_id: key.phase,
            group_id: key.group,
            n: i64::try_from(same.len()).unwrap_or(i64::MAX),
        }
    }

    /// The cells above. Persons must be in order.
    fn cells(&self, leaves: &HashMap<i64, Leaf>) -> Result<Cells> {
        let mut cells = Cells::default();
        // Every cell has a number, and every place the numbers of its cells: a person is counted by numbers alone.
        let mut numbers: HashMap<CellKey, u32> = HashMap::new();
        let mut above: Vec<Box<[u32]>> = Vec::with_capacity(self.own.len());
        for (key, tally) in &self.own {
            let Some(leaf) = leaves.get(&key.unit) else {
                above.push(Box::default());
                continue;
            };
            let mut own = Vec::with_capacity(leaf.keepers.len() * 8);
            for keeper in &leaf.keepers {
                cells.add_own(*keeper, *key, leaf.bloc.as_deref(), *tally)?;
                for (phase, group, bloc) in slices(*key, leaf.bloc.as_deref()) {
                    let next = u32::try_from(numbers.len()).map_err(|_| out_of_range())?;
                    let cell = CellKey { unit: *keeper, programme: key.programme, phase, group, bloc };
                    own.push(*numbers.entry(cell).or_insert(next));
                }
            }
            above.push(own.into_boxed_slice());
        }
        let mut counts = vec![0_i64; numbers.len()];
        let mut of_one = Vec::new();
        for person in self.persons.chunk_by(|one, other| one.0 == other.0) {
            of_one.clear();
            of_one.extend(person.iter().flat_map(|(_, place)| above[*place as usize].iter().copied()));
            of_one.sort_unstable();
            of_one.dedup();
            for number in &of_one {
                counts[*number as usize] += 1;
            }
        }
        for (cell, number) in numbers {
            cells.add(cell, Tally::default(), counts[number as usize])?;
        }
        Ok(cells)
    }
}

fn own_row(key: OwnKey, tally: Tally) -> rollup_own::Model {
    row_with_tally!(rollup_own, tally, {
        unit_id: key.unit,
        programme_id: key.programme,
        phase_id: key.phase,
        group_id: key.group,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::persons::{PersonRow, participants_per_cell};

    #[test]
    fn what_is_gathered_is_what_is_counted_one_by_one() {
        let leaf =
            |bloc: Option<&str>, keepers: &[i64]| Leaf { bloc: bloc.map(str::to_owned), keepers: keepers.to_vec() };
        let leaves = HashMap::from([
            (1, leaf(Some("A"), &[10, 100])),
            (2, leaf(Some("B"), &[10, 100])),
            (3, leaf(None, &[20, 100])),
            (4, leaf(Some("A"), &[100])),
        ]);
        let mut gathering = Gathering::default();
        let (mut cells, mut persons) = (Cells::default(), HashMap::<(i64, OwnKey), i64>::new());
        for i in 0..200_i64 {
            let key = OwnKey { unit: 1 + i % 4, programme: 5 + i % 2, phase: 60 + i % 3, group: 70 + i % 5 };
            let tally = Tally { approved: 1, verified: i, ..Tally::default() };
            gathering.add(Delta::Initiatives { key, tally }).unwrap();
            for keeper in &leaves[&key.unit].keepers {
                cells.add_own(*keeper, key, leaves[&key.unit].bloc.as_deref(), tally).unwrap();
            }
            for account in [900 + i % 7, 900 + i % 11 + 7] {
                gathering.add(Delta::Person { key, account, n: 1 }).unwrap();
                *persons.entry((account, key)).or_default() += 1;
            }
        }
        let rows = persons.iter().map(|((account_id, key), n)| PersonRow {
            account_id: *account_id,
            programme_id: key.programme,
            unit_id: key.unit,
            phase_id: key.phase,
            group_id: key.group,
            n: *n,
        });
        for (cell, n) in participants_per_cell(rows, &leaves) {
            cells.add(cell, Tally::default(), n).unwrap();
        }
        gathering.persons.sort_unstable();
        let gathered = gathering.cells(&leaves).unwrap();
        assert_eq!(gathered.0, cells.0);
        assert!(gathered.0.len() > 100);
    }
}
