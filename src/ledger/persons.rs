//! Distinct persons. They do not add up: somebody may have initiatives in several units, phases and groups, and counts once in
//! every cell that holds one of them.

use std::collections::{HashMap, HashSet};

use super::cells::{CellKey, Leaf, slices};
use super::delta::OwnKey;

/// In how many counted initiatives of a unit a person takes part, by phase and group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sea_orm::FromQueryResult)]
pub struct PersonRow {
    pub account_id: i64,
    pub programme_id: i64,
    pub unit_id: i64,
    pub phase_id: i64,
    pub group_id: i64,
    pub n: i64,
}

impl PersonRow {
    pub fn key(&self) -> OwnKey {
        OwnKey { unit: self.unit_id, programme: self.programme_id, phase: self.phase_id, group: self.group_id }
    }
}

/// The cells in which each person counts, as one number a cell: a person is in it where his rows in it sum to more than 0.
pub fn participants_per_cell(
    rows: impl IntoIterator<Item = PersonRow>,
    leaves: &HashMap<i64, Leaf>,
) -> HashMap<CellKey, i64> {
    let mut sums: HashMap<(i64, CellKey), i64> = HashMap::new();
    for row in rows {
        let Some(leaf) = leaves.get(&row.unit_id) else { continue };
        for (phase, group, bloc) in slices(row.key(), leaf.bloc.as_deref()) {
            for keeper in &leaf.keepers {
                let cell = CellKey { unit: *keeper, programme: row.programme_id, phase, group, bloc: bloc.clone() };
                *sums.entry((row.account_id, cell)).or_default() += row.n;
            }
        }
    }
    let mut counts = HashMap::new();
    for ((_, cell), n) in sums {
        if n > 0 {
            *counts.entry(cell).or_default() += 1;
        }
    }
    counts
}

/// What becomes of the rows of some persons when more is added to them: how much each cell's number of persons changes.
/// `before` must hold every row of these persons in these programmes.
pub fn changes(
    before: &[PersonRow],
    added: &HashMap<(i64, OwnKey), i64>,
    leaves: &HashMap<i64, Leaf>,
) -> HashMap<CellKey, i64> {
    let mut after: HashMap<(i64, OwnKey), i64> = added.clone();
    for row in before {
        *after.entry((row.account_id, row.key())).or_default() += row.n;
    }
    let after = after.into_iter().map(|((account_id, key), n)| PersonRow {
        account_id,
        programme_id: key.programme,
        unit_id: key.unit,
        phase_id: key.phase,
        group_id: key.group,
        n,
    });
    let mut change = participants_per_cell(after, leaves);
    for (cell, n) in participants_per_cell(before.iter().copied(), leaves) {
        *change.entry(cell).or_default() -= n;
    }
    change.retain(|_, n| *n != 0);
    change
}

/// Of the persons of a subtree, those in each slice who also count in it outside: by unit of `outside`, how many.
pub fn shared(
    inside: &[PersonRow],
    outside: &[PersonRow],
    bloc_of: impl Fn(i64) -> Option<String>,
    above: &HashMap<i64, Vec<i64>>,
) -> HashMap<CellKey, i64> {
    let mut held: HashMap<(i64, i64, i64, i64, String), i64> = HashMap::new();
    for row in inside {
        for (phase, group, bloc) in slices(row.key(), bloc_of(row.unit_id).as_deref()) {
            *held.entry((row.account_id, row.programme_id, phase, group, bloc)).or_default() += row.n;
        }
    }
    let mut sums: HashMap<(i64, CellKey), i64> = HashMap::new();
    for row in outside {
        for (phase, group, bloc) in slices(row.key(), bloc_of(row.unit_id).as_deref()) {
            let slice = (row.account_id, row.programme_id, phase, group, bloc.clone());
            if held.get(&slice).is_none_or(|n| *n <= 0) {
                continue;
            }
            for keeper in above.get(&row.unit_id).into_iter().flatten() {
                let cell = CellKey { unit: *keeper, programme: row.programme_id, phase, group, bloc: bloc.clone() };
                *sums.entry((row.account_id, cell)).or_default() += row.n;
            }
        }
    }
    let mut counts = HashMap::new();
    for ((_, cell), n) in sums {
        if n > 0 {
            *counts.entry(cell).or_default() += 1;
        }
    }
    counts
}

/// The persons and programmes that some differences touch.
pub fn touched(persons: &HashMap<(i64, OwnKey), i64>) -> (Vec<i64>, Vec<i64>) {
    let accounts: HashSet<i64> = persons.keys().map(|(account, _)| *account).collect();
    let programmes: HashSet<i64> = persons.keys().map(|(_, key)| key.programme).collect();
    (accounts.into_iter().collect(), programmes.into_iter().collect())
}
