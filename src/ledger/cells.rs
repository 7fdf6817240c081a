//! Stored cells: for an inner unit, any or one phase, any or one group, any or one bloc.

use std::collections::HashMap;

use entity::rollup_cell;

use super::delta::{OwnKey, out_of_range};
use super::tally::{Tally, row_with_tally};
use crate::error::Result;

/// 0 and the empty bloc mean any.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellKey {
    pub unit: i64,
    pub programme: i64,
    pub phase: i64,
    pub group: i64,
    pub bloc: String,
}

/// A unit that has records of its own: its bloc, and the inner units that keep cells for it, itself included.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    pub bloc: Option<String>,
    pub keepers: Vec<i64>,
}

/// The slices of one programme that records with this key fall into: phase, group and bloc, each any or its own.
pub fn slices(key: OwnKey, bloc: Option<&str>) -> Vec<(i64, i64, String)> {
    let blocs = [Some(""), bloc];
    let mut all = Vec::with_capacity(8);
    for phase in [0, key.phase] {
        for group in [0, key.group] {
            all.extend(blocs.iter().flatten().map(|bloc| (phase, group, (*bloc).to_owned())));
        }
    }
    all
}

/// Differences of stored cells.
#[derive(Default)]
pub struct Cells(pub HashMap<CellKey, (Tally, i64)>);

impl Cells {
    pub fn add(&mut self, key: CellKey, tally: Tally, participants: i64) -> Result<()> {
        let cell = self.0.entry(key).or_default();
        cell.0 = cell.0.plus(tally).ok_or_else(out_of_range)?;
        cell.1 += participants;
        Ok(())
    }

    /// Adds what own records add to every cell of the unit that keeps it.
    pub fn add_own(&mut self, keeper: i64, own: OwnKey, bloc: Option<&str>, tally: Tally) -> Result<()> {
        for (phase, group, bloc) in slices(own, bloc) {
            self.add(CellKey { unit: keeper, programme: own.programme, phase, group, bloc }, tally, 0)?;
        }
        Ok(())
    }

    /// As rows, those that change nothing left out.
    pub fn into_rows(self) -> Vec<rollup_cell::Model> {
        let changes = self.0.into_iter().filter(|(_, (tally, participants))| !tally.is_zero() || *participants != 0);
        changes
            .map(|(key, (tally, participants))| {
                row_with_tally!(rollup_cell, tally, {
                    unit_id: key.unit,
                    programme_id: key.programme,
                    phase_id: key.phase,
                    group_id: key.group,
                    bloc: key.bloc,
                    participants: participants,
                })
            })
            .collect()
    }
}
