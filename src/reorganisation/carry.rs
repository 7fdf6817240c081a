//! Carrying the steps out on the sketch: pure. The order follows from what depends on what, not from where a step stands.

use entity::enums::{Operation, UnitKind};
use sea_orm::ActiveEnum;

use super::faults::PlanFaults;
use super::settle::settle;
use super::sketch::{Passing, Sketch, Sketched, State};
use super::step::{Input, Step, Targets};
use crate::error::{ErrorCode, clip};
use crate::text::{self, message};
use crate::unit::{NAME_MAX, rule};

/// All of a target.
pub const WHOLE: i32 = 10_000;

/// All steps; where something is wrong the sketch is of no use. `at`: the plan's instant; `new_id`: for units that it makes.
pub fn carry_out(sketch: &mut Sketch, steps: &[Step], at: i64, new_id: impl FnMut() -> i64) -> PlanFaults {
    let mut carrying = Carrying { sketch, faults: PlanFaults::default(), new_id, at };
    carrying.carry_out(steps);
    carrying.faults
}

struct Carrying<'a, F> {
    sketch: &'a mut Sketch,
    faults: PlanFaults,
    new_id: F,
    at: i64,
}

impl<F: FnMut() -> i64> Carrying<'_, F> {
    fn carry_out(&mut self, steps: &[Step]) {
        let mut done: Vec<(usize, &Step)> = (1..).zip(steps).filter(|(_, step)| step.is_done()).collect();
        done.sort_by_key(|(place, step)| (step.rank(), *place));
        // Units that others are made below come first, so codes are known before anything is looked up.
        for (place, step) in done.iter().filter(|(_, step)| step.operation == Operation::Create) {
            self.announce(*place, &step.input);
        }
        for (place, step) in done {
            let input = &step.input;
            match step.operation {
                Operation::Create => self.create(place, input),
                Operation::Recode => self.recode(place, input),
                Operation::Rename => self.rename(place, input),
                Operation::Reestablish => self.reestablish(place, input),
                Operation::ChangeKind => self.change_kind(place, input),
                Operation::Move => self.relocate(place, input),
                Operation::Split => self.split(place, input),
                Operation::Merge => self.merge(place, input),
                Operation::Dissolve => self.dissolve(place, input),
                Operation::Keep => {}
            }
        }
        settle(self.sketch, &mut self.faults);
    }

    /// The unit with the code, or a fault.
    fn find(&mut self, place: usize, field: &str, code: &str) -> Option<i64> {
        let found = self.sketch.codes.get(code).copied();
        if found.is_none() {
            let message = message!("no unit with code \"{code}\" that you may see", code = clip(code));
            self.faults.add(place, field, ErrorCode::UnknownCode, message);
        }
        found
    }

    fn named(&mut self, place: usize, field: &str, code: Option<&String>) -> Option<i64> {
        match code {
            Some(code) => self.find(place, field, code),
            None => {
                self.faults.add(place, field, ErrorCode::Required, message!("{field} is missing", field));
                None
            }
        }
    }

    /// The one unit that the step is about.
    fn only(&mut self, place: usize, input: &Input) -> Option<i64> {
        match input.units.as_slice() {
            [one] => self.find(place, "units", one),
            _ => {
                let message = message!("this operation is about one unit: units names {n}", n = input.units.len());
                self.faults.add(place, "units", ErrorCode::Invalid, message);
                None
            }
        }
    }

    /// The unit, which lives and is not the root, for a change by the step.
    fn changeable(&mut self, place: usize, field: &str, id: i64) -> Option<&mut Sketched> {
        let code = self.sketch.code(id).to_owned();
        let unit = self.sketch.units.get(&id)?;
        if id == self.sketch.root {
            let message = message!("{unit} is the root: it neither moves nor ends", unit = code);
            self.faults.add(place, field, ErrorCode::Invalid, message);
            return None;
        }
        if unit.is.ended {
            let message = match unit.step {
                0 => message!("{unit} has ended", unit = code),
                step => message!("{unit} ends by step {step}", unit = code, step),
            };
            self.faults.add(place, field, ErrorCode::IllegalState, message);
            return None;
        }
        let unit = self.sketch.units.get_mut(&id)?;
        unit.step = place;
        Some(unit)
    }

    /// The unit, for another code or name: the root gets them too.
    fn nameable(&mut self, place: usize, id: i64) -> Option<&mut Sketched> {
        if id == self.sketch.root { self.sketch.units.get_mut(&id) } else { self.changeable(place, "units", id) }
    }

    /// The unit, for its end by the step.
    fn ending(&mut self, place: usize, id: i64) -> Option<&mut Sketched> {
        if self.sketch.units.get(&id).is_some_and(Sketched::is_made) {
            let unit = self.sketch.code(id);
            let message = message!("{unit} is made by this plan: it does not end by it too", unit);
            self.faults.add(place, "units", ErrorCode::IllegalState, message);
            return None;
        }
        self.changeable(place, "units", id)
    }

    /// A unit that others go to: it lives.
    fn home(&mut self, place: usize, field: &str, code: Option<&String>) -> Option<i64> {
        let id = self.named(place, field, code)?;
        let unit = self.sketch.units.get(&id)?;
        if unit.is.ended && unit.step == 0 {
            let message = message!("{unit} has ended", unit = self.sketch.code(id));
            self.faults.add(place, field, ErrorCode::IllegalState, message);
            return None;
        }
        Some(id)
    }

    /// Makes the code of a new unit known.
    fn announce(&mut self, place: usize, input: &Input) {
        let Some(given) = input.code.as_ref() else {
            self.faults.add(place, "code", ErrorCode::Required, message!("{field} is missing", field = "code"));
            return;
        };
        let code = self.faults.take(place, text::code("code", given));
        let name = self.faults.take(place, text::line("name", input.name.as_deref().unwrap_or_default(), NAME_MAX));
        let name_en = self.faults.take(place, text::optional("nameEn", input.name_en.as_deref(), NAME_MAX));
        let sector = self.faults.take(place, crate::unit::sector("sector", input.sector.as_deref()));
        let (Some(code), Some(name), Some(name_en), Some(sector)) = (code, name, name_en, sector) else { return };
        if !self.free(place, &code) {
            return;
        }
        let Some(kind) = self.kind(place, input) else { return };
        if input.bloc.as_ref().is_some_and(|bloc| !self.sketch.blocs.contains(bloc)) {
            let known = self.sketch.blocs.join(", ");
            let message = message!("no bloc has this code; the federation's are: {known}", known);
            self.faults.add(place, "bloc", ErrorCode::UnknownCode, message);
            return;
        }
        let id = (self.new_id)();
        let is = State {
            code: code.clone(),
            name,
            name_en,
            kind,
            parent: None,
            coordinator: None,
            bloc: input.bloc.clone(),
            sector,
            seat: id,
            ended: false,
        };
        self.sketch.codes.insert(code, id);
        self.sketch.units.insert(id, Sketched { was: None, is, began: self.at, step: place });
    }

    /// Whether nobody has or had the code, nor gets it by another step.
    fn free(&mut self, place: usize, code: &str) -> bool {
        if self.sketch.taken.contains(code) || self.sketch.codes.contains_key(code) {
            let message = message!("this code is not available: a code belongs to one unit for ever; choose another");
            self.faults.add(place, "code", ErrorCode::CodeNotAvailable, message);
            return false;
        }
        true
    }

    fn kind(&mut self, place: usize, input: &Input) -> Option<UnitKind> {
        let kind = input.unit_kind();
        let day = self.sketch.day;
        match (kind, &input.kind) {
            (None, None) => {
                self.faults.add(place, "kind", ErrorCode::Required, message!("{field} is missing", field = "kind"));
            }
            (None, Some(kind)) => {
                let message = message!("there is no kind of unit \"{kind}\"", kind = clip(kind));
                self.faults.add(place, "kind", ErrorCode::UnknownCode, message);
            }
            (Some(kind), _) if !rule(kind).may_begin_on(day) => {
                let message = message!(
                    "no {kind} was founded on {day}: that kind did not exist then",
                    kind = kind.to_value(),
                    day
                );
                self.faults.add(place, "kind", ErrorCode::Invalid, message);
                return None;
            }
            _ => {}
        }
        kind
    }

    fn create(&mut self, place: usize, input: &Input) {
        let Some(id) = input.code.as_ref().and_then(|code| self.sketch.codes.get(code.trim())).copied() else { return };
        if !self.sketch.units.get(&id).is_some_and(|unit| unit.is_made() && unit.step == place) {
            return;
        }
        let Some(parent) = self.home(place, "parent", input.parent.as_ref()) else { return };
        if self.sketch.units.get(&parent).is_some_and(|unit| unit.is.ended) {
            let message = message!("{unit} has ended", unit = self.sketch.code(parent));
            self.faults.add(place, "parent", ErrorCode::IllegalState, message);
            return;
        }
        if let Some(unit) = self.sketch.units.get_mut(&id) {
            unit.is.parent = Some(parent);
        }
    }

    fn recode(&mut self, place: usize, input: &Input) {
        let Some(id) = self.only(place, input) else { return };
        let Some(given) = input.code.as_ref() else {
            self.faults.add(place, "code", ErrorCode::Required, message!("{field} is missing", field = "code"));
            return;
        };
        let Some(code) = self.faults.take(place, text::code("code", given)) else { return };
        if self.sketch.units.get(&id).is_some_and(|unit| unit.is.code == code) || !self.free(place, &code) {
            return;
        }
        let Some(unit) = self.nameable(place, id) else { return };
        unit.is.code = code.clone();
        self.sketch.codes.insert(code, id);
    }

    fn rename(&mut self, place: usize, input: &Input) {
        let Some(id) = self.only(place, input) else { return };
        let name = self.faults.take(place, text::line("name", input.name.as_deref().unwrap_or_default(), NAME_MAX));
        let name_en = self.faults.take(place, text::optional("nameEn", input.name_en.as_deref(), NAME_MAX));
        let (Some(name), Some(name_en)) = (name, name_en) else { return };
        let Some(unit) = self.nameable(place, id) else { return };
        unit.is.name = name;
        if input.name_en.is_some() {
            unit.is.name_en = name_en;
        }
    }

    fn reestablish(&mut self, place: usize, input: &Input) {
        let Some(id) = self.only(place, input) else { return };
        let Some(parent) = self.home(place, "parent", input.parent.as_ref()) else { return };
        if self.sketch.units.get(&id).is_some_and(|unit| !unit.is.ended) {
            let message = message!("{unit} lives: there is nothing to re-establish", unit = self.sketch.code(id));
            self.faults.add(place, "units", ErrorCode::IllegalState, message);
            return;
        }
        if let Some(unit) = self.sketch.units.get_mut(&id) {
            (unit.is.ended, unit.is.seat, unit.is.parent, unit.step) = (false, id, Some(parent), place);
        }
    }

    fn change_kind(&mut self, place: usize, input: &Input) {
        let Some(id) = self.only(place, input) else { return };
        let Some(kind) = self.kind(place, input) else { return };
        if let Some(unit) = self.changeable(place, "units", id) {
            unit.is.kind = kind;
        }
    }

    fn relocate(&mut self, place: usize, input: &Input) {
        let Some(parent) = self.home(place, "parent", input.parent.as_ref()) else { return };
        if input.units.is_empty() {
            self.faults.add(place, "units", ErrorCode::Required, message!("{field} is missing", field = "units"));
        }
        for code in &input.units {
            let Some(id) = self.find(place, "units", code) else { continue };
            let moved = self.sketch.units.get(&id).is_some_and(Sketched::moves);
            let before = self.sketch.units.get(&id).map_or(0, |unit| unit.step);
            if moved {
                let message = message!("{unit} moves by step {step} already", unit = clip(code), step = before);
                self.faults.add(place, "units", ErrorCode::Invalid, message);
                continue;
            }
            if let Some(unit) = self.changeable(place, "units", id) {
                unit.is.parent = Some(parent);
            }
        }
    }

    fn merge(&mut self, place: usize, input: &Input) {
        let Some(into) = self.home(place, "into", input.into.as_ref()) else { return };
        if input.units.is_empty() {
            self.faults.add(place, "units", ErrorCode::Required, message!("{field} is missing", field = "units"));
        }
        for code in &input.units {
            if let Some(id) = self.find(place, "units", code)
                && self.end(place, id, Some(into))
            {
                let targets = input.targets.unwrap_or_default();
                self.sketch.passing.push(Passing { from: id, to: into, targets, share: WHOLE });
            }
        }
    }

    fn dissolve(&mut self, place: usize, input: &Input) {
        if input.units.is_empty() {
            self.faults.add(place, "units", ErrorCode::Required, message!("{field} is missing", field = "units"));
        }
        let into = match &input.into {
            None => None,
            Some(code) => match self.home(place, "into", Some(code)) {
                None => return,
                into => into,
            },
        };
        for code in &input.units {
            let Some(id) = self.find(place, "units", code) else { continue };
            if self.end(place, id, into)
                && let (Some(to), Some(targets)) = (into, input.targets)
            {
                self.sketch.passing.push(Passing { from: id, to, targets, share: WHOLE });
            }
        }
    }

    /// Ends a unit; false where it cannot be. Where nobody follows it, that nothing is left below it is looked at when all is done.
    fn end(&mut self, place: usize, id: i64, into: Option<i64>) -> bool {
        if into == Some(id) {
            let message = message!("{unit} cannot follow itself", unit = self.sketch.code(id));
            self.faults.add(place, "into", ErrorCode::Cycle, message);
            return false;
        }
        let Some(unit) = self.ending(place, id) else { return false };
        (unit.is.ended, unit.is.seat) = (true, into.or(unit.is.parent).unwrap_or(id));
        self.sketch.lineage.extend(into.map(|into| (id, into)));
        true
    }

    fn split(&mut self, place: usize, input: &Input) {
        let Some(id) = self.only(place, input) else { return };
        let Some(rest) = self.home(place, "into", input.into.as_ref()) else { return };
        if input.parts.is_empty() {
            self.faults.add(place, "parts", ErrorCode::Required, message!("{field} is missing", field = "parts"));
        }
        let shares: i32 = input.parts.iter().filter_map(|part| part.share).fold(0, i32::saturating_add);
        if shares > WHOLE || input.parts.iter().any(|part| part.share.is_some_and(|share| share < 0)) {
            let message = message!("the shares of the targets are more than 100 % together, or less than 0");
            self.faults.add(place, "parts", ErrorCode::Shares, message);
        }
        for (i, part) in input.parts.iter().enumerate() {
            let field = format!("parts.{i}");
            let Some(to) = self.home(place, &format!("{field}.unit"), Some(&part.unit)) else { continue };
            if to == id || to == rest {
                let message =
                    message!("{unit} gets the rest already: a part goes to another unit", unit = clip(&part.unit));
                self.faults.add(place, &field, ErrorCode::Invalid, message);
                continue;
            }
            for code in &part.units {
                let Some(child) = self.find(place, &format!("{field}.units"), code) else { continue };
                let below = self.sketch.units.get(&child).and_then(|unit| unit.is.parent) == Some(id);
                if !below {
                    let message = message!(
                        "{unit} does not stand directly below {parent}",
                        unit = clip(code),
                        parent = self.sketch.code(id)
                    );
                    self.faults.add(place, &format!("{field}.units"), ErrorCode::Invalid, message);
                    continue;
                }
                if let Some(unit) = self.changeable(place, &format!("{field}.units"), child) {
                    unit.is.parent = Some(to);
                }
            }
            self.sketch.members.extend(part.accounts.iter().map(|account| (*account, to)));
            self.sketch.lineage.insert((id, to));
            if let Some(share) = part.share.filter(|share| *share > 0) {
                self.sketch.passing.push(Passing { from: id, to, targets: Targets::AddUp, share });
            }
        }
        let left = WHOLE.saturating_sub(shares);
        if rest == id {
            if let Some(unit) = self.changeable(place, "units", id) {
                unit.step = place;
            }
        } else if self.end(place, id, Some(rest)) && left > 0 && shares > 0 {
            self.sketch.passing.push(Passing { from: id, to: rest, targets: Targets::AddUp, share: left });
        }
    }
}
