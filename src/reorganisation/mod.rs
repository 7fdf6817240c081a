//! Reorganisations (sắp xếp tổ chức): plans that change the tree as a whole, what they would do, what they did, and taking them back.
//!
//! A plan's steps are carried out on a [`sketch`] of the part of the tree that they touch; that is judged; and what differs between
//! the sketch and the tree is written in one transaction. Applying, trying ([`dry_run`]) and undoing are the same deed.

mod apply;
mod blocks;
mod bundle;
mod carry;
mod conserve;
mod draft;
mod dry_run;
mod effect;
mod faults;
mod find;
mod judge;
mod lineage;
mod plan;
mod report;
mod restate;
mod restore;
mod schedule;
mod settle;
mod sheet;
mod single;
mod sketch;
mod step;
mod undo;

pub use apply::Apply;
pub use conserve::Standing;
pub use draft::{Discard, DraftPlan, SetSteps};
pub use dry_run::DryRun;
pub use find::{by_code, by_id, counts_within, page, steps};
pub use lineage::{Era, histories, predecessors, successors};
pub use report::{Report, Statement, UnitReport, Units};
pub use schedule::{run_scheduler, turn};
pub use sheet::{read_sheet, write_sheet};
pub use single::Single;
pub use step::{Input, Part, Restated, Step, Targets};
pub use undo::Undo;
