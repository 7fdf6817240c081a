//! Inputs of the mutations that reorganise.

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::enums as stored;

use crate::error::{Error, ErrorCode, Result};
use crate::graphql::enums::{Bound, TargetKind, UnitKind};
use crate::graphql::id::NodeId;
use crate::graphql::reorganisation::{Certainty, StepOperation, TargetsPassing};
use crate::graphql::scalars::DateTime;
use crate::reorganisation::{Input, Part, Restated, Step};
use crate::text::message;

/// One step of a plan. Which fields an operation takes is told in docs/reorganisation.md.
#[derive(InputObject)]
pub struct ReorganisationPlanStepInput {
    /// What is done.
    pub operation: StepOperation,
    /// Codes of the units that it is done to.
    pub units: Option<Vec<String>>,
    /// Code of the unit that follows them.
    pub into: Option<String>,
    /// Code of the unit above.
    pub parent: Option<String>,
    /// The new code.
    pub code: Option<String>,
    /// The new Vietnamese name.
    pub name: Option<String>,
    /// The new English name.
    pub name_en: Option<String>,
    /// The new kind.
    pub kind: Option<UnitKind>,
    /// Code of the bloc of a new unit.
    pub bloc: Option<String>,
    /// Code of the sector of a new unit.
    pub sector: Option<String>,
    /// What becomes of targets where a unit follows others. If left out, MERGE adds up and DISSOLVE keeps.
    pub targets: Option<TargetsPassing>,
    /// What a unit is split into; the rest goes to `into`.
    pub parts: Option<Vec<ReorganisationPartInput>>,
    /// Targets of those that follow as they are to be, whatever passes to them.
    pub restated: Option<Vec<ReorganisationTargetInput>>,
    /// How sure its source is; HIGH if left out.
    pub certainty: Option<Certainty>,
    /// Whether it is carried, but not done.
    pub held: Option<bool>,
    /// What its source says.
    pub note: Option<String>,
}

/// One of the units that a unit is split into.
#[derive(InputObject)]
pub struct ReorganisationPartInput {
    /// Its code: of a unit that lives, or that a CREATE of the plan makes.
    pub unit: String,
    /// Codes of the sub-units that go to it.
    pub units: Option<Vec<String>>,
    /// Ids of the members who go to it.
    pub accounts: Option<Vec<ID>>,
    /// Codes of the unit's own initiatives that go to it; the others go to `into`.
    pub initiatives: Option<Vec<String>>,
    /// Per cent of each target that goes to it.
    pub share: Option<f64>,
}

/// A target of a unit that follows others, restated (chỉ tiêu điều chỉnh).
#[derive(InputObject)]
pub struct ReorganisationTargetInput {
    /// Code of one of those that follow; the one of `into` if left out.
    pub unit: Option<String>,
    /// Code of the programme.
    pub programme: String,
    /// Which of its targets.
    pub kind: TargetKind,
    /// Code of a phase; left out: the whole programme.
    pub phase: Option<String>,
    /// Code of a bloc; left out: every bloc.
    pub bloc: Option<String>,
    /// How many initiatives, 1 or more.
    pub value: i32,
    /// The value itself, or at least that.
    #[graphql(default_with = "Bound::Exact")]
    pub bound: Bound,
}

impl From<ReorganisationTargetInput> for Restated {
    fn from(input: ReorganisationTargetInput) -> Restated {
        let ReorganisationTargetInput { unit, programme, kind, phase, bloc, value, bound } = input;
        let kind = sea_orm::ActiveEnum::to_value(&stored::TargetKind::from(kind));
        Restated { unit, programme, kind, phase, bloc, value, at_least: bound == Bound::AtLeast }
    }
}

/// What is to be restated, as a step has it.
pub fn restated(input: Option<Vec<ReorganisationTargetInput>>) -> Vec<Restated> {
    input.unwrap_or_default().into_iter().map(Restated::from).collect()
}

impl ReorganisationPartInput {
    pub fn part(self) -> Result<Part> {
        let account = |id: &ID| match NodeId::decode(id) {
            Some(NodeId::Account(id)) => Ok(id),
            _ => Err(Error::user(ErrorCode::UnknownCode, "parts", message!("no object with this id that you may see"))),
        };
        Ok(Part {
            unit: self.unit,
            units: self.units.unwrap_or_default(),
            accounts: self.accounts.unwrap_or_default().iter().map(account).collect::<Result<_>>()?,
            initiatives: self.initiatives.unwrap_or_default(),
            share: self.share.map(|share| (share * 100.0).round() as i32),
        })
    }
}

impl ReorganisationPlanStepInput {
    pub fn step(self) -> Result<Step> {
        let parts = self.parts.unwrap_or_default().into_iter().map(ReorganisationPartInput::part);
        let kind = self.kind.map(|kind| sea_orm::ActiveEnum::to_value(&stored::UnitKind::from(kind)));
        Ok(Step {
            operation: self.operation.into(),
            input: Input {
                units: self.units.unwrap_or_default(),
                into: self.into,
                parent: self.parent,
                code: self.code,
                name: self.name,
                name_en: self.name_en,
                kind,
                bloc: self.bloc,
                sector: self.sector,
                targets: self.targets.map(Into::into),
                parts: parts.collect::<Result<_>>()?,
                restated: restated(self.restated),
            },
            certainty: self.certainty.unwrap_or(Certainty::High).into(),
            held: self.held.unwrap_or(false),
            note: self.note,
        })
    }
}

/// A plan as it is to be from now on.
#[derive(InputObject)]
pub struct ReorganisationDraftInput {
    /// Its code, unique for ever: letters, digits, '-', '_' and '.', at most 40.
    pub code: String,
    /// The version that the caller saw; left out: a new plan.
    pub version: Option<i32>,
    /// Code of the unit that draws it up; everything that it changes stands below. Of a new plan.
    pub unit: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The instant at which it takes effect: past (needs an OPERATOR and a reason), or to come; null: when it is applied.
    pub effective_at: MaybeUndefined<DateTime>,
    /// Its steps, all of them; left out they stay. At most 5,000.
    pub steps: Option<Vec<ReorganisationPlanStepInput>>,
    /// The steps as a CSV file (docs/reorganisation.md) instead.
    pub csv: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A step put in, replaced or taken out.
#[derive(InputObject)]
pub struct ReorganisationStepInput {
    /// Code of the plan.
    pub code: String,
    /// The version that the caller saw.
    pub version: i32,
    /// The place, from 1; left out: after the last.
    pub position: Option<i32>,
    /// The step; left out: the one at the place is taken out.
    pub step: Option<ReorganisationPlanStepInput>,
    /// Whether it takes the place of the one that stands there, instead of coming before it.
    pub replace: Option<bool>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A plan that is given up.
#[derive(InputObject)]
pub struct ReorganisationDiscardInput {
    /// Code of the plan.
    pub code: String,
    /// The version that the caller saw.
    pub version: i32,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A plan that is applied.
#[derive(InputObject)]
pub struct ReorganisationApplyInput {
    /// Code of the plan.
    pub code: String,
    /// The version that the caller saw.
    pub version: i32,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A plan that is tried.
#[derive(InputObject)]
pub struct ReorganisationDryRunInput {
    /// Code of the plan.
    pub code: String,
    /// Codes of units that are told before and after, beside those high up that change; at most 100.
    pub units: Option<Vec<String>>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A plan that is taken back.
#[derive(InputObject)]
pub struct ReorganisationUndoInput {
    /// Code of the plan.
    pub code: String,
    /// Why.
    pub reason: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// Units that become one.
#[derive(InputObject)]
pub struct UnitMergeInput {
    /// Codes of the units that end.
    pub units: Vec<String>,
    /// Code of the unit that follows them: one that lives, or with `name` and `kind` a new one beside the first of them.
    pub into: String,
    /// Vietnamese name of a new unit.
    pub name: Option<String>,
    /// English name of a new unit.
    pub name_en: Option<String>,
    /// Kind of a new unit.
    pub kind: Option<UnitKind>,
    /// Code of the unit above a new unit.
    pub parent: Option<String>,
    /// Code of the bloc of a new unit.
    pub bloc: Option<String>,
    /// What becomes of targets; ADD_UP if left out.
    pub targets: Option<TargetsPassing>,
    /// Targets of the unit that follows as they are to be, whatever passes to it.
    pub restated: Option<Vec<ReorganisationTargetInput>>,
    /// Why.
    pub reason: Option<String>,
    /// An instant in the past at which it took effect; needs an OPERATOR and a reason. Now if left out.
    pub effective_at: Option<DateTime>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A unit that becomes several.
#[derive(InputObject)]
pub struct UnitSplitInput {
    /// Code of the unit.
    pub unit: String,
    /// Code of the unit that gets the rest, records that no part names among it: itself, or another one, and then it ends.
    pub into: String,
    /// The units that get something, and what.
    pub parts: Vec<ReorganisationPartInput>,
    /// Targets of the units that get something as they are to be, whatever passes to them.
    pub restated: Option<Vec<ReorganisationTargetInput>>,
    /// Why.
    pub reason: Option<String>,
    /// An instant in the past at which it took effect; needs an OPERATOR and a reason. Now if left out.
    pub effective_at: Option<DateTime>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A unit that ends.
#[derive(InputObject)]
pub struct UnitDissolveInput {
    /// Code of the unit.
    pub unit: String,
    /// Code of the unit that follows it; left out, it must have nothing left.
    pub into: Option<String>,
    /// What becomes of its targets; KEEP if left out.
    pub targets: Option<TargetsPassing>,
    /// Targets of the unit that follows as they are to be.
    pub restated: Option<Vec<ReorganisationTargetInput>>,
    /// Why.
    pub reason: Option<String>,
    /// An instant in the past at which it took effect; needs an OPERATOR and a reason. Now if left out.
    pub effective_at: Option<DateTime>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A unit that gets another code.
#[derive(InputObject)]
pub struct UnitRecodeInput {
    /// Code of the unit.
    pub unit: String,
    /// The new code; the old one goes on answering.
    pub code: String,
    /// Why.
    pub reason: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// An ended unit that lives again.
#[derive(InputObject)]
pub struct UnitReestablishInput {
    /// Code of the unit.
    pub unit: String,
    /// Code of the unit above it.
    pub parent: String,
    /// Why.
    pub reason: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}

/// A unit that becomes one of another kind.
#[derive(InputObject)]
pub struct UnitChangeKindInput {
    /// Code of the unit.
    pub unit: String,
    /// The new kind.
    pub kind: UnitKind,
    /// Why.
    pub reason: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    pub idempotency_key: Option<String>,
}
