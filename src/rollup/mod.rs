//! Roll-ups: what a unit and everything below it add up to, read from what the ledger keeps.

mod activity;
mod benefit;
mod breakdown;
mod calendar;
mod changes;
mod dimension;
mod direct;
mod events;
mod explain;
mod history;
mod label;
mod measures;
mod over;
mod path;
mod ranking;
mod reached;
mod read;
mod scan;
mod score;
mod stored;
mod view;

pub use activity::{Activity, activity};
pub use benefit::benefit_over;
pub use breakdown::{Part, PartKey, breakdown};
pub use calendar::Period;
pub use dimension::Dimension;
pub use explain::{Explained, explained, explained_counts};
pub use history::{keep_up, run_keeper};
pub use measures::{Measure, Measures};
pub use over::{Completion, TargetValues, UnitsOverTarget, completion, registered_below, target_values, units_over};
pub use ranking::{Cluster, Contest, Ranked, leaderboard, rankings};
pub use reached::target_reached;
pub use read::of;
pub use score::Score;
pub use view::{Lens, View};
