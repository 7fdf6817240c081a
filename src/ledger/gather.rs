//! The roll-ups of very many initiatives at once, for programmes that have none yet: gathered in files that are sorted, written in one
//! go. What comes of it is what [`super::apply`] would come to, difference by difference. Held are the cells alone.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use entity::{rollup_cell, rollup_own, rollup_person};

use super::apply::leaves;
use super::cells::{CellKey, Cells, Leaf, slices};
use super::delta::{Delta, OwnKey, out_of_range};
use super::tally::{Tally, row_with_tally};
use crate::error::{Error, Result};
use crate::store::{Load, Sorted, Spill, Tx};

/// Rows that are written at once.
const BATCH: usize = 10_000;

/// Units that are read at once.
const UNITS: usize = 10_000;

/// A key of own records and a tally.
const OWN: usize = 4 + Tally::COLUMNS.len();

/// A person and a key of own records.
const PERSON: usize = 5;

/// Differences that have been gathered.
#[derive(Default)]
pub struct Gathering {
    own: Spill<OWN>,
    /// One for each initiative in which somebody takes part.
    persons: Spill<PERSON>,
    /// The units that have anything.
    units: BTreeSet<i64>,
}

impl Gathering {
    pub fn add(&mut self, delta: Delta) -> Result<()> {
        match delta {
            Delta::Initiatives { key, tally } => {
                self.units.insert(key.unit);
                let mut record = [0; OWN];
                record[..4].copy_from_slice(&[key.unit, key.programme, key.phase, key.group]);
                record[4..].copy_from_slice(&tally.words());
                self.own.push(record)
            }
            Delta::Person { key, account, n: 1 } => {
                self.units.insert(key.unit);
                self.persons.push([account, key.programme, key.unit, key.phase, key.group])
            }
            Delta::Person { .. } => Err(Error::Internal("only what begins is gathered".to_owned())),
        }
    }

    /// The blocs of these units and what keeps cells for them; `tx` sees the tree.
    pub async fn leaves(&self, tx: &Tx) -> Result<HashMap<i64, Leaf>> {
        let units: Vec<i64> = self.units.iter().copied().collect();
        let mut found = HashMap::with_capacity(units.len());
        for units in units.chunks(UNITS) {
            found.extend(leaves(tx, units).await?);
        }
        Ok(found)
    }

    /// Writes everything.
    pub async fn write(self, load: &mut Load, leaves: &HashMap<i64, Leaf>) -> Result<()> {
        let mut places = Places::of(leaves);
        let (mut own, mut rows) = (self.own.sorted()?, Vec::with_capacity(BATCH));
        while let Some((key, tally)) = next_own(&mut own)? {
            places.add(key, tally)?;
            if !tally.is_zero() {
                rows.push(own_row(key, tally));
            }
            if rows.len() == BATCH {
                load.insert::<rollup_own::Entity>(&rows).await?;
                rows.clear();
            }
        }
        load.insert::<rollup_own::Entity>(&rows).await?;
        drop((own, rows));
        let (mut persons, mut one) = (self.persons.sorted()?, Vec::new());
        let mut rows = Vec::with_capacity(BATCH);
        while next_person(&mut persons, &mut one)? {
            places.meet(&one)?;
            rows.append(&mut one);
            if rows.len() >= BATCH {
                load.insert::<rollup_person::Entity>(&rows).await?;
                rows.clear();
            }
        }
        load.insert::<rollup_person::Entity>(&rows).await?;
        drop((persons, rows));
        for rows in places.cells()?.into_rows().chunks(BATCH) {
            load.insert::<rollup_cell::Entity>(rows).await?;
        }
        Ok(())
    }
}

/// All that was gathered of the next own records.
fn next_own(sorted: &mut Sorted<OWN>) -> Result<Option<(OwnKey, Tally)>> {
    let Some(record) = sorted.take()? else { return Ok(None) };
    let tally = |record: &[i64; OWN]| {
        let mut words = [0; Tally::COLUMNS.len()];
        words.copy_from_slice(&record[4..]);
        Tally::from_words(words)
    };
    let mut sum = tally(&record);
    while let Some(more) = sorted.take_if(|more| more[..4] == record[..4])? {
        sum = sum.plus(tally(&more)).ok_or_else(out_of_range)?;
    }
    let [unit, programme, phase, group, ..] = record;
    Ok(Some((OwnKey { unit, programme, phase, group }, sum)))
}

/// The rows of the next person, added to those given; false where there is nobody left.
fn next_person(sorted: &mut Sorted<PERSON>, rows: &mut Vec<rollup_person::Model>) -> Result<bool> {
    let Some(person) = sorted.peek().map(|record| record[0]) else { return Ok(false) };
    while let Some(record) = sorted.take_if(|record| record[0] == person)? {
        let mut n = 1;
        while sorted.take_if(|more| *more == record)?.is_some() {
            n += 1;
        }
        let [account_id, programme_id, unit_id, phase_id, group_id] = record;
        rows.push(rollup_person::Model { account_id, programme_id, unit_id, phase_id, group_id, n });
    }
    Ok(true)
}

/// What decides to which cells own records add, beside the programme, phase and group: the bloc, and who keeps cells.
type Class<'a> = (Option<&'a str>, &'a [i64]);

/// The cells above all places, by number: so that a person is counted by numbers alone.
struct Places<'a> {
    leaves: &'a HashMap<i64, Leaf>,
    classes: HashMap<Class<'a>, u32>,
    /// For each class with programme, phase and group the numbers of its cells.
    lists: HashMap<(u32, i64, i64, i64), Arc<[u32]>>,
    numbers: HashMap<CellKey, u32>,
    /// What the cells add up to, with their persons.
    sums: Vec<(Tally, i64)>,
    /// The cells of one person.
    room: Vec<u32>,
}

impl<'a> Places<'a> {
    fn of(leaves: &'a HashMap<i64, Leaf>) -> Places<'a> {
        let (classes, lists, numbers) = (HashMap::new(), HashMap::new(), HashMap::new());
        Places { leaves, classes, lists, numbers, sums: Vec::new(), room: Vec::new() }
    }

    /// The numbers of the cells to which own records with this key add.
    fn above(&mut self, key: OwnKey) -> Result<Arc<[u32]>> {
        let Some(leaf) = self.leaves.get(&key.unit) else { return Ok(Arc::default()) };
        let (bloc, keepers) = (leaf.bloc.as_deref(), leaf.keepers.as_slice());
        let next = u32::try_from(self.classes.len()).map_err(|_| out_of_range())?;
        let class = *self.classes.entry((bloc, keepers)).or_insert(next);
        let place = (class, key.programme, key.phase, key.group);
        if let Some(list) = self.lists.get(&place) {
            return Ok(list.clone());
        }
        let mut list = Vec::with_capacity(keepers.len() * 8);
        for unit in keepers {
            for (phase, group, bloc) in slices(key, bloc) {
                let next = u32::try_from(self.numbers.len()).map_err(|_| out_of_range())?;
                let cell = CellKey { unit: *unit, programme: key.programme, phase, group, bloc };
                list.push(*self.numbers.entry(cell).or_insert(next));
            }
        }
        self.sums.resize(self.numbers.len(), (Tally::default(), 0));
        let list: Arc<[u32]> = list.into();
        self.lists.insert(place, list.clone());
        Ok(list)
    }

    /// Adds own records.
    fn add(&mut self, key: OwnKey, tally: Tally) -> Result<()> {
        for number in self.above(key)?.iter() {
            let sum = &mut self.sums[*number as usize].0;
            *sum = sum.plus(tally).ok_or_else(out_of_range)?;
        }
        Ok(())
    }

    /// Counts somebody in every cell in which he takes part.
    fn meet(&mut self, of_one: &[rollup_person::Model]) -> Result<()> {
        let mut room = std::mem::take(&mut self.room);
        room.clear();
        for row in of_one {
            let key =
                OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
            room.extend_from_slice(&self.above(key)?);
        }
        room.sort_unstable();
        room.dedup();
        for number in &room {
            self.sums[*number as usize].1 += 1;
        }
        self.room = room;
        Ok(())
    }

    fn cells(self) -> Result<Cells> {
        let mut cells = Cells::default();
        for (cell, number) in self.numbers {
            let (tally, persons) = self.sums[number as usize];
            cells.add(cell, tally, persons)?;
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
        let mut places = Places::of(&leaves);
        let (mut own, mut one) = (gathering.own.sorted().unwrap(), Vec::new());
        while let Some((key, tally)) = next_own(&mut own).unwrap() {
            places.add(key, tally).unwrap();
        }
        let (mut sorted, mut counted) = (gathering.persons.sorted().unwrap(), HashMap::new());
        while next_person(&mut sorted, &mut one).unwrap() {
            places.meet(&one).unwrap();
            for row in one.drain(..) {
                let key =
                    OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
                counted.insert((row.account_id, key), row.n);
            }
        }
        let gathered = places.cells().unwrap();
        assert_eq!(counted, persons);
        assert_eq!(gathered.0, cells.0);
        assert!(gathered.0.len() > 100);
    }
}
