//! What each initiative adds now, as SQL: a table for joins, and the sums by state that a tally is made of.

use entity::enums::InitiativeState;
use sea_orm::FromQueryResult;

use crate::ledger::Tally;

/// Those of the programme (a placeholder) that were sent in, and keep a further condition on `i`. Withdrawn ones add nothing.
pub(super) fn records(programme: &str, more: &str) -> String {
    format!(
        "(SELECT i.unit_id, i.phase_id, i.group_id, i.submitted_at, i.state, i.counted_claim, i.counted_opaque, i.verified_benefit \
         FROM initiative i WHERE i.programme_id = {programme} AND i.submitted_at IS NOT NULL{more})"
    )
}

/// Sums over the rows `w` of one state.
pub(super) const SUMS: &str = "w.state, COUNT(*) AS n, CAST(COALESCE(SUM(w.counted_claim), 0) AS BIGINT) AS claimed, \
     SUM(CASE WHEN w.counted_opaque THEN 1 ELSE 0 END) AS opaque, \
     CAST(COALESCE(SUM(w.verified_benefit), 0) AS BIGINT) AS verified";

/// A row of [`SUMS`].
#[derive(FromQueryResult)]
pub(super) struct StateSums {
    state: InitiativeState,
    n: i64,
    /// VND.
    claimed: i64,
    opaque: i64,
    /// VND.
    verified: i64,
}

impl StateSums {
    pub fn tally(&self) -> Tally {
        Tally::of_state(self.state, self.n, self.claimed, self.opaque, self.verified)
    }
}
