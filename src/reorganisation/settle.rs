//! What follows once all steps are carried out: nobody stands below, is seated at, or is coordinated by what has ended.

use super::faults::PlanFaults;
use super::sketch::Sketch;
use crate::error::ErrorCode;
use crate::text::message;
use crate::unit::legal_coordinator;

/// What follows: children of those that end go to who follows them, and seats are where somebody lives.
pub fn settle(sketch: &mut Sketch, faults: &mut PlanFaults) {
    let ended: Vec<i64> = sketch.those(|unit| unit.is.ended);
    let mut seats = Vec::new();
    for id in &ended {
        let (mut seat, mut steps) = (sketch.seat(*id, false), 0);
        while sketch.units.get(&seat).is_some_and(|unit| unit.is.ended) {
            seat = sketch.seat(seat, false);
            steps += 1;
            if steps > ended.len() {
                let unit = sketch.code(*id).to_owned();
                let place = sketch.units.get(id).map_or(0, |unit| unit.step);
                let message = message!("{unit} and its successors end into each other: name one that goes on", unit);
                faults.add(place, "into", ErrorCode::Cycle, message);
                return;
            }
        }
        seats.push((*id, seat));
    }
    for (id, seat) in seats {
        // What had ended before ends up elsewhere by the step that ends its seat.
        let by = sketch.units.get(&sketch.seat(id, false)).map_or(0, |seat| seat.step);
        if let Some(unit) = sketch.units.get_mut(&id)
            && unit.is.seat != seat
        {
            unit.is.seat = seat;
            unit.step = if unit.step == 0 { by } else { unit.step };
        }
    }
    let homeless: Vec<(i64, i64, i64, usize)> = sketch
        .units
        .iter()
        .filter(|(_, unit)| !unit.is.ended)
        .filter_map(|(id, unit)| {
            let above = unit.is.parent?;
            let parent = sketch.units.get(&above)?;
            parent.is.ended.then_some((*id, above, parent.is.seat, parent.step))
        })
        .collect();
    for (id, above, home, step) in homeless {
        sketch.left.push((id, above));
        if let Some(unit) = sketch.units.get_mut(&id) {
            unit.is.parent = Some(home);
            unit.step = if unit.step == 0 { step } else { unit.step };
        }
    }
    let coordinated: Vec<(i64, Option<i64>, usize)> = sketch
        .units
        .iter()
        .filter(|(_, unit)| !unit.is.ended)
        .filter_map(|(id, unit)| {
            let coordinator = sketch.units.get(&unit.is.coordinator?)?;
            let home = coordinator.is.seat;
            let legal = sketch.get(home).is_some_and(|home| legal_coordinator(unit.is.kind, home.is.kind));
            coordinator.is.ended.then_some((*id, legal.then_some(home), coordinator.step))
        })
        .collect();
    for (id, coordinator, step) in coordinated {
        if let Some(unit) = sketch.units.get_mut(&id) {
            unit.is.coordinator = coordinator;
            unit.step = if unit.step == 0 { step } else { unit.step };
        }
    }
}
