//! What each event changes of a tally, as SQL. The sum over the events before an instant is what counted then.

use entity::enums::{Action, InitiativeState};
use sea_orm::ActiveEnum;

use crate::ledger::Tally;
use crate::store::Dialect;

/// One expression for each of [`Tally::COLUMNS`], on a row of `initiative_event`.
fn changes(e: &str) -> [String; 12] {
    use InitiativeState::{Approved, Rejected, Returned, Revoked, Submitted};
    let submits = format!("{e}.action = '{}'", Action::Submit.to_value());
    let claim = format!("CASE WHEN {submits} THEN COALESCE({e}.claimed_benefit, 0) ELSE {e}.was_claim END");
    let opaque = format!(
        "CASE WHEN CASE WHEN {submits} THEN {e}.benefit_not_computable ELSE {e}.was_opaque END THEN 1 ELSE 0 END"
    );
    let was_opaque = format!("CASE WHEN {e}.was_opaque THEN 1 ELSE 0 END");
    // In the state after the event, less in the state before it.
    let change = |state: InitiativeState, after: &str, before: &str| {
        let state = state.to_value();
        format!(
            "(CASE WHEN {e}.to_state = '{state}' THEN {after} ELSE 0 END - CASE WHEN {e}.from_state = '{state}' THEN {before} ELSE 0 END)"
        )
    };
    let count = |state| change(state, "1", "1");
    let claimed = |state| change(state, &claim, &format!("{e}.was_claim"));
    let not_computable = |state| change(state, &opaque, &was_opaque);
    let verified = change(Approved, &format!("COALESCE({e}.verified_benefit, 0)"), &format!("{e}.was_verified"));
    [
        count(Submitted),
        count(Returned),
        count(Approved),
        count(Rejected),
        count(Revoked),
        claimed(Submitted),
        claimed(Returned),
        claimed(Approved),
        verified,
        not_computable(Submitted),
        not_computable(Returned),
        not_computable(Approved),
    ]
}

/// The changes of each event, each under its column's name, in 64 bits.
pub(super) fn each(e: &str) -> String {
    let named = changes(e).into_iter().zip(Tally::COLUMNS);
    named.map(|(change, column)| format!("CAST({change} AS BIGINT) AS {column}")).collect::<Vec<_>>().join(", ")
}

/// Sums of the changes, each under its column's name, in 64 bits.
pub(super) fn sums(dialect: Dialect, e: &str) -> String {
    let named = changes(e).into_iter().zip(Tally::COLUMNS);
    let sums = named.map(|(change, column)| format!("{} AS {column}", dialect.sum(&change)));
    sums.collect::<Vec<_>>().join(", ")
}

/// What an event changes of the number of initiatives in these states.
pub(super) fn count_in(e: &str, states: &[InitiativeState]) -> String {
    let list = states.iter().map(|state| format!("'{}'", state.to_value())).collect::<Vec<_>>().join(", ");
    format!(
        "(CASE WHEN {e}.to_state IN ({list}) THEN 1 ELSE 0 END - CASE WHEN {e}.from_state IN ({list}) THEN 1 ELSE 0 END)"
    )
}
