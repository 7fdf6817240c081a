//! The parts of present roll-ups from stored cells: by phase, group, bloc, state and direct unit. What it costs depends on how
//! many parts there are, and not on how much stands below; except for persons that no cell counts, who are counted one by one
//! where somebody asks for them.

use std::collections::HashMap;

use super::dimension::Dimension;
use super::direct::Direct;
use super::grid::Grid;
use super::measures::Measures;
use super::persons;
use super::scan::{ScanRow, split};
use super::stored::{self, CellRow, Reach, Units};
use super::view::View;
use crate::error::Result;
use crate::ledger::{Tally, out_of_range};
use crate::store::Tx;

/// What is asked of some units.
pub(super) struct Asked<'a> {
    pub programme: i64,
    pub view: &'a View,
    pub units: &'a [i64],
    pub by: &'a [Dimension],
    /// The units' direct ones, where it goes by them.
    pub children: &'a [Direct],
    /// Whether distinct persons are asked for.
    pub persons: bool,
}

pub(super) type Key = (i64, Vec<Option<String>>);

/// Every part that has something, for each unit; one to five statements.
pub(super) async fn read(tx: &Tx, asked: &Asked<'_>, grid: &Grid) -> Result<Vec<ScanRow>> {
    let rows = cells(tx, asked, grid).await?;
    let mut parts = of_cells(asked.by, rows.iter().map(|(owner, child, row)| (*owner, *child, row)))?;
    let unplaced = match asked.view.slice.blocs {
        None if grid.bloc.is_each() => without_bloc(tx, asked, grid, &parts).await?,
        _ => HashMap::new(),
    };
    // No cell counts the persons of what has no bloc.
    let uncounted = !unplaced.is_empty() || !grid.counts_persons();
    for (key, tally) in unplaced {
        add(&mut parts, key, tally, 0)?;
    }
    if asked.persons && uncounted {
        let counted = persons::participants(tx, asked.programme, asked.view, asked.units, asked.by).await?;
        parts.values_mut().for_each(|measures| measures.participants = 0);
        for (key, participants) in counted {
            parts.entry(key).or_default().participants = participants;
        }
    }
    Ok(told(parts))
}

/// Pure: cells with their owners, and the direct unit where it goes by that, added up to parts.
pub(super) fn of_cells<'a>(
    by: &[Dimension],
    rows: impl Iterator<Item = (i64, Option<i64>, &'a CellRow)>,
) -> Result<HashMap<Key, Measures>> {
    let mut parts: HashMap<Key, Measures> = HashMap::new();
    for (owner, child, row) in rows {
        for (state, tally) in split(row.measures.tally, by.contains(&Dimension::State)) {
            let key = (owner, keys(by, child, row, &state));
            add(&mut parts, key, tally, row.measures.participants)?;
        }
    }
    Ok(parts)
}

/// Those that have something.
pub(super) fn told(parts: HashMap<Key, Measures>) -> Vec<ScanRow> {
    let parts = parts.into_iter().filter(|(_, measures)| !measures.is_zero());
    parts.map(|((owner, keys), measures)| ScanRow { owner, keys, measures }).collect()
}

pub(super) fn add(parts: &mut HashMap<Key, Measures>, key: Key, tally: Tally, participants: i64) -> Result<()> {
    let part = parts.entry(key).or_default();
    part.tally = part.tally.plus(tally).ok_or_else(out_of_range)?;
    part.participants += participants;
    Ok(())
}

/// The cells with their owners, and the direct unit where it goes by that: none for the owner's own records.
async fn cells(tx: &Tx, asked: &Asked<'_>, grid: &Grid) -> Result<Vec<(i64, Option<i64>, CellRow)>> {
    let read = async |reach, units: &[i64]| match units {
        [] => Ok(Vec::new()),
        units => stored::read(tx, asked.programme, grid, reach, Units::any(units), asked.persons).await,
    };
    if !asked.by.contains(&Dimension::Child) {
        let rows = read(Reach::Whole, asked.units).await?.into_iter();
        return Ok(rows.map(|row| (row.owner, None, row)).collect());
    }
    let parents: HashMap<i64, i64> = asked.children.iter().map(|child| (child.id, child.parent_id)).collect();
    let children: Vec<i64> = parents.keys().copied().collect();
    let below = read(Reach::Whole, &children).await?.into_iter();
    let below = below.filter_map(|row| Some((*parents.get(&row.owner)?, Some(row.owner), row)));
    let own = read(Reach::Own, asked.units).await?.into_iter().map(|row| (row.owner, None, row));
    Ok(below.chain(own).collect())
}

/// What is left where each bloc is taken from the whole: the parts of records whose unit has none.
async fn without_bloc(
    tx: &Tx,
    asked: &Asked<'_>,
    grid: &Grid,
    parts: &HashMap<Key, Measures>,
) -> Result<HashMap<Key, Tally>> {
    let asked = Asked { persons: false, ..*asked };
    let mut left: HashMap<Key, Tally> = HashMap::new();
    for (owner, child, row) in cells(tx, &asked, &grid.of_any_bloc()).await? {
        for (state, tally) in split(row.measures.tally, asked.by.contains(&Dimension::State)) {
            // A cell of any bloc has an empty one, which is read as none.
            let sum = left.entry((owner, keys(asked.by, child, &row, &state))).or_default();
            *sum = sum.plus(tally).ok_or_else(out_of_range)?;
        }
    }
    let at = asked.by.iter().position(|dimension| *dimension == Dimension::Bloc);
    for ((owner, keys), measures) in parts {
        let mut keys = keys.clone();
        at.into_iter().for_each(|at| keys[at] = None);
        let sum = left.entry((*owner, keys)).or_default();
        *sum = sum.plus(measures.tally.negated()).ok_or_else(out_of_range)?;
    }
    left.retain(|_, tally| !tally.is_zero());
    Ok(left)
}

/// A part's raw values in the order of the dimensions.
fn keys(by: &[Dimension], child: Option<i64>, row: &CellRow, state: &Option<String>) -> Vec<Option<String>> {
    let value = |dimension: &Dimension| match dimension {
        Dimension::Child => child.map(|child| child.to_string()),
        Dimension::Phase => Some(row.phase_id.to_string()),
        Dimension::Group => Some(row.group_id.to_string()),
        Dimension::Bloc => Some(row.bloc.clone()).filter(|bloc| !bloc.is_empty()),
        Dimension::State => state.clone(),
        _ => None,
    };
    by.iter().map(value).collect()
}
