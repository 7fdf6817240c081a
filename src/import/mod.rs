//! Loading units, targets and initiatives from CSV files.
//!
//! A file is read (`sheet`) and checked whole before anything is written, and everything that is wrong with it is reported; then
//! all of it is written in one transaction, or nothing. A line whose code or cell is there already and says the same is left
//! alone, so that a file may be loaded again; one that says otherwise is wrong.
//!
//! What is written has the command line's rights: an operator's, who may write for anybody.

mod authors;
mod fault;
pub mod initiatives;
mod lines;
mod lookup;
mod order;
pub mod people;
mod quotes;
mod sheet;
pub mod targets;
pub mod units;

use std::path::Path;

use entity::enums::AuditObject;

use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::error::Result;
use crate::store::Tx;

pub use fault::{Fault, Refused};

/// What an import did, or on a dry run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Lines that are new.
    pub new: usize,
    /// Lines that change something (a target's value).
    pub changed: usize,
    /// Lines that are there already and say the same.
    pub same: usize,
    /// Columns of the file that mean nothing here.
    pub ignored: Vec<String>,
}

/// Records the import in the transaction that does it.
async fn record(app: &App, tx: &Tx, action: &str, file: &Path, outcome: &Outcome) -> Result<()> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let done = Done::of(AuditObject::Database, 0, None)
        .field("file", None, name)
        .field("new", None, Some(outcome.new))
        .field("changed", None, Some(outcome.changed));
    audit::write(app, tx, &Origin::COMMAND_LINE, action, &done).await
}

/// Told how many of how many lines have been written.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);
