//! What one or many initiatives add to a roll-up. Plain sums: parts add up to the whole.

use entity::enums::InitiativeState;
use sea_orm::FromQueryResult;
use serde::Deserialize;

use crate::error::Result;
use crate::store::{Fields, Lean};

/// What counts of one initiative at one moment, as its latest submission said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub state: InitiativeState,
    /// VND; 0 where not computable.
    pub claim: i64,
    pub opaque: bool,
    /// VND; 0 where there is none.
    pub verified: i64,
}

/// Additive measures, by state where the state decides what counts. Money in VND; `opaque`: not computable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult, Deserialize)]
pub struct Tally {
    pub pending: i64,
    pub returned: i64,
    pub approved: i64,
    pub rejected: i64,
    pub revoked: i64,
    pub claimed_pending: i64,
    pub claimed_returned: i64,
    pub claimed_approved: i64,
    pub verified: i64,
    pub opaque_pending: i64,
    pub opaque_returned: i64,
    pub opaque_approved: i64,
}

/// The tally in a row that has its columns.
macro_rules! tally_in {
    ($row:expr) => {
        $crate::ledger::Tally {
            pending: $row.pending,
            returned: $row.returned,
            approved: $row.approved,
            rejected: $row.rejected,
            revoked: $row.revoked,
            claimed_pending: $row.claimed_pending,
            claimed_returned: $row.claimed_returned,
            claimed_approved: $row.claimed_approved,
            verified: $row.verified,
            opaque_pending: $row.opaque_pending,
            opaque_returned: $row.opaque_returned,
            opaque_approved: $row.opaque_approved,
        }
    };
}

/// A row with the columns of a tally and the given others.
macro_rules! row_with_tally {
    ($module:ident, $tally:expr, { $($key:ident: $value:expr),* $(,)? }) => {
        $module::Model {
            $($key: $value,)*
            pending: $tally.pending,
            returned: $tally.returned,
            approved: $tally.approved,
            rejected: $tally.rejected,
            revoked: $tally.revoked,
            claimed_pending: $tally.claimed_pending,
            claimed_returned: $tally.claimed_returned,
            claimed_approved: $tally.claimed_approved,
            verified: $tally.verified,
            opaque_pending: $tally.opaque_pending,
            opaque_returned: $tally.opaque_returned,
            opaque_approved: $tally.opaque_approved,
        }
    };
}

pub(crate) use {row_with_tally, tally_in};

/// [`Tally::COLUMNS`], in their order.
impl Lean for Tally {
    const COLUMNS: usize = Tally::COLUMNS.len();

    fn read(fields: &mut Fields<'_>) -> Result<Tally> {
        let mut words = [0; Tally::COLUMNS.len()];
        for word in &mut words {
            *word = fields.field()?;
        }
        Ok(Tally::from_words(words))
    }
}

impl Tally {
    /// The columns in which a tally is stored.
    pub const COLUMNS: [&'static str; 12] = [
        "pending",
        "returned",
        "approved",
        "rejected",
        "revoked",
        "claimed_pending",
        "claimed_returned",
        "claimed_approved",
        "verified",
        "opaque_pending",
        "opaque_returned",
        "opaque_approved",
    ];

    /// The columns' values, in their order.
    pub fn words(self) -> [i64; Self::COLUMNS.len()] {
        [
            self.pending,
            self.returned,
            self.approved,
            self.rejected,
            self.revoked,
            self.claimed_pending,
            self.claimed_returned,
            self.claimed_approved,
            self.verified,
            self.opaque_pending,
            self.opaque_returned,
            self.opaque_approved,
        ]
    }

    /// The tally of such values.
    pub fn from_words(words: [i64; Self::COLUMNS.len()]) -> Tally {
        let [
            pending,
            returned,
            approved,
            rejected,
            revoked,
            claimed_pending,
            claimed_returned,
            claimed_approved,
            verified,
            opaque_pending,
            opaque_returned,
            opaque_approved,
        ] = words;
        Tally {
            pending,
            returned,
            approved,
            rejected,
            revoked,
            claimed_pending,
            claimed_returned,
            claimed_approved,
            verified,
            opaque_pending,
            opaque_returned,
            opaque_approved,
        }
    }

    /// What one initiative adds. Drafts and withdrawn ones count nowhere.
    pub fn of(counted: Counted) -> Tally {
        let Counted { state, claim, opaque, verified } = counted;
        Tally::of_state(state, 1, claim, i64::from(opaque), verified)
    }

    /// What `n` initiatives of a state add, of which so many have no computable claim; money in all of them together.
    pub fn of_state(state: InitiativeState, n: i64, claim: i64, opaque: i64, verified: i64) -> Tally {
        let none = Tally::default();
        match state {
            InitiativeState::Draft | InitiativeState::Withdrawn => none,
            InitiativeState::Submitted => Tally { pending: n, claimed_pending: claim, opaque_pending: opaque, ..none },
            InitiativeState::Returned => {
                Tally { returned: n, claimed_returned: claim, opaque_returned: opaque, ..none }
            }
            InitiativeState::Approved => {
                Tally { approved: n, claimed_approved: claim, verified, opaque_approved: opaque, ..none }
            }
            InitiativeState::Rejected => Tally { rejected: n, ..none },
            InitiativeState::Revoked => Tally { revoked: n, ..none },
        }
    }

    /// The sum; `None` where it is out of range.
    pub fn plus(self, other: Tally) -> Option<Tally> {
        let (mut sum, other) = (self.words(), other.words());
        for (a, b) in sum.iter_mut().zip(other) {
            *a = a.checked_add(b)?;
        }
        Some(Tally::from_words(sum))
    }

    pub fn negated(self) -> Tally {
        Tally::from_words(self.words().map(|field| -field))
    }

    pub fn is_zero(&self) -> bool {
        *self == Tally::default()
    }

    /// Every initiative that counts, whatever its state.
    pub fn submitted(&self) -> i64 {
        self.pending + self.returned + self.approved + self.rejected + self.revoked
    }

    /// Claims over SUBMITTED, RETURNED and APPROVED, VND.
    pub fn claimed(&self) -> i64 {
        self.claimed_pending + self.claimed_returned + self.claimed_approved
    }

    /// Not computable, over the same states as the claims.
    pub fn opaque(&self) -> i64 {
        self.opaque_pending + self.opaque_returned + self.opaque_approved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(state: InitiativeState) -> Tally {
        Tally::of(Counted { state, claim: 7, opaque: false, verified: 5 })
    }

    #[test]
    fn money_counts_in_the_states_that_the_rules_name() {
        assert!(one(InitiativeState::Draft).is_zero() && one(InitiativeState::Withdrawn).is_zero());
        assert_eq!((one(InitiativeState::Submitted).claimed(), one(InitiativeState::Submitted).verified), (7, 0));
        assert_eq!((one(InitiativeState::Approved).claimed(), one(InitiativeState::Approved).verified), (7, 5));
        assert_eq!((one(InitiativeState::Revoked).submitted(), one(InitiativeState::Revoked).claimed()), (1, 0));
    }

    #[test]
    fn sums_are_checked_and_can_be_taken_back() {
        let tally = one(InitiativeState::Approved);
        assert!(tally.plus(tally.negated()).is_some_and(|sum| sum.is_zero()));
        let most = Tally { verified: i64::MAX, ..Tally::default() };
        assert_eq!(most.plus(tally), None);
    }
}
