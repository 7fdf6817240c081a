//! The measures of a roll-up.

use sea_orm::FromQueryResult;

use crate::ledger::Tally;
use crate::store::Dialect;

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

/// The sum of every column of a tally, in 64 bits.
pub(super) fn sums(dialect: Dialect, alias: &str) -> String {
    let sum = |column: &&str| format!("{} AS {column}", dialect.sum(&format!("{alias}.{column}")));
    Tally::COLUMNS.iter().map(sum).collect::<Vec<_>>().join(", ")
}
