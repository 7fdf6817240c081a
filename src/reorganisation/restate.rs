//! Targets that a plan names: of those who follow, as they are to be, whatever passes to them.

use std::collections::HashMap;

use entity::enums::{Bound, Operation, TargetKind};
use sea_orm::{ActiveEnum, Iterable};

use super::faults::PlanFaults;
use super::sketch::{Cell, Setting, Sketch};
use super::step::{Input, Restated, Step};
use crate::access::Viewer;
use crate::error::{Error, ErrorCode, Faults, Result, clip};
use crate::programme::{self, Definition, target};
use crate::store::Tx;
use crate::text::message;

/// Puts what the steps restate into the sketch.
pub async fn restate(
    tx: &Tx,
    viewer: Viewer,
    sketch: &mut Sketch,
    steps: &[Step],
    faults: &mut PlanFaults,
) -> Result<()> {
    let done = || (1..).zip(steps).filter(|(_, step)| step.is_done() && !step.input.restated.is_empty());
    let mut codes: Vec<String> =
        done().flat_map(|(_, step)| &step.input.restated).map(|one| one.programme.clone()).collect();
    if codes.is_empty() {
        return Ok(());
    }
    codes.sort_unstable();
    codes.dedup();
    let programmes = programme::by_code(tx, viewer, &codes).await?;
    let mut set: HashMap<(i64, Cell), usize> = HashMap::new();
    for (place, step) in done() {
        if !matches!(step.operation, Operation::Merge | Operation::Split | Operation::Dissolve) {
            let message = message!("targets are restated where units are merged, split or dissolved");
            faults.add(place, "restated", ErrorCode::Invalid, message);
            continue;
        }
        for (i, one) in step.input.restated.iter().enumerate() {
            let field = format!("restated.{i}");
            let of = programmes.get(&one.programme).map(|programme| programme.as_ref());
            let Some(setting) = read(sketch, &step.input, one, of, place, &field, faults) else { continue };
            if let Some(before) = set.insert((setting.unit, setting.cell.clone()), place) {
                let message = message!("step {step} restates the same target already", step = before);
                faults.add(place, &field, ErrorCode::Invalid, message);
            }
            sketch.settings.push(setting);
        }
    }
    Ok(())
}

/// Pure.
fn read(
    sketch: &Sketch,
    input: &Input,
    one: &Restated,
    programme: Option<&Definition>,
    place: usize,
    field: &str,
    faults: &mut PlanFaults,
) -> Option<Setting> {
    let unit = one.unit.as_ref().or(input.into.as_ref());
    let follows =
        |code: &&String| input.into.as_ref() == Some(*code) || input.parts.iter().any(|part| part.unit == **code);
    let unit = unit.filter(follows).and_then(|code| sketch.codes.get(code)).copied();
    if unit.is_none() {
        let code = one.unit.as_deref().unwrap_or_default();
        let message = message!("\"{code}\" is no unit that follows by this step", code = clip(code));
        faults.add(place, &format!("{field}.unit"), ErrorCode::UnknownCode, message);
    }
    let kind = TargetKind::try_from_value(&one.kind).ok();
    if kind.is_none() {
        let known = TargetKind::iter().map(|kind| kind.to_value()).collect::<Vec<_>>().join(", ");
        let message =
            message!("{field} is \"{value}\"; it can be: {known}", field = "kind", value = clip(&one.kind), known);
        faults.add(place, &format!("{field}.kind"), ErrorCode::UnknownCode, message);
    }
    if one.value < 1 {
        let message = message!("value must be 1 or more; targetClear takes a target away");
        faults.add(place, &format!("{field}.value"), ErrorCode::OutOfRange, message);
    }
    let Some(programme) = programme else {
        let message = message!("no programme with code \"{code}\" that you may see", code = clip(&one.programme));
        faults.add(place, &format!("{field}.programme"), ErrorCode::UnknownCode, message);
        return None;
    };
    let mut wrong = Faults::default();
    let (phase, bloc) = target::cell(&mut wrong, programme, one.phase.as_deref(), one.bloc.as_deref());
    if let Err(Error::User(wrong)) = wrong.finish() {
        for fault in wrong {
            faults.add(place, &format!("{field}.{}", fault.field.join(".")), fault.code, fault.message);
        }
    }
    let bound = if one.at_least { Bound::AtLeast } else { Bound::Exact };
    let cell = Cell { programme: programme.row.id, kind: kind?, phase, bloc };
    Some(Setting { unit: unit?, cell, value: Some((one.value, bound)) })
}
