//! The demo: a federation of sample data in a database of its own.
//!
//! [`plan`] says what there is, as plain values; the rest of this folder stores it: `load` all in one transaction, `programmes`
//! the programmes and targets, `records` the initiatives with their ledger, `standing` a second programme that is open today,
//! `cast` the accounts to try the server with.
//! Ids are drawn from a generator of the seed, so that the same seed gives the same database; tokens never are.

mod cast;
mod holding;
mod load;
pub mod plan;
mod programmes;
mod records;
mod standing;

pub use cast::{Part, cast};
pub use holding::{Holding, holding};
pub use load::{loader, prepare};
