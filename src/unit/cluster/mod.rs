//! Named emulation clusters (cụm, khối thi đua): units below one unit that are ranked against each other.
//!
//! Whoever belongs to a cluster stands below the unit that owns it: a move that takes him from there ends his membership. Changes
//! are made under the tree's lock and bear instants of the tree, so that no two of them bear one.

mod find;
mod leave;
mod list;
mod set;

pub use find::{by_id, members, rosters};
pub(super) use leave::leave;
pub use list::{Which, counts, pages};
pub use set::ClusterSet;
