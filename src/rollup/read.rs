//! Reading the measures of any number of units at once.

use std::collections::{HashMap, HashSet};

use super::grid::Grid;
use super::measures::Measures;
use super::parts::{self, Asked};
use super::path::alike;
use super::stored::{self, Reach, Units};
use super::view::{Lens, View};
use super::{history, persons, scan};
use crate::error::Result;
use crate::ledger::out_of_range;
use crate::store::Tx;

/// The measures of each unit as asked: from stored cells or their history where they answer it, else by reading what stands below
/// it.
pub async fn of(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, Measures>> {
    read(tx, programme, view, units, true).await
}

/// The same without distinct persons where the present is asked for: that may spare counting them. They are 0 then, or right.
pub async fn additive(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, Measures>> {
    read(tx, programme, view, units, false).await
}

async fn read(tx: &Tx, programme: i64, view: &View, units: &[i64], persons: bool) -> Result<HashMap<i64, Measures>> {
    let mut found: HashMap<i64, Measures> = units.iter().map(|unit| (*unit, Measures::default())).collect();
    if let Some(grid) = Grid::of(view, &[]) {
        let asked = Asked { programme, view, units, by: &[], children: &[], persons };
        let rows = parts::read(tx, &asked, &grid).await?.into_iter();
        found.extend(rows.map(|row| (row.owner, row.measures)));
        return Ok(found);
    }
    if let Lens::At(at) = view.lens {
        let alike = alike(tx, at, units).await?;
        if !alike.is_empty() {
            let others: Vec<i64> = units.iter().copied().filter(|unit| !alike.contains(unit)).collect();
            let now = View { lens: Lens::Current, ..view.clone() };
            let alike: Vec<i64> = alike.into_iter().collect();
            found.extend(Box::pin(read(tx, programme, &now, &alike, persons)).await?);
            found.extend(past(tx, programme, view, &others, persons).await?);
            return Ok(found);
        }
    }
    found.extend(past(tx, programme, view, units, persons).await?);
    Ok(found)
}

/// Of those that have something: from history where it answers for a unit, else by reading what stands below it.
async fn past(tx: &Tx, programme: i64, view: &View, units: &[i64], persons: bool) -> Result<HashMap<i64, Measures>> {
    let mut found: HashMap<i64, Measures> = HashMap::new();
    if units.is_empty() {
        return Ok(found);
    }
    let cells = view.past_cells();
    let mut rest: HashSet<i64> = HashSet::new();
    if cells.is_empty() {
        rest.extend(units);
    }
    for cell in &cells {
        let (rows, left) = history::read(tx, programme, view, *cell, units).await?;
        for row in rows {
            let sum = found.entry(row.owner).or_default();
            sum.tally = sum.tally.plus(row.tally).ok_or_else(out_of_range)?;
            sum.participants += row.participants;
        }
        rest.extend(left);
        if rest.len() == units.len() {
            break;
        }
    }
    let kept: Vec<i64> = units.iter().copied().filter(|unit| !rest.contains(unit)).collect();
    if cells.len() > 1 {
        let counted =
            if persons && !kept.is_empty() { participants(tx, programme, view, &kept).await? } else { HashMap::new() };
        for (unit, sum) in &mut found {
            sum.participants = counted.get(unit).copied().unwrap_or(0);
        }
    }
    if !rest.is_empty() {
        found.retain(|unit, _| !rest.contains(unit));
        let rest: Vec<i64> = rest.into_iter().collect();
        for row in scan::read(tx, programme, view, &rest, &[], persons).await? {
            found.insert(row.owner, row.measures);
        }
    }
    Ok(found)
}

/// What is folded of each unit, of the whole programme: it stays the same while the transaction holds the tree's lock, whatever others
/// write. One statement.
pub async fn folded(tx: &Tx, programme: i64, units: &[i64]) -> Result<HashMap<i64, Measures>> {
    let mut found: HashMap<i64, Measures> = units.iter().map(|unit| (*unit, Measures::default())).collect();
    let rows = stored::folded(tx, programme, units).await?;
    found.extend(rows.into_iter().map(|row| (row.owner, row.measures)));
    Ok(found)
}

/// The measures of each unit as [`of`] reads them; of those that are no `leaves` it is known that they keep cells. Without `persons`
/// these may be left out, as 0.
pub async fn seated(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    leaves: &[i64],
    persons: bool,
) -> Result<HashMap<i64, Measures>> {
    let Some(grid) = Grid::of(view, &[]).filter(|grid| grid.counts_persons() || !persons) else {
        return read(tx, programme, view, units, persons).await;
    };
    let units = Units { all: units, leaves };
    let rows = stored::read(tx, programme, &grid, Reach::Whole, units, persons).await?;
    Ok(rows.iter().map(|row| (row.owner, row.measures)).collect())
}

/// The distinct persons of each unit, counted one by one; units without any have no entry. Up to four statements.
pub async fn participants(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, i64>> {
    let found = persons::participants(tx, programme, view, units, &[]).await?;
    Ok(found.into_iter().map(|((owner, _), participants)| (owner, participants)).collect())
}
