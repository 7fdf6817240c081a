//! What a query selects of a roll-up.

use async_graphql::Context;

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
