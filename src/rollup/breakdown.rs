//! Breakdowns: the parts of a roll-up by one dimension or two. Additive measures of the parts add up to the whole.

use std::collections::HashMap;

use entity::enums::InitiativeState;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::dimension::Dimension;
use super::label::Label;
use super::measures::Measures;
use super::scan::{self, ScanRow};
use crate::error::{Error, Result};
use crate::programme::{Definition, ResolvedSlice};
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

#[derive(Clone, FromQueryResult)]
struct Child {
    id: i64,
    parent_id: i64,
    code: String,
    name: String,
    name_en: Option<String>,
}

/// The parts of each unit's roll-up: by one dimension every value, zeros included; by two, parts that have something. Two or
/// three statements.
pub async fn breakdown(
    tx: &Tx,
    programme: &Definition,
    slice: &ResolvedSlice,
    units: &[i64],
    by: &[Dimension],
) -> Result<HashMap<i64, Vec<Part>>> {
    if !(1..=2).contains(&by.len()) || (by.len() == 2 && by[0] == by[1]) {
        return Err(Error::BadInput(message!("by takes one dimension, or two different ones")));
    }
    let children = if by.contains(&Dimension::Child) { children(tx, units).await? } else { Vec::new() };
    let mut rows: HashMap<i64, Vec<ScanRow>> = HashMap::new();
    for row in scan::read(tx, programme.row.id, slice, units, by).await? {
        rows.entry(row.owner).or_default().push(row);
    }
    let parts = units.iter().map(|unit| {
        let below: Vec<&Child> = children.iter().filter(|child| child.parent_id == *unit).collect();
        let axes: Vec<Axis> = by.iter().map(|by| Axis::of(*by, programme, slice, &below)).collect();
        (*unit, arrange(axes, rows.remove(unit).unwrap_or_default()))
    });
    Ok(parts.collect())
}

async fn children(tx: &Tx, units: &[i64]) -> Result<Vec<Child>> {
    let mut sql = tx.sql("SELECT id, parent_id, code, name, name_en FROM unit WHERE ");
    let these = sql.any_id("parent_id", units);
    sql.push(&format!("{these} ORDER BY code"));
    tx.all(sql).await
}

/// The values of a dimension in order, by their raw form in the data.
struct Axis {
    dimension: Dimension,
    /// Raw value, key, and whether it shows without records.
    values: Vec<(Option<String>, PartKey, bool)>,
}

impl Axis {
    fn of(dimension: Dimension, programme: &Definition, slice: &ResolvedSlice, below: &[&Child]) -> Axis {
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
                return Axis { dimension, values: std::iter::once(own).chain(direct).collect() };
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
            Dimension::Kind | Dimension::Level | Dimension::Sector => Vec::new(),
        };
        let none = PartKey { dimension, value: None, label: Label::none(), unit: None };
        values.push((None, none, false));
        Axis { dimension, values }
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
        let end = self.values.len() - 1;
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
