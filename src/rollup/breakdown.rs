//! Breakdowns: the parts of a roll-up by one dimension or two. Additive measures of the parts add up to the whole.

use std::collections::HashMap;

use entity::enums::InitiativeState;
use sea_orm::ActiveEnum;

use super::calendar::Period;
use super::dimension::Dimension;
use super::direct::{Direct, direct, named};
use super::grid::Grid;
use super::label::Label;
use super::measures::Measures;
use super::parts::{self, Asked};
use super::past;
use super::scan::{self, ScanRow};
use super::view::{Lens, View};
use crate::clock::local_day;
use crate::error::{Error, Result};
use crate::programme::Definition;
use crate::store::Tx;
use crate::text::message;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartKey {
    pub dimension: Dimension,
    /// A code, or SELF; none where the records have none.
    pub value: Option<String>,
    pub label: Label,
    /// The direct unit of CHILD.
    pub unit: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Part {
    pub keys: Vec<PartKey>,
    pub measures: Measures,
}

/// The parts of each unit's roll-up: by one dimension every value, zeros included; by two, parts that have something. Without `persons`
/// distinct persons may be left out, as 0. How many statements it takes depends on the programme, and on whether the root is asked for.
pub async fn breakdown(
    tx: &Tx,
    programme: &Definition,
    view: &View,
    units: &[i64],
    by: &[Dimension],
    persons: bool,
) -> Result<HashMap<i64, Vec<Part>>> {
    check_dimensions(by)?;
    let child = child_at(by);
    let children = if child.is_some() { direct(tx, view, units).await? } else { Vec::new() };
    let id = programme.row.id;
    let read = match Grid::of(view, by) {
        Some(grid) => {
            let asked = Asked { programme: id, view, units, by, children: &children, persons };
            parts::read(tx, &asked, &grid).await?
        }
        None => {
            let asked = past::Asked { programme, view, units, by, children: &children, persons };
            match past::read(tx, &asked).await? {
                Some(rows) => rows,
                None => scan::read(tx, id, view, units, by, persons).await?,
            }
        }
    };
    // Through which something was reported, though it is not direct any more or was not yet.
    let others = match child {
        Some(at) if view.lens == Lens::Reported => others(tx, &read, &children, at).await?,
        _ => Vec::new(),
    };
    arranged(programme, view, by, units, (&children, &others), read)
}

/// Pure: the parts in order. `children` are the units' direct ones where it goes by them, `others` those beside them through which
/// something was reported.
pub(super) fn arranged(
    programme: &Definition,
    view: &View,
    by: &[Dimension],
    units: &[i64],
    (children, others): (&[Direct], &[Direct]),
    read: Vec<ScanRow>,
) -> Result<HashMap<i64, Vec<Part>>> {
    let child = child_at(by);
    let mut rows: HashMap<i64, Vec<ScanRow>> = HashMap::new();
    for row in read {
        rows.entry(row.owner).or_default().push(row);
    }
    let mut parts = HashMap::with_capacity(units.len());
    for unit in units {
        let rows = rows.remove(unit).unwrap_or_default();
        let direct = children.iter().filter(|child| child.parent_id == *unit);
        let through = |other: &&Direct| {
            let id = Some(other.id.to_string());
            child.is_some_and(|at| rows.iter().any(|row| row.keys[at] == id))
        };
        let mut below: Vec<&Direct> = direct.chain(others.iter().filter(through)).collect();
        below.sort_by(|a, b| a.code.cmp(&b.code));
        below.dedup_by_key(|child| child.id);
        let axes = by.iter().enumerate().map(|(i, dimension)| Axis::of(*dimension, programme, view, &below, &rows, i));
        parts.insert(*unit, arrange(axes.collect::<Result<Vec<_>>>()?, rows));
    }
    Ok(parts)
}

/// A breakdown goes by one dimension or two.
pub(super) fn check_dimensions(by: &[Dimension]) -> Result<()> {
    match by {
        [_] => Ok(()),
        [one, other] if one != other => Ok(()),
        _ => Err(Error::BadInput(message!("by takes one dimension, or two different ones"))),
    }
}

fn child_at(by: &[Dimension]) -> Option<usize> {
    by.iter().position(|dimension| *dimension == Dimension::Child)
}

async fn others(tx: &Tx, rows: &[ScanRow], known: &[Direct], at: usize) -> Result<Vec<Direct>> {
    let through = |row: &ScanRow| {
        let id = row.keys[at].as_ref()?.parse::<i64>().ok()?;
        let direct = known.iter().any(|child| child.id == id && child.parent_id == row.owner);
        (!direct).then_some(id)
    };
    let mut ids: Vec<i64> = rows.iter().filter_map(through).collect();
    ids.sort_unstable();
    ids.dedup();
    named(tx, &ids).await
}

/// The values of a dimension in order, by their raw form in the data.
struct Axis {
    dimension: Dimension,
    /// Raw value, key, and whether it shows without records.
    values: Vec<(Option<String>, PartKey, bool)>,
}

impl Axis {
    fn of(
        dimension: Dimension,
        programme: &Definition,
        view: &View,
        below: &[&Direct],
        rows: &[ScanRow],
        at: usize,
    ) -> Result<Axis> {
        let slice = &view.slice;
        if let Some(period) = dimension.period() {
            return Axis::periods(dimension, period, view, rows.iter().map(|row| &row.keys[at]));
        }
        let key = |value: &str, label: Label| PartKey { dimension, value: Some(value.to_owned()), label, unit: None };
        let chosen = |list: &Option<Vec<i64>>, id: i64| list.as_ref().is_none_or(|ids| ids.contains(&id));
        let mut values: Vec<(Option<String>, PartKey, bool)> = match dimension {
            Dimension::Child => {
                let own = (None, key("SELF", Label::own()), true);
                let direct = below.iter().map(|child| {
                    let label = Label::Name(child.name.clone(), child.name_en.clone());
                    let key = PartKey { unit: Some(child.id), ..key(&child.code, label) };
                    (Some(child.id.to_string()), key, true)
                });
                return Ok(Axis { dimension, values: std::iter::once(own).chain(direct).collect() });
            }
            Dimension::Phase => {
                let phases = programme.phases.iter().filter(|phase| chosen(&slice.phases, phase.id));
                phases
                    .map(|phase| (Some(phase.id.to_string()), key(&phase.code, Label::name(&phase.name)), true))
                    .collect()
            }
            Dimension::Group => {
                let groups = programme.groups.iter().filter(|group| chosen(&slice.groups, group.id));
                groups
                    .map(|group| (Some(group.id.to_string()), key(&group.code, Label::name(&group.name)), true))
                    .collect()
            }
            Dimension::Bloc => {
                let named = |bloc: &&String| slice.blocs.as_ref().is_none_or(|blocs| blocs.contains(bloc));
                let blocs = programme.blocs.iter().filter(named);
                blocs.map(|bloc| (Some(bloc.clone()), key(bloc, Label::name(bloc)), true)).collect()
            }
            Dimension::State => {
                let part = |state: InitiativeState| {
                    let value = state.to_value();
                    (Some(value.clone()), key(&value, Label::state(state)), true)
                };
                STATES.into_iter().map(part).collect()
            }
            // Those that have something; periods have been listed above.
            Dimension::Kind | Dimension::Level | Dimension::Sector => Vec::new(),
            Dimension::Day | Dimension::Week | Dimension::Month => Vec::new(),
        };
        let none = PartKey { dimension, value: None, label: Label::none(), unit: None };
        values.push((None, none, false));
        Ok(Axis { dimension, values })
    }

    /// Every period from the first to the last of `during`, where it names them, else of what is there.
    fn periods<'a>(
        dimension: Dimension,
        period: Period,
        view: &View,
        found: impl Iterator<Item = &'a Option<String>>,
    ) -> Result<Axis> {
        let numbers: Vec<i64> = found.filter_map(|raw| raw.as_ref()?.parse().ok()).collect();
        let (from, to) = view.slice.during.unwrap_or((i64::MIN, i64::MAX));
        let number = |at: i64| period.number(local_day(view.zone, at));
        let first = if from == i64::MIN { numbers.iter().min().copied() } else { Some(number(from)) };
        let last = if to == i64::MAX { numbers.iter().max().copied() } else { Some(number(to - 1)) };
        let all = match (first, last) {
            (Some(first), Some(last)) => period.all(first, last)?.collect(),
            _ => Vec::new(),
        };
        let part = |number: i64| {
            let value = period.value(number);
            let label = Label::name(&value);
            (Some(number.to_string()), PartKey { dimension, value: Some(value), label, unit: None }, true)
        };
        Ok(Axis { dimension, values: all.into_iter().map(part).collect() })
    }

    /// Where a raw value stands in the order, added before "none" where the programme does not know it.
    fn position(&mut self, raw: &Option<String>) -> usize {
        if let Some(at) = self.values.iter().position(|(value, _, _)| value == raw) {
            return at;
        }
        let value = raw.clone().unwrap_or_default();
        let label = Label::found(self.dimension, &value);
        let key = PartKey { dimension: self.dimension, value: Some(value), label, unit: None };
        // Found values stand in their own order, after the programme's and before "none".
        let known = self.values.iter().take_while(|(_, _, shows)| *shows).count();
        let end = self.values.len().saturating_sub(1);
        let at = (known..end).find(|i| self.values[*i].0 > *raw).unwrap_or(end);
        self.values.insert(at, (raw.clone(), key, false));
        at
    }
}

/// The states that count.
const STATES: [InitiativeState; 5] = [
    InitiativeState::Submitted,
    InitiativeState::Returned,
    InitiativeState::Approved,
    InitiativeState::Rejected,
    InitiativeState::Revoked,
];

fn arrange(mut axes: Vec<Axis>, rows: Vec<ScanRow>) -> Vec<Part> {
    // First every value gets its place, then the places hold still.
    for row in &rows {
        for (axis, raw) in axes.iter_mut().zip(&row.keys) {
            axis.position(raw);
        }
    }
    let place = |row: &ScanRow| -> Vec<usize> {
        let at = |(axis, raw): (&Axis, &Option<String>)| axis.values.iter().position(|(value, _, _)| value == raw);
        axes.iter().zip(&row.keys).filter_map(at).collect()
    };
    let mut found: Vec<(Vec<usize>, Measures)> = rows.iter().map(|row| (place(row), row.measures)).collect();
    if let [axis] = axes.as_slice() {
        for (i, (_, _, shows)) in axis.values.iter().enumerate() {
            if *shows && !found.iter().any(|(at, _)| at == &[i]) {
                found.push((vec![i], Measures::default()));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let part = |(at, measures): (Vec<usize>, Measures)| Part {
        keys: axes.iter().zip(at).map(|(axis, i)| axis.values[i].1.clone()).collect(),
        measures,
    };
    found.into_iter().map(part).collect()
}
