//! Who may do what. The only place that decides it: a pure policy, and its translation into SQL conditions.

mod caller;
mod held;
mod holds;
pub mod policy;
mod roles;
mod scope;
mod sight;
mod tops;
mod viewer;

pub use caller::Caller;
pub use held::{authored, is_author, own_grant};
pub use holds::{holding, holds, token_alive};
pub use policy::{Place, Right};
pub use roles::Roles;
pub use scope::{Places, covered, places, places_each, readable_among_many, readable_initiative};
pub use sight::{Aggregates, Sight, aggregates, shows, sight_columns, sight_of_shown, sight_of_shown_below};
pub use tops::tops;
pub use viewer::{Credential, Pass, Viewer};
