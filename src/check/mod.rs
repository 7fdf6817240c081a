//! `banyan check`: counts everything anew from the ledger of events and compares it with what is stored.

mod compare;
mod mend;
mod names;
mod recount;
mod stored;
mod targets;
mod tree;
mod words;

use entity::enums::AuditObject;

use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::error::Result;
use crate::ledger::lock_tree;

pub use recount::{Latest, Recounted, replay};

/// Something stored that is not what the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was found, such as `initiative SK-… state`.
    pub place: String,
    pub expected: String,
    pub stored: String,
    /// Whether `--repair` mends it.
    pub mendable: bool,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub units: usize,
    pub initiatives: usize,
    pub events: usize,
    pub problems: Vec<Problem>,
    /// How many of the problems were mended.
    pub repaired: usize,
}

/// Compares in one snapshot, while others read and write. With `repair` it holds the tree's lock, so that nothing stored moves
/// meanwhile, and adds what is missing as differences: writes that come in between stay right.
pub async fn check(app: &App, repair: bool) -> Result<Report> {
    if !repair {
        let snapshot = app.store.read().await?;
        return Ok(compare::compare(&snapshot).await?.report);
    }
    let tx = app.store.write().await?;
    lock_tree(&tx).await?;
    // Taken after the lock: every fold and move before it is inside, and none comes until the end.
    let snapshot = app.store.read().await?;
    let compare::Compared { mut report, mends } = compare::compare(&snapshot).await?;
    drop(snapshot);
    report.repaired = report.problems.iter().filter(|problem| problem.mendable).count();
    mends.write(&tx).await?;
    let done = Done::of(AuditObject::Database, 0, None).field("repaired", None, Some(report.repaired));
    audit::write(app, &tx, &Origin::COMMAND_LINE, "check --repair", &done).await?;
    tx.commit().await?;
    Ok(report)
}
