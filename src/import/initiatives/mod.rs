//! Initiatives: drafts, and ones sent in today, by the same rules and through the same ledger as over the API.

mod check;
mod existing;
mod write;

use std::path::Path;

use super::fault::Refused;
use super::sheet::{Column, Sheet, may, need};
use super::{Outcome, Progress, record};
use crate::app::App;
use crate::ledger::fold_all;

const CODE: usize = 0;
const UNIT: usize = 1;
const PROGRAMME: usize = 2;
const PHASE: usize = 3;
const GROUP: usize = 4;
const SOLUTION: usize = 5;
const TITLE: usize = 6;
const SUMMARY: usize = 7;
const APPLIED_ON: usize = 8;
const CLAIMED_BENEFIT: usize = 9;
const NOT_COMPUTABLE: usize = 10;
const BENEFIT_NOTE: usize = 11;
const AUTHOR: usize = 12;
const CO_AUTHORS: usize = 13;
const STATE: usize = 14;
const COLUMNS: &[Column] = &[
    need(&["code"]),
    need(&["unit"]),
    need(&["programme"]),
    need(&["phase"]),
    need(&["group"]),
    need(&["solution"]),
    need(&["title"]),
    may(&["summary"]),
    need(&["applied_on"]),
    may(&["claimed_benefit"]),
    may(&["benefit_not_computable"]),
    may(&["benefit_note"]),
    need(&["author"]),
    may(&["co_authors"]),
    may(&["state"]),
];

/// Loads the file, or on a dry run says what that would do.
pub async fn load(app: &App, file: &Path, dry_run: bool, progress: Progress<'_>) -> Result<Outcome, Refused> {
    let sheet = Sheet::read(file, COLUMNS)?;
    let tx = if dry_run { app.store.read().await? } else { app.store.write().await? };
    let entries = check::checked(app, &tx, &sheet).await?;
    let outcome =
        Outcome { new: entries.len(), changed: 0, same: sheet.lines().count() - entries.len(), ignored: sheet.ignored };
    if !dry_run && !entries.is_empty() {
        write::write(app, &tx, &entries, progress).await.map_err(Refused::too_long)?;
        record(app, &tx, "import initiatives", file, &outcome).await?;
        tx.commit().await.map_err(Refused::too_long)?;
        // Queued differences count from the commit on; folded, they cost a reader nothing.
        if let Err(error) = fold_all(app).await {
            tracing::warn!(%error, "the differences stay queued until a server folds them");
        }
    }
    Ok(outcome)
}
