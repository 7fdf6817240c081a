//! Units: a whole tree or a part of one, in any order of lines.

mod check;
mod existing;
mod tree;

use std::collections::HashMap;
use std::path::Path;

use super::fault::Refused;
use super::sheet::{Column, Sheet, may, need};
use super::{Outcome, Progress, record};
use crate::app::App;
use crate::ledger::lock_tree;
use crate::store::Tx;
use crate::unit::{NewUnit, Planting, blocs};
use check::{Entry, checked};
use existing::{Existing, existing};

/// Units of one batch.
const CHUNK: usize = 2_000;

const CODE: usize = 0;
const NAME: usize = 1;
const NAME_EN: usize = 2;
const KIND: usize = 3;
const PARENT: usize = 4;
const COORDINATOR: usize = 5;
const BLOC: usize = 6;
const SECTOR: usize = 7;
const ESTABLISHED_ON: usize = 8;
const COLUMNS: &[Column] = &[
    need(&["code"]),
    need(&["name", "name_vi"]),
    may(&["name_en"]),
    need(&["kind"]),
    need(&["parent", "parent_code"]),
    may(&["coordinator"]),
    may(&["bloc"]),
    may(&["sector"]),
    may(&["established_on"]),
];

/// Loads the file, or on a dry run says what that would do.
pub async fn load(app: &App, file: &Path, dry_run: bool, progress: Progress<'_>) -> Result<Outcome, Refused> {
    let sheet = Sheet::read(file, COLUMNS)?;
    let tx = if dry_run { app.store.read().await? } else { app.store.write().await? };
    if !dry_run {
        lock_tree(&tx).await?;
    }
    let known = existing(&tx).await?;
    let entries = checked(&sheet, &known, &blocs(&tx).await?, app.today())?;
    let outcome =
        Outcome { new: entries.len(), changed: 0, same: sheet.lines().count() - entries.len(), ignored: sheet.ignored };
    if !dry_run && !entries.is_empty() {
        // Units have random ids and many indexes: less would be read and written again for each of them.
        tx.begin_bulk(256).await?;
        write(app, &tx, &known, &entries, progress).await?;
        tx.end_bulk().await?;
        record(app, &tx, "import units", file, &outcome).await?;
        tx.commit().await?;
    }
    Ok(outcome)
}

/// Plants the units, parents first.
async fn write(
    app: &App,
    tx: &Tx,
    known: &HashMap<String, Existing>,
    entries: &[Entry],
    progress: Progress<'_>,
) -> Result<(), Refused> {
    // Without the limit of a stamp: no figure is older than the units that it is about.
    let at = tx.as_of(&app.clock).await?;
    let mut ids: HashMap<&str, i64> = known.iter().map(|(code, unit)| (code.as_str(), unit.id)).collect();
    ids.extend(entries.iter().map(|entry| (entry.code.as_str(), app.new_id())));
    let id = |code: &Option<String>| code.as_deref().and_then(|code| ids.get(code).copied());
    let mut planting = Planting::default();
    let mut done = 0;
    for chunk in entries.chunks(CHUNK) {
        let units: Vec<NewUnit> = chunk
            .iter()
            .map(|entry| NewUnit {
                id: ids[entry.code.as_str()],
                code: entry.code.clone(),
                name: entry.name.clone(),
                name_en: entry.name_en.clone(),
                kind: entry.kind,
                parent: id(&entry.parent),
                coordinator: id(&entry.coordinator),
                bloc: entry.bloc.clone(),
                sector: entry.sector.clone(),
                established_on: entry.established_on,
            })
            .collect();
        planting.plant(app, tx, &units, at).await?;
        done += chunk.len();
        progress(done, entries.len());
    }
    Ok(())
}
