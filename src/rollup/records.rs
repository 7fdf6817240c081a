//! What each initiative adds now, as SQL: a table with the columns of a tally, for joins.

use entity::enums::InitiativeState;
use sea_orm::ActiveEnum;

use crate::ledger::Tally;

/// Those of the programme (a placeholder) that were sent in, and keep a further condition on `i`. Withdrawn ones add nothing.
pub(super) fn records(programme: &str, more: &str) -> String {
    format!(
        "(SELECT i.unit_id, i.phase_id, i.group_id, i.submitted_at, {} FROM initiative i \
         WHERE i.programme_id = {programme} AND i.submitted_at IS NOT NULL{more})",
        columns()
    )
}

/// The expressions of [`Tally::of`], each under its column's name.
fn columns() -> String {
    use InitiativeState::{Approved, Rejected, Returned, Revoked, Submitted};
    let in_state = |state: InitiativeState, what: &str| {
        format!("CASE WHEN i.state = '{}' THEN {what} ELSE 0 END", state.to_value())
    };
    let opaque = "CASE WHEN i.counted_opaque THEN 1 ELSE 0 END";
    let each = [
        in_state(Submitted, "1"),
        in_state(Returned, "1"),
        in_state(Approved, "1"),
        in_state(Rejected, "1"),
        in_state(Revoked, "1"),
        in_state(Submitted, "i.counted_claim"),
        in_state(Returned, "i.counted_claim"),
        in_state(Approved, "i.counted_claim"),
        in_state(Approved, "COALESCE(i.verified_benefit, 0)"),
        in_state(Submitted, opaque),
        in_state(Returned, opaque),
        in_state(Approved, opaque),
    ];
    let named = each.iter().zip(Tally::COLUMNS).map(|(each, column)| format!("{each} AS {column}"));
    named.collect::<Vec<_>>().join(", ")
}
