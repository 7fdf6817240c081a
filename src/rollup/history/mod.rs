//! Roll-ups at past instants. Closed time, in which no event can come any more, is kept as rows: a row says what a cell added up to
//! at a mark. What counted at an instant is the nearest row before it, and the events from there on. The totals of the root and the direct units
//! have those with them, as steps: what counted is the next row less its steps, and no event is read.
//!
//! Marks come after so many events, so that what is left to read is bounded; those of totals behind fewer too, once these have waited. The root and the direct units
//! are marked often in their totals, more rarely in their other cells; what stands below them more rarely still.
//! What was reported is never kept otherwise again. Where the tree now differs from it, because something moved in or out, the
//! unit is kept through the tree now as well; a move only says so, and it is built anew behind it. Until then, and for whatever is
//! not kept, events answer.

mod by_day;
mod closed;
mod days;
mod due;
mod grade;
mod keep;
mod latest;
mod nets;
mod numbers;
mod persons;
mod plan;
mod reach;
mod read;
mod rewind;
mod seats;
mod span;
mod steps;
mod timeline;
mod turnout;
mod turns;
mod write;

pub use grade::Grade;
pub use keep::{Keeping, keep_up, run_keeper};
pub use steps::read as steps;
pub use timeline::turns;

pub(super) use by_day::{
    By, DaySum, events as events_by_day, participants as participants_by_day, tallies as tallies_by_day,
};
pub(super) use plan::{is_kept, through_reported};
pub(super) use reach::{Stretch, stretches};
pub(super) use read::read;
pub(super) use rewind::{
    Asked as Instant, Row as InstantRow, columns as instant_columns, is_told, measures as instant_measures,
};
