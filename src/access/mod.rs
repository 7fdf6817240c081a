//! Who may do what. The only place that decides it: a pure policy, and its translation into SQL conditions.

mod caller;
pub mod policy;
mod scope;
mod sight;
mod viewer;

pub use caller::Caller;
pub use policy::{Place, Right};
pub use scope::{Places, covered, places, readable_initiative};
pub use sight::{Aggregates, Sight, aggregates, face_level, sight_columns};
pub use viewer::Viewer;
