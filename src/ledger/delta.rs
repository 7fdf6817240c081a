//! A leaf-level difference: what one write changes at one unit. It names no ancestor, so a move can come before or after.

use std::collections::HashMap;

use entity::rollup_delta;

use super::tally::{Tally, row_with_tally, tally_in};
use crate::error::{Error, Result};

/// Whose own records: a unit, in a programme, by phase and group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnKey {
    pub unit: i64,
    pub programme: i64,
    pub phase: i64,
    pub group: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta {
    /// The unit's own initiatives add up to this much more.
    Initiatives { key: OwnKey, tally: Tally },
    /// The person takes part in `n` more counted initiatives of the unit.
    Person { key: OwnKey, account: i64, n: i64 },
}

impl Delta {
    pub(super) fn into_row(self, id: i64) -> rollup_delta::Model {
        let (key, account_id, tally, n) = match self {
            Delta::Initiatives { key, tally } => (key, None, tally, 0),
            Delta::Person { key, account, n } => (key, Some(account), Tally::default(), n),
        };
        row_with_tally!(rollup_delta, tally, {
            id: id,
            unit_id: key.unit,
            programme_id: key.programme,
            phase_id: key.phase,
            group_id: key.group,
            account_id: account_id,
            n: n,
            set_aside: false,
        })
    }

    pub(super) fn from_row(row: &rollup_delta::Model) -> Delta {
        let key = OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
        match row.account_id {
            None => Delta::Initiatives { key, tally: tally_in!(row) },
            Some(account) => Delta::Person { key, account, n: row.n },
        }
    }
}

/// Differences added up: by own records, and by person and own records.
#[derive(Default)]
pub struct Sums {
    pub own: HashMap<OwnKey, Tally>,
    pub persons: HashMap<(i64, OwnKey), i64>,
}

impl Sums {
    pub fn of(deltas: &[Delta]) -> Result<Sums> {
        let mut sums = Sums::default();
        for delta in deltas {
            match *delta {
                Delta::Initiatives { key, tally } => {
                    let sum = sums.own.entry(key).or_default();
                    *sum = sum.plus(tally).ok_or_else(out_of_range)?;
                }
                Delta::Person { key, account, n } => *sums.persons.entry((account, key)).or_default() += n,
            }
        }
        sums.own.retain(|_, tally| !tally.is_zero());
        sums.persons.retain(|_, n| *n != 0);
        Ok(sums)
    }
}

pub fn out_of_range() -> Error {
    Error::Internal("a sum of a roll-up is out of the range of 64 bits".to_owned())
}
