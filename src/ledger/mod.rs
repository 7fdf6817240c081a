//! How the roll-ups are kept: writers post leaf-level differences, a fold adds them to what is stored, and whoever changes
//! the tree shifts what is stored under the tree's lock. Nothing here knows what an initiative is.

mod apply;
mod cells;
mod delta;
mod displace;
mod fold;
mod gather;
mod lock;
mod persons;
mod post;
mod queue;
mod regroup;
mod shift;
pub mod size;
mod tally;

pub use cells::{CellKey, Cells, Leaf, slices};
pub use delta::{Delta, OwnKey, out_of_range};
pub use displace::{SHALLOW, displace};
pub use fold::{fold_all, fold_queued, run_folder};
pub use gather::Gathering;
pub use lock::{bump_tree_version, lock_tree};
pub use persons::{PersonRow, participants_per_cell};
pub use post::post;
pub use queue::queue;
pub use regroup::{Block, Regrouping, regroup};
pub use shift::{become_inner, shift};
pub use tally::{Counted, Tally};

pub(crate) use apply::{add_cells, add_own, add_persons, apply};
pub(crate) use tally::row_with_tally;
