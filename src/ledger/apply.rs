//! Adding differences to what is stored. On PostgreSQL under the tree's lock.

use std::collections::{HashMap, HashSet};

use entity::{rollup_cell, rollup_own, rollup_person};
use sea_orm::FromQueryResult;

use super::cells::{Cells, Leaf};
use super::delta::{Delta, OwnKey, Sums};
use super::persons::{PersonRow, changes, touched};
use super::tally::{Tally, row_with_tally};
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// Adds the differences to own records, persons and the cells of every unit above.
pub(crate) async fn apply(tx: &Tx, deltas: &[Delta]) -> Result<()> {
    let sums = Sums::of(deltas)?;
    let before = person_rows(tx, &sums.persons).await?;
    let units: HashSet<i64> = sums.own.keys().map(|key| key.unit).collect();
    let units = units.into_iter().chain(sums.persons.keys().map(|(_, key)| key.unit));
    let units: HashSet<i64> = units.chain(before.iter().map(|row| row.unit_id)).collect();
    let leaves = leaves(tx, &units.into_iter().collect::<Vec<_>>()).await?;

    let mut cells = Cells::default();
    for (key, tally) in &sums.own {
        let Some(leaf) = leaves.get(&key.unit) else { continue };
        for keeper in &leaf.keepers {
            cells.add_own(*keeper, *key, leaf.bloc.as_deref(), *tally)?;
        }
    }
    for (cell, n) in changes(&before, &sums.persons, &leaves) {
        cells.add(cell, Tally::default(), n)?;
    }
    add_own(tx, sums.own).await?;
    add_persons(tx, sums.persons).await?;
    add_cells(tx, cells).await
}

pub(crate) async fn add_own(tx: &Tx, own: HashMap<OwnKey, Tally>) -> Result<()> {
    let rows: Vec<_> = own
        .into_iter()
        .map(|(key, tally)| {
            row_with_tally!(rollup_own, tally, {
                unit_id: key.unit,
                programme_id: key.programme,
                phase_id: key.phase,
                group_id: key.group,
            })
        })
        .collect();
    let key = ["unit_id", "programme_id", "phase_id", "group_id"];
    tx.insert::<rollup_own::Entity>(&rows, Conflict::Add { key: &key }).await?;
    Ok(())
}

pub(crate) async fn add_persons(tx: &Tx, persons: HashMap<(i64, OwnKey), i64>) -> Result<()> {
    let rows: Vec<_> = persons
        .into_iter()
        .map(|((account_id, key), n)| rollup_person::Model {
            account_id,
            programme_id: key.programme,
            unit_id: key.unit,
            phase_id: key.phase,
            group_id: key.group,
            n,
        })
        .collect();
    let key = ["account_id", "programme_id", "unit_id", "phase_id", "group_id"];
    tx.insert::<rollup_person::Entity>(&rows, Conflict::Add { key: &key }).await?;
    Ok(())
}

pub(crate) async fn add_cells(tx: &Tx, cells: Cells) -> Result<()> {
    let key = ["unit_id", "programme_id", "phase_id", "group_id", "bloc"];
    tx.insert::<rollup_cell::Entity>(&cells.into_rows(), Conflict::Add { key: &key }).await?;
    Ok(())
}

/// Every row of the persons that the differences touch, in the programmes they touch.
async fn person_rows(tx: &Tx, persons: &HashMap<(i64, OwnKey), i64>) -> Result<Vec<PersonRow>> {
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let (accounts, programmes) = touched(persons);
    let mut sql = tx.sql("SELECT account_id, programme_id, unit_id, phase_id, group_id, n FROM rollup_person WHERE ");
    let (these, those) = (sql.any_id("account_id", &accounts), sql.any_id("programme_id", &programmes));
    sql.push(&format!("{these} AND {those}"));
    tx.all(sql).await
}

#[derive(FromQueryResult)]
struct Keeper {
    unit_id: i64,
    bloc: Option<String>,
    keeper_id: Option<i64>,
}

/// The blocs of the units, and the inner units at and above each.
pub(super) async fn leaves(tx: &Tx, units: &[i64]) -> Result<HashMap<i64, Leaf>> {
    let mut sql = tx.sql(
        "SELECT u.id AS unit_id, u.bloc, k.id AS keeper_id FROM unit u JOIN unit_closure c ON c.descendant_id = u.id AND NOT c.ended \
         LEFT JOIN unit k ON k.id = c.ancestor_id AND k.has_cells WHERE ",
    );
    let these = sql.any_id("u.id", units);
    sql.push(&these);
    let mut leaves: HashMap<i64, Leaf> = HashMap::new();
    for row in tx.all::<Keeper>(sql).await? {
        let leaf = leaves.entry(row.unit_id).or_default();
        leaf.bloc = row.bloc;
        leaf.keepers.extend(row.keeper_id);
    }
    Ok(leaves)
}
