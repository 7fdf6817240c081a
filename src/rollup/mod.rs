//! Roll-ups: what a unit and everything below it add up to, read from what the ledger keeps.

mod breakdown;
mod measures;
mod over;
mod ranking;
mod scan;
mod score;
mod stored;

pub use breakdown::{Dimension, Part, PartKey, breakdown};
pub use measures::{Measure, Measures, of};
pub use over::{Completion, TargetValues, UnitsOverTarget, completion, registered_below, target_values, units_over};
pub use ranking::{Cluster, Ranked, leaderboard, rankings};
pub use score::Score;
