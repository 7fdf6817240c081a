//! Roll-ups: what a unit and everything below it add up to, read from what the ledger keeps.

mod activity;
mod among;
mod below;
mod benefit;
mod breakdown;
mod calendar;
mod changes;
mod conditions;
mod dimension;
mod direct;
mod explain;
mod grid;
mod history;
mod label;
mod measures;
mod over;
mod parts;
mod past;
mod path;
mod ranking;
mod reached;
mod read;
mod records;
mod scan;
mod score;
mod stored;
mod view;

pub use activity::{Activity, activity};
pub use among::{Among, Roster, board, siblings, subordinates};
pub use benefit::benefit_over;
pub use breakdown::{Part, PartKey, breakdown};
pub use calendar::Period;
pub use dimension::Dimension;
pub use explain::{Explained, explained, explained_counts};
pub use history::{Grade, keep_up, run_keeper, turns};
pub use measures::{Measure, Measures};
pub use over::{
    Completion, TargetValues, UnitsOverTarget, completion, listed_targets, registered_below, target_list,
    target_values, units_over,
};
pub use ranking::{Cluster, Contest, Ranked, leaderboard, rankings};
pub use reached::target_reached;
pub use read::{additive, folded, list, listed, of, participants, seated};
pub use score::Score;
pub use view::{Lens, View};
