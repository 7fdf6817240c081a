//! Roll-ups: what a unit and everything below it add up to, read from what the ledger keeps.

mod breakdown;
mod dimension;
mod label;
mod measures;
mod over;
mod ranking;
mod read;
mod scan;
mod score;
mod stored;

pub use breakdown::{Part, PartKey, breakdown};
pub use dimension::Dimension;
pub use measures::{Measure, Measures};
pub use over::{Completion, TargetValues, UnitsOverTarget, completion, registered_below, target_values, units_over};
pub use ranking::{Cluster, Ranked, leaderboard, rankings};
pub use read::of;
pub use score::Score;
