//! What a change of the tree does to stored cells. Under the tree's lock, before the closure is rewritten.

use std::collections::HashMap;

use entity::{rollup_cell, rollup_own};

use super::apply::{add_cells, leaves};
use super::cells::{CellKey, Cells, Leaf};
use super::delta::OwnKey;
use super::persons::{PersonRow, participants_per_cell, shared};
use super::tally::{Tally, tally_in};
use crate::error::{Error, Result};
use crate::store::Tx;

/// Moves what is stored of a subtree from the units that lose it to those that gain it. Queued differences need nothing: they
/// name no ancestor.
pub async fn shift(tx: &Tx, subtree: i64, losing: &[i64], gaining: &[i64]) -> Result<()> {
    let held = cells_of(tx, subtree).await?;
    let inside = rows_inside(tx, subtree).await?;
    let outside = rows_outside(tx, subtree, &inside).await?;
    let units: Vec<i64> = inside.iter().chain(&outside).map(|row| row.unit_id).collect();
    let leaves = leaves(tx, &units).await?;
    let bloc_of = |unit: i64| leaves.get(&unit).and_then(|leaf| leaf.bloc.clone());
    let changed: Vec<i64> = losing.iter().chain(gaining).copied().collect();
    let above: HashMap<i64, Vec<i64>> = leaves
        .iter()
        .map(|(unit, leaf)| (*unit, leaf.keepers.iter().copied().filter(|k| changed.contains(k)).collect()))
        .collect();
    let shared = shared(&inside, &outside, bloc_of, &above);

    let mut cells = Cells::default();
    for (units, sign) in [(losing, -1), (gaining, 1)] {
        for unit in units {
            for (key, (tally, participants)) in &held {
                let key = CellKey { unit: *unit, ..key.clone() };
                let alone = participants - shared.get(&key).copied().unwrap_or(0);
                cells.add(key, if sign < 0 { tally.negated() } else { *tally }, sign * alone)?;
            }
        }
    }
    add_cells(tx, cells).await
}

/// Starts to keep cells for a unit that gets its first sub-unit, from its own records.
pub async fn become_inner(tx: &Tx, unit: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit SET has_cells = TRUE WHERE NOT has_cells AND id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    if tx.run(sql).await? == 0 {
        return Ok(());
    }
    let mut cells = Cells::default();
    for (key, (tally, participants)) in own_as_cells(tx, unit).await? {
        cells.add(key, tally, participants)?;
    }
    add_cells(tx, cells).await
}

/// The cells of a unit, stored or, for a leaf, made of its own records.
async fn cells_of(tx: &Tx, unit: i64) -> Result<HashMap<CellKey, (Tally, i64)>> {
    let mut sql = tx.sql("SELECT id FROM unit WHERE has_cells AND id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    if tx.ids(sql).await?.is_empty() {
        return own_as_cells(tx, unit).await;
    }
    let mut sql = tx.sql("SELECT * FROM rollup_cell WHERE unit_id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    let rows: Vec<rollup_cell::Model> = tx.all(sql).await?;
    let cells = rows.into_iter().map(|row| {
        let tally = tally_in!(row);
        let key =
            CellKey { unit, programme: row.programme_id, phase: row.phase_id, group: row.group_id, bloc: row.bloc };
        (key, (tally, row.participants))
    });
    Ok(cells.collect())
}

async fn own_as_cells(tx: &Tx, unit: i64) -> Result<HashMap<CellKey, (Tally, i64)>> {
    let bloc = leaves(tx, &[unit]).await?.remove(&unit).and_then(|leaf| leaf.bloc);
    let alone = HashMap::from([(unit, Leaf { bloc: bloc.clone(), keepers: vec![unit] })]);
    let mut sql = tx.sql("SELECT * FROM rollup_own WHERE unit_id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    let mut cells = Cells::default();
    for row in tx.all::<rollup_own::Model>(sql).await? {
        let key = OwnKey { unit, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
        cells.add_own(unit, key, bloc.as_deref(), tally_in!(row))?;
    }
    let mut sql =
        tx.sql("SELECT account_id, programme_id, unit_id, phase_id, group_id, n FROM rollup_person WHERE unit_id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    for (key, n) in participants_per_cell(tx.all::<PersonRow>(sql).await?, &alone) {
        cells.add(key, Tally::default(), n)?;
    }
    Ok(cells.0)
}

/// Rows in the subtree of the persons who also have rows outside it.
async fn rows_inside(tx: &Tx, subtree: i64) -> Result<Vec<PersonRow>> {
    let mut sql = tx.sql("");
    let top = sql.bind(subtree);
    sql.push(&format!(
        "SELECT p.account_id, p.programme_id, p.unit_id, p.phase_id, p.group_id, p.n FROM unit_closure c \
         JOIN rollup_person p ON p.unit_id = c.descendant_id WHERE c.ancestor_id = {top} AND EXISTS (\
           SELECT 1 FROM rollup_person q WHERE q.account_id = p.account_id AND q.programme_id = p.programme_id \
           AND NOT EXISTS (SELECT 1 FROM unit_closure i WHERE i.ancestor_id = {top} AND i.descendant_id = q.unit_id))"
    ));
    tx.all(sql).await
}

/// Rows outside the subtree of the persons who have rows inside.
async fn rows_outside(tx: &Tx, subtree: i64, inside: &[PersonRow]) -> Result<Vec<PersonRow>> {
    let accounts: Vec<i64> = inside.iter().map(|row| row.account_id).collect();
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql("SELECT account_id, programme_id, unit_id, phase_id, group_id, n FROM rollup_person p WHERE ");
    let these = sql.any_id("p.account_id", &accounts);
    let top = sql.bind(subtree);
    sql.push(&format!(
        "{these} AND NOT EXISTS (SELECT 1 FROM unit_closure i WHERE i.ancestor_id = {top} AND i.descendant_id = p.unit_id)"
    ));
    let rows: Vec<PersonRow> = tx.all(sql).await?;
    if rows.is_empty() && !inside.is_empty() {
        return Err(Error::Internal("persons of a subtree changed under the tree's lock".to_owned()));
    }
    Ok(rows)
}
