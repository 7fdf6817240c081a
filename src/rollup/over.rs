//! Roll-ups against targets.

use std::collections::HashMap;

use entity::enums::TargetKind;
use sea_orm::ActiveEnum;

use super::direct::direct;
use super::measures::{Measure, Measures};
use super::read::{additive, of};
use super::view::View;
use crate::error::{Error, Result};
use crate::store::{Tx, lean_row};
use crate::text::message;

/// The targets of one cell of a unit, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetValues {
    pub guideline: Option<i32>,
    pub registered: Option<i32>,
    pub planned: Option<i32>,
}

impl TargetValues {
    pub fn get(&self, kind: TargetKind) -> Option<i32> {
        match kind {
            TargetKind::Guideline => self.guideline,
            TargetKind::Registered => self.registered,
            TargetKind::Planned => self.planned,
        }
    }

    /// Of the named kind; where none is named GUIDELINE, else REGISTERED.
    pub fn choose(&self, kind: Option<TargetKind>) -> Option<(TargetKind, i32)> {
        let kinds: &[TargetKind] = match &kind {
            Some(kind) => std::slice::from_ref(kind),
            None => &[TargetKind::Guideline, TargetKind::Registered],
        };
        kinds.iter().find_map(|kind| self.get(*kind).map(|value| (*kind, value)))
    }
}

/// How much of a target is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    pub numerator: i64,
    pub target: i32,
    pub kind: TargetKind,
}

/// Of the direct units: how many are strictly over their target, how many have one, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitsOverTarget {
    pub over: i64,
    pub with_target: i64,
    pub total: i64,
}

lean_row!(
    /// A unit's target.
    Setting {
        unit_id: i64,
        kind: String,
        value: i32,
    }
);

/// The targets of each unit for the slice's cell, as last set before the instant; none where the slice is no target's. One
/// statement.
pub async fn target_values(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, TargetValues>> {
    let mut found: HashMap<i64, TargetValues> = units.iter().map(|unit| (*unit, TargetValues::default())).collect();
    for setting in settings(tx, programme, view, "t.unit_id", units).await? {
        let (values, value) = (found.entry(setting.unit_id).or_default(), Some(setting.value));
        match TargetKind::try_from_value(&setting.kind)? {
            TargetKind::Guideline => values.guideline = value,
            TargetKind::Registered => values.registered = value,
            TargetKind::Planned => values.planned = value,
        }
    }
    Ok(found)
}

/// What is set in the slice's cell of these units, in force at the instant.
async fn settings(tx: &Tx, programme: i64, view: &View, unit: &str, units: &[i64]) -> Result<Vec<Setting>> {
    let Some((phase, bloc)) = view.slice.target_cell() else { return Ok(Vec::new()) };
    let mut sql = tx.sql("SELECT t.unit_id, t.kind, t.value FROM ");
    let (programme, phase, bloc) = (sql.bind(programme), sql.bind(phase), sql.bind(bloc));
    let cell = |t: &str| format!("{t}.programme_id = {programme} AND {t}.phase_id = {phase} AND {t}.bloc = {bloc}");
    let these = sql.any_id(unit, units);
    match view.as_of.map(|at| sql.bind(at)) {
        None => sql.push(&format!("target t WHERE {} AND {these}", cell("t"))),
        Some(at) => sql.push(&format!(
            "target_event t WHERE {} AND {these} AND t.at < {at} AND t.value IS NOT NULL AND NOT EXISTS (\
             SELECT 1 FROM target_event l WHERE l.unit_id = t.unit_id AND l.kind = t.kind AND {} AND l.at > t.at AND l.at < {at})",
            cell("t"),
            cell("l")
        )),
    };
    tx.lean(sql).await
}

/// Pure: the completion by a count.
pub fn completion(
    measures: &Measures,
    targets: &TargetValues,
    by: Measure,
    kind: Option<TargetKind>,
) -> Result<Option<Completion>> {
    check_count(by)?;
    let chosen = targets.choose(kind);
    Ok(chosen.map(|(kind, target)| Completion { numerator: measures.amount(by), target, kind }))
}

pub(super) fn check_count(by: Measure) -> Result<()> {
    if matches!(by, Measure::ClaimedBenefit | Measure::VerifiedBenefit | Measure::Completion) {
        return Err(Error::BadInput(message!(
            "targets are counts: name a count in `of`, such as APPROVED or SUBMITTED"
        )));
    }
    Ok(())
}

/// The sum of the direct units' own REGISTERED cells; none where no direct unit has the cell. Two statements.
pub async fn registered_below(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, i64>> {
    if view.slice.target_cell().is_none() {
        return Ok(HashMap::new());
    }
    let direct = direct(tx, view, units).await?;
    let ids: Vec<i64> = direct.iter().map(|unit| unit.id).collect();
    let targets = target_values(tx, programme, view, &ids).await?;
    let mut sums = HashMap::new();
    for unit in direct {
        if let Some(value) = targets.get(&unit.id).and_then(|targets| targets.registered) {
            *sums.entry(unit.parent_id).or_default() += i64::from(value);
        }
    }
    Ok(sums)
}

/// How each unit's direct units stand against their targets; three statements.
pub async fn units_over(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    by: Measure,
    kind: Option<TargetKind>,
) -> Result<HashMap<i64, UnitsOverTarget>> {
    check_count(by)?;
    let direct = direct(tx, view, units).await?;
    let ids: Vec<i64> = direct.iter().map(|unit| unit.id).collect();
    let measures = match by {
        Measure::Participants => of(tx, programme, view, &ids).await?,
        _ => additive(tx, programme, view, &ids).await?,
    };
    let targets = target_values(tx, programme, view, &ids).await?;
    let mut found: HashMap<i64, UnitsOverTarget> =
        units.iter().map(|unit| (*unit, UnitsOverTarget::default())).collect();
    for unit in direct {
        let Some(counts) = found.get_mut(&unit.parent_id) else { continue };
        counts.total += 1;
        let target = targets.get(&unit.id).and_then(|targets| targets.choose(kind));
        if let Some((_, target)) = target {
            counts.with_target += 1;
            let reached = measures.get(&unit.id).map_or(0, |measures| measures.amount(by));
            counts.over += i64::from(reached > i64::from(target));
        }
    }
    Ok(found)
}
