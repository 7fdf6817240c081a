//! Reading the measures of any number of units at once.

use std::collections::HashMap;

use super::grid::Grid;
use super::measures::{Measures, SumRow};
use super::parts::{self, Asked};
use super::stored::{self, CellRow, Reach, Units};
use super::view::View;
use super::{history, scan};
use crate::error::Result;
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
    let (rows, rest) = match view.past_cell() {
        Some(cell) => history::read(tx, programme, view, cell, units).await?,
        None => (Vec::new(), units.to_vec()),
    };
    let measures = |row: &SumRow| Measures { tally: row.tally, participants: row.participants };
    found.extend(rows.iter().map(|row| (row.owner, measures(row))));
    if !rest.is_empty() {
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
    found.extend(rows.into_iter().map(|row| (row.owner, measures(&row))));
    Ok(found)
}

fn measures(row: &CellRow) -> Measures {
    Measures { tally: row.tally, participants: row.participants }
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
    Ok(rows.iter().map(|row| (row.owner, measures(row))).collect())
}

/// The distinct persons of each unit, counted one by one; units without any have no entry. Up to four statements.
pub async fn participants(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, i64>> {
    let found = scan::participants(tx, programme, view, units, &[]).await?;
    Ok(found.into_iter().map(|((owner, _), participants)| (owner, participants)).collect())
}
