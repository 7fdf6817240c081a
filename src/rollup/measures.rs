//! The measures of a roll-up.

use sea_orm::FromQueryResult;
use serde::Deserialize;

use crate::error::Result;
use crate::ledger::Tally;
use crate::store::{Both, Dialect, Fields, Lean, lean_row};

/// What a unit and everything below it add up to in a slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Both<Tally, Participants>")]
pub struct Measures {
    pub tally: Tally,
    /// Distinct persons.
    pub participants: i64,
}

lean_row!(Participants { participants: i64 });

impl From<Both<Tally, Participants>> for Measures {
    fn from(Both(tally, Participants { participants }): Both<Tally, Participants>) -> Measures {
        Measures { tally, participants }
    }
}

/// The columns of the tally, then participants.
impl Lean for Measures {
    const COLUMNS: usize = Both::<Tally, Participants>::COLUMNS;

    fn read(fields: &mut Fields<'_>) -> Result<Measures> {
        Ok(Both::<Tally, Participants>::read(fields)?.into())
    }
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
