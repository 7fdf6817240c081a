//! The measures of a roll-up, for any number of units at once.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::{scan, stored};
use crate::error::Result;
use crate::ledger::Tally;
use crate::programme::ResolvedSlice;
use crate::store::Tx;

/// What a unit and everything below it add up to in a slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    pub tally: Tally,
    /// Distinct persons.
    pub participants: i64,
}

/// A number that a unit can be measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    Submitted,
    Pending,
    Returned,
    Approved,
    Rejected,
    Revoked,
    /// VND.
    ClaimedBenefit,
    /// VND.
    VerifiedBenefit,
    Participants,
    /// APPROVED against the target.
    Completion,
}

impl Measures {
    /// The amount of a measure; for COMPLETION its numerator.
    pub fn amount(&self, measure: Measure) -> i64 {
        match measure {
            Measure::Submitted => self.tally.submitted(),
            Measure::Pending => self.tally.pending,
            Measure::Returned => self.tally.returned,
            Measure::Approved | Measure::Completion => self.tally.approved,
            Measure::Rejected => self.tally.rejected,
            Measure::Revoked => self.tally.revoked,
            Measure::ClaimedBenefit => self.tally.claimed(),
            Measure::VerifiedBenefit => self.tally.verified,
            Measure::Participants => self.participants,
        }
    }

    pub fn is_zero(&self) -> bool {
        self.tally.is_zero() && self.participants == 0
    }
}

/// A row of sums for an owner.
#[derive(FromQueryResult)]
pub(super) struct SumRow {
    pub owner: i64,
    #[sea_orm(nested)]
    pub tally: Tally,
    pub participants: i64,
}

/// `SUM` of every column of a tally, in 64 bits.
pub(super) fn sums(alias: &str) -> String {
    let sums =
        Tally::COLUMNS.iter().map(|column| format!("CAST(COALESCE(SUM({alias}.{column}), 0) AS BIGINT) AS {column}"));
    sums.collect::<Vec<_>>().join(", ")
}

/// The measures of each unit in the slice: from stored cells where one cell answers it, else by reading own records.
pub async fn of(tx: &Tx, programme: i64, slice: &ResolvedSlice, units: &[i64]) -> Result<HashMap<i64, Measures>> {
    let mut found: HashMap<i64, Measures> = units.iter().map(|unit| (*unit, Measures::default())).collect();
    if let Some((phase, group, bloc)) = slice.cell() {
        for row in stored::read(tx, programme, (phase, group, bloc), units).await? {
            found.insert(row.owner, Measures { tally: row.tally, participants: row.participants });
        }
    } else {
        for row in scan::read(tx, programme, slice, units, &[]).await? {
            found.insert(row.owner, row.measures);
        }
    }
    Ok(found)
}
