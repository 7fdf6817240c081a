//! Writing another tree: links that end and begin, effective at an instant that may lie before the one at which they are recorded.
//! Under the tree's lock; cells are another matter (`ledger::regroup`).

mod closure;
mod earlier;
mod places;
pub mod rows;

pub use closure::{end, reparent, reseat, revive, way_up};
pub use earlier::reach_back;
pub use places::{close, rename, reopen};

/// When a change is recorded, and from when on it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the epoch.
    pub recorded: i64,
    /// Not later.
    pub effective: i64,
}

impl Moment {
    pub fn is_backdated(self) -> bool {
        self.effective < self.recorded
    }

    /// For columns that are empty where both instants are one.
    fn other(self) -> Option<i64> {
        self.is_backdated().then_some(self.effective)
    }
}
