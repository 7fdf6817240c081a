//! What an undo brings back beside the structure: targets as they were, and drafts to the units that they came from, as far as
//! nobody has touched them since.

use std::collections::{HashMap, HashSet};

use entity::target_event;
use sea_orm::FromQueryResult;

use super::sketch::{Cell, Setting, Sketch};
use crate::error::Result;
use crate::initiative::drafts_among;
use crate::store::Tx;

/// Puts into the sketch what the plan changed at the instant in these units.
pub async fn restore(tx: &Tx, sketch: &mut Sketch, units: &[i64], at: i64) -> Result<()> {
    targets(tx, sketch, units, at).await?;
    drafts(tx, sketch, units, at).await
}

/// Cells that the plan set last get what they had before; what has been set since stays.
async fn targets(tx: &Tx, sketch: &mut Sketch, units: &[i64], at: i64) -> Result<()> {
    let mut sql = tx.sql("SELECT * FROM target_event WHERE ");
    let these = sql.any_id("unit_id", units);
    sql.push(&format!("{these} ORDER BY at, id"));
    let mut cells: HashMap<(i64, Cell), Vec<target_event::Model>> = HashMap::new();
    for event in tx.all::<target_event::Model>(sql).await? {
        let cell =
            Cell { programme: event.programme_id, kind: event.kind, phase: event.phase_id, bloc: event.bloc.clone() };
        cells.entry((event.unit_id, cell)).or_default().push(event);
    }
    for ((unit, cell), events) in cells {
        let [before @ .., last] = events.as_slice() else { continue };
        if last.at == at {
            let value = before.last().and_then(|event| event.value.zip(event.bound));
            sketch.settings.push(Setting { unit, cell, value });
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Came {
    id: i64,
    unit_id: i64,
}

/// Drafts that are still where the plan put them.
async fn drafts(tx: &Tx, sketch: &mut Sketch, units: &[i64], at: i64) -> Result<()> {
    let mut sql = tx.sql(
        "SELECT i.id, b.unit_id FROM initiative_event e JOIN initiative i ON i.id = e.initiative_id \
         JOIN initiative_event b ON b.initiative_id = e.initiative_id AND b.seq = e.seq - 1 \
         WHERE i.submitted_at IS NULL AND i.unit_id = e.unit_id AND b.unit_id <> e.unit_id AND e.at = ",
    );
    let (at, these) = (sql.bind(at), sql.any_id("b.unit_id", units));
    sql.push(&format!("{at} AND {these}"));
    let came: Vec<Came> = tx.all(sql).await?;
    sketch.drafts.extend(came.into_iter().map(|draft| (draft.id, draft.unit_id)));
    let sent: Vec<i64> = sketch.drafts.keys().copied().collect();
    let still: HashSet<i64> = drafts_among(tx, &sent).await?.into_iter().map(|draft| draft.id).collect();
    sketch.drafts.retain(|id, _| still.contains(id));
    Ok(())
}
