//! Targets: one cell a line.

use std::collections::HashMap;
use std::path::Path;

use entity::enums::{Bound, TargetKind};
use entity::target::Model;

use super::fault::{Faults, Refused};
use super::lines::{named, note, whole};
use super::lookup::Codes;
use super::sheet::{Column, Line, Sheet, may, need};
use super::{Outcome, Progress, record};
use crate::app::App;
use crate::error;
use crate::programme::target::{cell, of_units, write};
use crate::store::Tx;

/// Targets of one batch.
const CHUNK: usize = 1_000;

const UNIT: usize = 0;
const PROGRAMME: usize = 1;
const KIND: usize = 2;
const PHASE: usize = 3;
const BLOC: usize = 4;
const VALUE: usize = 5;
const BOUND: usize = 6;
const COLUMNS: &[Column] = &[
    need(&["unit"]),
    need(&["programme"]),
    need(&["kind"]),
    may(&["phase"]),
    may(&["bloc"]),
    need(&["value"]),
    may(&["bound"]),
];

/// Unit, programme, kind, phase and bloc.
type Cell = (i64, i64, TargetKind, i64, String);

/// Loads the file, or on a dry run says what that would do.
pub async fn load(app: &App, file: &Path, dry_run: bool, progress: Progress<'_>) -> Result<Outcome, Refused> {
    let sheet = Sheet::read(file, COLUMNS)?;
    let tx = if dry_run { app.store.read().await? } else { app.store.write().await? };
    let sets = checked(app, &tx, &sheet).await?;
    let standing = standing(&tx, &sets).await?;
    let total = sets.len();
    let (changed, new): (Vec<Model>, Vec<Model>) = sets
        .into_iter()
        .filter(|set| !says(standing.get(&key(set)), set))
        .partition(|set| standing.contains_key(&key(set)));
    let outcome = Outcome {
        new: new.len(),
        changed: changed.len(),
        same: total - new.len() - changed.len(),
        ignored: sheet.ignored,
    };
    let mut sets: Vec<Model> = new.into_iter().chain(changed).collect();
    if !dry_run && !sets.is_empty() {
        let at = tx.stamp(&app.clock).await?;
        sets.iter_mut().for_each(|set| set.set_at = at);
        let mut done = 0;
        for chunk in sets.chunks(CHUNK) {
            write(&tx, chunk, None, || app.new_id()).await?;
            done += chunk.len();
            progress(done, sets.len());
        }
        record(app, &tx, "import targets", file, &outcome).await?;
        tx.commit().await.map_err(Refused::too_long)?;
    }
    Ok(outcome)
}

async fn checked(app: &App, tx: &Tx, sheet: &Sheet) -> Result<Vec<Model>, Refused> {
    let codes = Codes::of(tx, sheet, UNIT, PROGRAMME).await?;
    let mut faults = Faults::default();
    let mut sets = Vec::new();
    let mut first_lines: HashMap<Cell, u64> = HashMap::new();
    for line in sheet.lines() {
        let Some(set) = set(app, &mut faults, &codes, line) else { continue };
        match first_lines.insert(key(&set), line.number) {
            Some(first) => faults.add(line.number, "unit", format!("line {first} sets the same cell")),
            None => sets.push(set),
        }
    }
    faults.finish()?;
    Ok(sets)
}

/// The target that the line sets, its instant still open.
fn set(app: &App, faults: &mut Faults, codes: &Codes, line: Line<'_>) -> Option<Model> {
    let number = line.number;
    let unit = codes.unit(faults, line, UNIT);
    let programme = codes.programme(faults, line, PROGRAMME);
    let kind = faults.take(number, "kind", named::<TargetKind>(line.cell(KIND)));
    let value = faults.take(number, "value", value(line.cell(VALUE)));
    let bound = line.given(BOUND).map_or(Ok(Bound::Exact), named::<Bound>);
    let bound = faults.take(number, "bound", bound);
    let programme = programme?;
    let mut found = error::Faults::default();
    let (phase_id, bloc) = cell(&mut found, programme, line.given(PHASE), line.given(BLOC));
    let right = note(faults, number, found, |field| if field == "phase" { "phase" } else { "bloc" });
    right.then_some(Model {
        id: app.new_id(),
        unit_id: unit?.id,
        programme_id: programme.row.id,
        kind: kind?,
        phase_id,
        bloc,
        value: value?,
        bound: bound?,
        set_at: 0,
    })
}

fn value(text: &str) -> Result<i32, String> {
    let value = whole(text)?;
    i32::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| format!("{value} is not from 1 to {}", i32::MAX))
}

fn key(set: &Model) -> Cell {
    (set.unit_id, set.programme_id, set.kind, set.phase_id, set.bloc.clone())
}

fn says(standing: Option<&Model>, set: &Model) -> bool {
    standing.is_some_and(|standing| (standing.value, standing.bound) == (set.value, set.bound))
}

/// What is set already in the units and programmes of the file.
async fn standing(tx: &Tx, sets: &[Model]) -> Result<HashMap<Cell, Model>, Refused> {
    let mut programmes: Vec<i64> = sets.iter().map(|set| set.programme_id).collect();
    programmes.sort_unstable();
    programmes.dedup();
    let mut standing = HashMap::new();
    for programme in programmes {
        let units: Vec<i64> = sets.iter().filter(|set| set.programme_id == programme).map(|set| set.unit_id).collect();
        let found = of_units(tx, programme, &units).await?;
        standing.extend(found.into_values().flatten().map(|target| (key(&target), target)));
    }
    Ok(standing)
}
