//! The parts of past roll-ups from history: by phase, group, bloc and direct unit, cell by cell. How many statements it takes
//! depends on how many phases, groups and blocs the programme has, and not on what stands below.

use std::collections::HashMap;

use super::dimension::Dimension;
use super::direct::Direct;
use super::measures::Measures;
use super::read::of;
use super::scan::ScanRow;
use super::view::{Lens, View};
use crate::error::Result;
use crate::ledger::{Tally, out_of_range};
use crate::programme::{Definition, ResolvedSlice};
use crate::store::Tx;

/// What is asked of some units, with their direct units where it goes by them.
pub(super) struct Asked<'a> {
    pub programme: &'a Definition,
    pub view: &'a View,
    pub units: &'a [i64],
    pub by: &'a [Dimension],
    pub children: &'a [Direct],
}

/// One value of each dimension of a cell; none: any.
#[derive(Clone)]
struct Cell {
    phase: Option<i64>,
    group: Option<i64>,
    bloc: Option<String>,
}

/// Every part that has something; none where cells do not tell it, and events have to.
pub(super) async fn read(tx: &Tx, asked: &Asked<'_>) -> Result<Option<Vec<ScanRow>>> {
    let Some(cells) = asked.cells() else { return Ok(None) };
    let mut rows = Vec::new();
    for cell in &cells {
        let whole = asked.measures(tx, cell, asked.units).await?;
        if !asked.goes_by(Dimension::Child) {
            rows.extend(whole.into_iter().map(|(unit, measures)| asked.row(unit, None, cell, measures)));
            continue;
        }
        let ids: Vec<i64> = asked.children.iter().map(|child| child.id).collect();
        let below = asked.measures(tx, cell, &ids).await?;
        let of = |child: &Direct| below.get(&child.id).copied().unwrap_or_default();
        // Who takes part in the unit's own records cannot be told from sums.
        let sums = asked.children.iter().map(|child| (child.parent_id, of(child).tally));
        if !is_whole(&whole, sums)? {
            return Ok(None);
        }
        rows.extend(asked.children.iter().map(|child| asked.row(child.parent_id, Some(child.id), cell, of(child))));
    }
    if asked.goes_by(Dimension::Bloc) && asked.view.slice.blocs.is_none() {
        // Nor can it of records without a bloc, or with one that the programme does not name.
        let mut wholes: HashMap<i64, Measures> = HashMap::new();
        for cell in cells.iter().filter(|cell| cell.bloc == cells[0].bloc) {
            for (unit, measures) in asked.measures(tx, &Cell { bloc: None, ..cell.clone() }, asked.units).await? {
                let whole = wholes.entry(unit).or_default();
                whole.tally = whole.tally.plus(measures.tally).ok_or_else(out_of_range)?;
            }
        }
        if !is_whole(&wholes, rows.iter().map(|row| (row.owner, row.measures.tally)))? {
            return Ok(None);
        }
    }
    rows.retain(|row| !row.measures.is_zero());
    Ok(Some(rows))
}

/// Whether the parts of each unit add up to it.
fn is_whole(wholes: &HashMap<i64, Measures>, parts: impl Iterator<Item = (i64, Tally)>) -> Result<bool> {
    let mut left: HashMap<i64, Tally> = wholes.iter().map(|(unit, whole)| (*unit, whole.tally)).collect();
    for (unit, part) in parts {
        let left = left.entry(unit).or_default();
        *left = left.plus(part.negated()).ok_or_else(out_of_range)?;
    }
    Ok(left.values().all(Tally::is_zero))
}

impl Asked<'_> {
    fn goes_by(&self, dimension: Dimension) -> bool {
        self.by.contains(&dimension)
    }

    /// The cells that it comes to; none where it is not of cells.
    fn cells(&self) -> Option<Vec<Cell>> {
        use Dimension::{Bloc, Child, Group, Phase};
        let ResolvedSlice { phases, groups, blocs, kinds, during } = &self.view.slice;
        let known = self.by.iter().all(|dimension| matches!(dimension, Child | Phase | Group | Bloc));
        // What was reported through units that are direct no more is told by events.
        let told = match self.view.lens {
            Lens::Current => true,
            Lens::Reported => !self.goes_by(Child),
            Lens::At(_) => false,
        };
        if self.view.is_present() || kinds.is_some() || during.is_some() || !known || !told {
            return None;
        }
        let phases =
            values(self.goes_by(Phase), phases, || self.programme.phases.iter().map(|phase| phase.id).collect())?;
        let groups =
            values(self.goes_by(Group), groups, || self.programme.groups.iter().map(|group| group.id).collect())?;
        let blocs = values(self.goes_by(Bloc), blocs, || self.programme.blocs.clone())?;
        let mut cells = Vec::with_capacity(phases.len() * groups.len() * blocs.len());
        for phase in &phases {
            for group in &groups {
                cells.extend(blocs.iter().map(|bloc| Cell { phase: *phase, group: *group, bloc: bloc.clone() }));
            }
        }
        Some(cells).filter(|cells| !cells.is_empty())
    }

    async fn measures(&self, tx: &Tx, cell: &Cell, units: &[i64]) -> Result<HashMap<i64, Measures>> {
        let slice = ResolvedSlice {
            phases: cell.phase.map(|phase| vec![phase]),
            groups: cell.group.map(|group| vec![group]),
            blocs: cell.bloc.clone().map(|bloc| vec![bloc]),
            ..ResolvedSlice::default()
        };
        of(tx, self.programme.row.id, &View { slice, ..self.view.clone() }, units).await
    }

    fn row(&self, owner: i64, child: Option<i64>, cell: &Cell, measures: Measures) -> ScanRow {
        let value = |dimension: &Dimension| match dimension {
            Dimension::Child => child.map(|child| child.to_string()),
            Dimension::Phase => cell.phase.map(|phase| phase.to_string()),
            Dimension::Group => cell.group.map(|group| group.to_string()),
            _ => cell.bloc.clone(),
        };
        ScanRow { owner, keys: self.by.iter().map(value).collect(), measures }
    }
}

/// One by one those that are chosen, or all; else any or the only one, and nothing where there are several.
fn values<T: Clone>(each: bool, chosen: &Option<Vec<T>>, all: impl FnOnce() -> Vec<T>) -> Option<Vec<Option<T>>> {
    match (each, chosen.as_deref()) {
        (true, None) => Some(all().into_iter().map(Some).collect()),
        (true, Some(chosen)) => Some(chosen.iter().cloned().map(Some).collect()),
        (false, None) => Some(vec![None]),
        (false, Some([one])) => Some(vec![Some(one.clone())]),
        (false, Some(_)) => None,
    }
}
