//! The parts of past roll-ups from history: by phase, group, bloc, state and direct unit, cell by cell. How many statements it takes
//! depends on how many phases, groups and blocs the programme has, and not on what stands below.

use std::collections::{HashMap, HashSet};

use sea_orm::FromQueryResult;

use super::dimension::Dimension;
use super::direct::{Direct, reporting, root};
use super::measures::Measures;
use super::parts::{Key, add, told};
use super::path::alike;
use super::read::of;
use super::scan::{self, ScanRow, split};
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
    /// Whether distinct persons are asked for.
    pub persons: bool,
}

#[derive(FromQueryResult)]
struct Bloc {
    code: String,
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
    if !asked.is_of_cells() {
        return Ok(None);
    }
    let Some(Below { of_cells, others, alike }) = asked.below(tx).await? else { return Ok(None) };
    // Units may have blocs that the programme does not name.
    let blocs = match asked.goes_by(Dimension::Bloc) {
        true => tx.all::<Bloc>(tx.sql("SELECT code FROM bloc ORDER BY code")).await?,
        false => Vec::new(),
    };
    let Some(cells) = asked.cells(blocs.into_iter().map(|bloc| bloc.code).collect()) else { return Ok(None) };
    let mut parts: HashMap<Key, Measures> = HashMap::new();
    // What the direct units leave of the whole.
    let mut own: HashMap<Key, Measures> = HashMap::new();
    let below: Vec<i64> = of_cells.keys().copied().collect();
    for cell in &cells {
        let whole = if asked.goes_by(Dimension::Child) { &mut own } else { &mut parts };
        for (unit, measures) in asked.measures(tx, cell, asked.units, &alike).await? {
            asked.add(whole, unit, None, cell, measures)?;
        }
        if below.is_empty() {
            continue;
        }
        for (child, measures) in asked.measures(tx, cell, &below, &alike).await? {
            let Some(parent) = of_cells.get(&child) else { continue };
            asked.add(&mut parts, *parent, Some(child), cell, measures)?;
            asked.add(&mut own, *parent, None, cell, Measures { tally: measures.tally.negated(), participants: 0 })?;
        }
    }
    for (parent, row) in asked.scanned(tx, &others).await? {
        take(&mut own.entry((parent, asked.without_child(&row.keys))).or_default().tally, row.measures.tally)?;
        parts.insert((parent, row.keys), row.measures);
    }
    own.retain(|_, left| !left.tally.is_zero());
    // Who takes part in the unit's own records cannot be told from sums.
    if asked.persons && !own.is_empty() {
        return Ok(None);
    }
    parts.extend(own.into_iter().map(|(key, left)| (key, Measures { participants: 0, ..left })));
    if asked.goes_by(Dimension::Bloc) && asked.view.slice.blocs.is_none() {
        // Nor can it of records without a bloc; and below which unit these are, sums of all do not tell.
        let left = asked.without_bloc(tx, &cells, &parts, &alike).await?;
        if !left.is_empty() && (asked.persons || asked.goes_by(Dimension::Child)) {
            return Ok(None);
        }
        parts.extend(left.into_iter().map(|(key, tally)| (key, Measures { tally, participants: 0 })));
    }
    Ok(Some(told(parts)))
}

/// The direct units that it goes by, each with the unit that it stands below.
struct Below {
    /// Those that cells tell of.
    of_cells: HashMap<i64, i64>,
    /// Those that are read from events.
    others: HashMap<i64, i64>,
    /// Of all units, those below which the same stood at the lens's instant as does now.
    alike: HashSet<i64>,
}

fn take(from: &mut Tally, part: Tally) -> Result<()> {
    *from = from.plus(part.negated()).ok_or_else(out_of_range)?;
    Ok(())
}

impl Asked<'_> {
    fn goes_by(&self, dimension: Dimension) -> bool {
        self.by.contains(&dimension)
    }

    /// Whether cells know what it goes by.
    fn is_of_cells(&self) -> bool {
        use Dimension::{Bloc, Child, Group, Phase, State};
        let ResolvedSlice { kinds, during, .. } = &self.view.slice;
        // No cell knows persons by state.
        let known = |dimension: &Dimension| match dimension {
            Child | Phase | Group | Bloc => true,
            State => !self.persons,
            _ => false,
        };
        let known = self.by.iter().all(known);
        !self.view.is_present() && kinds.is_none() && during.is_none() && known
    }

    /// The direct units, where it goes by them; none where events have to tell it. Three statements at most.
    async fn below(&self, tx: &Tx) -> Result<Option<Below>> {
        let direct = || self.children.iter().map(|child| (child.id, child.parent_id)).collect::<HashMap<i64, i64>>();
        let links = match (self.goes_by(Dimension::Child), self.view.lens) {
            (false, _) => HashMap::new(),
            // It may have been reported through units that are direct no more.
            (true, Lens::Reported) => match reporting(tx, self.units).await? {
                Some(links) => links.into_iter().map(|(parent, child)| (child, parent)).collect(),
                None => return Ok(None),
            },
            (true, _) => direct(),
        };
        let Lens::At(at) = self.view.lens else {
            return Ok(Some(Below { of_cells: links, others: HashMap::new(), alike: HashSet::new() }));
        };
        let ids: Vec<i64> = self.units.iter().chain(links.keys()).copied().collect();
        let alike = alike(tx, at, &ids).await?;
        // All trees give the root the same, blocs apart.
        let root = match self.goes_by(Dimension::Bloc) || self.view.slice.blocs.is_some() {
            true => Vec::new(),
            false => root(tx).await?,
        };
        if !self.units.iter().all(|unit| alike.contains(unit) || root.contains(unit)) {
            return Ok(None);
        }
        let (of_cells, others) = links.into_iter().partition(|(child, _)| alike.contains(child));
        Ok(Some(Below { of_cells, others, alike }))
    }

    /// The parts of direct units of which no cell tells, each with the unit that it stands below; three statements at most.
    async fn scanned(&self, tx: &Tx, others: &HashMap<i64, i64>) -> Result<Vec<(i64, ScanRow)>> {
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let by: Vec<Dimension> = self.by.iter().copied().filter(|dimension| *dimension != Dimension::Child).collect();
        let units: Vec<i64> = others.keys().copied().collect();
        let mut rows = Vec::new();
        for mut row in scan::read(tx, self.programme.row.id, self.view, &units, &by, self.persons).await? {
            let Some(parent) = others.get(&row.owner) else { continue };
            let at = self.by.iter().position(|dimension| *dimension == Dimension::Child).unwrap_or(0);
            row.keys.insert(at, Some(row.owner.to_string()));
            rows.push((*parent, row));
        }
        Ok(rows)
    }

    /// A part's keys where it is the unit's own.
    fn without_child(&self, keys: &[Option<String>]) -> Vec<Option<String>> {
        let own =
            |(dimension, key): (&Dimension, &Option<String>)| key.clone().filter(|_| *dimension != Dimension::Child);
        self.by.iter().zip(keys).map(own).collect()
    }

    /// The cells that it comes to, given all blocs that there are; none where several do not add up.
    fn cells(&self, every_bloc: Vec<String>) -> Option<Vec<Cell>> {
        use Dimension::{Bloc, Group, Phase};
        let ResolvedSlice { phases, groups, blocs, .. } = &self.view.slice;
        // Persons of several cells do not add up.
        let adds = !self.persons;
        let all = || self.programme.phases.iter().map(|phase| phase.id).collect();
        let phases = values(self.goes_by(Phase), adds, phases, all)?;
        let all = || self.programme.groups.iter().map(|group| group.id).collect();
        let groups = values(self.goes_by(Group), adds, groups, all)?;
        let blocs = values(self.goes_by(Bloc), adds, blocs, || every_bloc)?;
        let mut cells = Vec::with_capacity(phases.len() * groups.len() * blocs.len());
        for phase in &phases {
            for group in &groups {
                cells.extend(blocs.iter().map(|bloc| Cell { phase: *phase, group: *group, bloc: bloc.clone() }));
            }
        }
        Some(cells).filter(|cells| !cells.is_empty())
    }

    /// A cell of the units; of those that are `alike` through the tree now.
    async fn measures(
        &self,
        tx: &Tx,
        cell: &Cell,
        units: &[i64],
        alike: &HashSet<i64>,
    ) -> Result<HashMap<i64, Measures>> {
        let slice = ResolvedSlice {
            phases: cell.phase.map(|phase| vec![phase]),
            groups: cell.group.map(|group| vec![group]),
            blocs: cell.bloc.clone().map(|bloc| vec![bloc]),
            ..ResolvedSlice::default()
        };
        let view = View { slice, ..self.view.clone() };
        let now = View { lens: Lens::Current, ..view.clone() };
        let (same, others): (Vec<i64>, Vec<i64>) = units.iter().partition(|unit| alike.contains(unit));
        let mut found = HashMap::new();
        for (view, units) in [(now, same), (view, others)] {
            if !units.is_empty() {
                found.extend(of(tx, self.programme.row.id, &view, &units).await?);
            }
        }
        Ok(found)
    }

    /// Adds a cell to the parts that it belongs to.
    fn add(
        &self,
        parts: &mut HashMap<Key, Measures>,
        owner: i64,
        child: Option<i64>,
        cell: &Cell,
        measures: Measures,
    ) -> Result<()> {
        for (state, tally) in split(measures.tally, self.goes_by(Dimension::State)) {
            add(parts, (owner, self.keys(child, cell, &state)), tally, measures.participants)?;
        }
        Ok(())
    }

    /// What is left of the cells of any bloc when each bloc's part is taken from them.
    async fn without_bloc(
        &self,
        tx: &Tx,
        cells: &[Cell],
        parts: &HashMap<Key, Measures>,
        alike: &HashSet<i64>,
    ) -> Result<HashMap<Key, Tally>> {
        let mut wholes: HashMap<Key, Measures> = HashMap::new();
        for cell in cells.iter().filter(|cell| cell.bloc == cells[0].bloc) {
            let any = Cell { bloc: None, ..cell.clone() };
            for (unit, measures) in self.measures(tx, &any, self.units, alike).await? {
                self.add(&mut wholes, unit, None, &any, measures)?;
            }
        }
        let mut left: HashMap<Key, Tally> = wholes.into_iter().map(|(key, whole)| (key, whole.tally)).collect();
        let placed = self.by.iter().map(|dimension| matches!(dimension, Dimension::Bloc | Dimension::Child));
        let placed: Vec<bool> = placed.collect();
        for ((owner, keys), measures) in parts {
            let keys = keys.iter().zip(&placed).map(|(key, placed)| key.clone().filter(|_| !placed)).collect();
            take(left.entry((*owner, keys)).or_default(), measures.tally)?;
        }
        left.retain(|_, tally| !tally.is_zero());
        Ok(left)
    }

    /// A part's raw values in the order of the dimensions.
    fn keys(&self, child: Option<i64>, cell: &Cell, state: &Option<String>) -> Vec<Option<String>> {
        let value = |dimension: &Dimension| match dimension {
            Dimension::Child => child.map(|child| child.to_string()),
            Dimension::Phase => cell.phase.map(|phase| phase.to_string()),
            Dimension::Group => cell.group.map(|group| group.to_string()),
            Dimension::State => state.clone(),
            _ => cell.bloc.clone(),
        };
        self.by.iter().map(value).collect()
    }
}

/// One by one those that are chosen, or all; else any or the only one, and nothing where there are several that do not add up.
fn values<T: Clone>(
    each: bool,
    adds: bool,
    chosen: &Option<Vec<T>>,
    all: impl FnOnce() -> Vec<T>,
) -> Option<Vec<Option<T>>> {
    match (each, chosen.as_deref()) {
        (true, None) => Some(all().into_iter().map(Some).collect()),
        (each, Some(chosen)) if each || adds => Some(chosen.iter().cloned().map(Some).collect()),
        (false, None) => Some(vec![None]),
        (_, Some([one])) => Some(vec![Some(one.clone())]),
        (_, Some(_)) => None,
    }
}
