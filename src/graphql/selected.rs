//! What an operation selects of a roll-up, and of initiatives that a mutation changed.

use async_graphql::{Context, SelectionField};

/// Fields that are measures.
const MEASURES: [&str; 10] = [
    "submitted",
    "pending",
    "returned",
    "approved",
    "rejected",
    "revoked",
    "claimedBenefit",
    "verifiedBenefit",
    "benefitNotComputable",
    "participants",
];

/// Whether the field of the context, a roll-up, has any measure selected.
pub fn measures(ctx: &Context<'_>) -> bool {
    let field = ctx.field();
    field.selection_set().any(|field| MEASURES.contains(&field.name()))
}

/// Fields of an initiative that its row answers alone.
const ROW: [&str; 15] = [
    "__typename",
    "id",
    "code",
    "title",
    "summary",
    "state",
    "version",
    "solution",
    "claimedBenefit",
    "verifiedBenefit",
    "benefitNotComputable",
    "benefitNote",
    "appliedOn",
    "submittedAt",
    "decidedAt",
];

/// Whether of the initiatives in the payload of the context nothing is selected but what their rows answer.
pub fn only_rows_of_initiatives(ctx: &Context<'_>) -> bool {
    payload_has_only_rows(ctx.field())
}

fn payload_has_only_rows(payload: SelectionField<'_>) -> bool {
    payload.selection_set().all(|field| match field.name() {
        "initiative" => field.selection_set().all(|field| ROW.contains(&field.name())),
        "results" => payload_has_only_rows(field),
        // What is wrong is no part of an initiative.
        _ => true,
    })
}
