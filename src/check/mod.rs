//! `banyan check`: counts everything anew from the ledger of events and compares it with what is stored.

mod classes;
mod closure;
mod compare;
mod dated;
mod days;
mod found;
mod history;
mod ledger;
mod lists;
mod mend;
mod names;
mod pages;
mod persons;
mod recount;
mod rows;
mod spill;
mod stored;
mod targets;
mod tree;
mod vocabulary;
mod words;

use entity::enums::AuditObject;

use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::error::Result;
use crate::ledger::lock_tree;
use crate::store::Tx;
use crate::watch::Watch;

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
    /// Rows of kept history.
    pub history: usize,
    /// Units whose history a server is building still, so that it is not compared.
    pub unbuilt: usize,
    /// Whether a server is building still what is kept by days, so that it is not compared.
    pub days_unbuilt: bool,
    /// The first ten thousand problems.
    pub problems: Vec<Problem>,
    /// How many there are, and how many of them can be mended.
    pub found: usize,
    pub mendable: usize,
    /// How many of the problems were mended.
    pub repaired: usize,
}

/// Compares in one snapshot, while others read and write. With `repair` what is wrong is looked for once more holding the tree's lock,
/// so that nothing stored moves meanwhile, and what is missing is added as differences: writes that come in between stay right.
pub async fn check(app: &App, repair: bool, watch: &dyn Watch) -> Result<Report> {
    let snapshot = app.store.read().await?;
    let report = compare::compare(app, &snapshot, watch).await?.report;
    drop(snapshot);
    if !repair {
        return Ok(report);
    }
    let tx = app.store.write().await?;
    if report.mendable == 0 {
        record(app, &tx, 0).await?;
        tx.commit().await?;
        return Ok(report);
    }
    lock_tree(&tx).await?;
    // Taken after the lock: every fold and move before it is inside, and none comes until the end.
    let snapshot = app.store.read().await?;
    let found = compare::compare(app, &snapshot, watch).await?;
    drop(snapshot);
    let mut report = found.report;
    report.repaired = found.mends.len();
    watch.begin("mending", 0);
    mend::write(&tx, found.mends).await?;
    record(app, &tx, report.repaired).await?;
    tx.commit().await?;
    Ok(report)
}

async fn record(app: &App, tx: &Tx, repaired: usize) -> Result<()> {
    let done = Done::of(AuditObject::Database, 0, None).field("repaired", None, Some(repaired));
    audit::write(app, tx, &Origin::COMMAND_LINE, "check --repair", &done).await
}
