//! The root of writing: actions of the domain, each with one input and one payload.

mod initiative;
mod initiative_inputs;
mod people;
mod perform;
mod person;
mod programme;
mod unit;

use async_graphql::MergedObject;

pub use initiative::InitiativeMutation;
pub use people::PeopleMutation;
pub use person::PersonMutation;
pub use programme::ProgrammeMutation;
pub use unit::UnitMutation;

/// The root of writing. A mutation whose `userErrors` are empty is done, all of it; otherwise nothing was changed. With an
/// `idempotencyKey` a repeated mutation answers what the first one answered and does nothing more.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct MutationRoot(UnitMutation, ProgrammeMutation, InitiativeMutation, PeopleMutation, PersonMutation);

pub type Mutation = MutationRoot;

/// The root, with its parts.
pub fn root() -> Mutation {
    MutationRoot(UnitMutation, ProgrammeMutation, InitiativeMutation, PeopleMutation, PersonMutation)
}
