//! Programmes (chương trình): phases, groups, blocs, slices of them, and targets.

mod create;
mod find;
mod list;
mod slice;
pub mod target;

pub use create::{GroupInput, PhaseInput, ProgrammeCreate};
pub use find::{Definition, by_code, by_id, find_visible, terms_by_code};
pub use list::{count, page};
pub use slice::{Days, ResolvedSlice, Slice};
