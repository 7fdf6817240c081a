//! Units (đơn vị): the tree, and who sees which of it.

pub mod cluster;
mod coordinate;
mod create;
mod face;
mod find;
mod kinds;
mod list;
mod placement;
mod plant;
mod relocate;
mod rename;
pub mod restructure;
mod rights;
mod search;
mod then;
mod ways;

pub use coordinate::CoordinatorSet;
pub use create::UnitCreate;
pub(crate) use create::{NAME_MAX, blocs, sector};
pub(crate) use face::FaceRow;
pub use face::{Below, Face, face_and_below, faces_below, faces_by_code};
pub use find::{
    SeenUnit, ancestors, check_alive, find_for, find_visible, seen, seen_beside_record, seen_by_code,
    with_all_children_in_scope,
};
pub(crate) use kinds::parents_in_words;
pub use kinds::{KindRule, legal_coordinator, legal_parent, rule};
pub use list::{UnitFilter, UnitOrder, Within, counts, not_empty, pages};
pub use plant::{NewUnit, Planting};
pub use relocate::UnitMove;
pub use rename::UnitRename;
pub use rights::actions;
pub use search::Search;
pub use then::{ancestors_at, parents_at};
