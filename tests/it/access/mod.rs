//! Who sees what and who may do what: for everything that leads from one tenant to another somebody who is denied, and
//! somebody who is not.

mod aggregates;
mod alike;
mod at_once;
pub mod cast;
mod coverage;
mod faces;
mod grants;
mod people;
mod reads;
mod records;
mod subscriptions;
mod writes;

pub use cast::{Cast, Who, programme, sql};
pub use writes::WRITES;
