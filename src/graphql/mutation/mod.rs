//! The root of writing: actions of the domain, each with one input and one payload.

mod initiative;
mod initiative_inputs;
mod password;
mod people;
mod perform;
mod person;
mod programme;
mod reorganisation;
mod reorganisation_inputs;
mod session;
mod token;
mod unit;

use async_graphql::MergedObject;

use password::PasswordMutation;
use session::SessionMutation;
use token::TokenMutation;

pub use initiative::InitiativeMutation;
pub use people::PeopleMutation;
pub use perform::UserError;
pub use person::PersonMutation;
pub use programme::ProgrammeMutation;
pub use reorganisation::ReorganisationMutation;
pub use unit::UnitMutation;

/// The root of writing. A mutation whose `userErrors` are empty is done, all of it; otherwise nothing was changed. With an
/// `idempotencyKey` a repeated mutation answers what the first one answered and does nothing more.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct MutationRoot(
    UnitMutation,
    ReorganisationMutation,
    ProgrammeMutation,
    InitiativeMutation,
    PeopleMutation,
    PersonMutation,
    IdentityMutation,
);

/// How people and programs come in.
#[derive(MergedObject, Default)]
pub struct IdentityMutation(SessionMutation, PasswordMutation, TokenMutation);

pub type Mutation = MutationRoot;

/// The root, with its parts.
pub fn root() -> Mutation {
    MutationRoot(
        UnitMutation,
        ReorganisationMutation,
        ProgrammeMutation,
        InitiativeMutation,
        PeopleMutation,
        PersonMutation,
        IdentityMutation::default(),
    )
}
