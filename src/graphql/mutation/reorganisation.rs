//! Mutations of the tree as a whole.

use async_graphql::{Context, MaybeUndefined, Object, Result};
use entity::enums as stored;

use super::perform::{Outcome, payload, settled};
use super::reorganisation_inputs::*;
use crate::command::{Command, execute};
use crate::error::{Error, ErrorCode};
use crate::graphql::batches::{ReorganisationById, UnitById};
use crate::graphql::operation::operation;
use crate::graphql::reorganisation::Reorganisation;
use crate::graphql::scalars::DateTime;
use crate::graphql::unit::Unit;
use crate::reorganisation::{Apply, Discard, DraftPlan, DryRun, Input, Part, SetSteps, Single, Step, Undo, read_sheet};
use crate::text::message;

payload!(ReorganisationDraftPayload { reorganisation: Reorganisation } by ReorganisationById);
payload!(ReorganisationStepPayload { reorganisation: Reorganisation } by ReorganisationById);
payload!(ReorganisationDiscardPayload { reorganisation: Reorganisation } by ReorganisationById);
payload!(ReorganisationDryRunPayload { reorganisation: Reorganisation } by ReorganisationById);
payload!(ReorganisationApplyPayload { reorganisation: Reorganisation } by ReorganisationById);
payload!(ReorganisationUndoPayload { reorganisation: Reorganisation } by ReorganisationById);
payload!(UnitMergePayload { unit: Unit } by UnitById);
payload!(UnitSplitPayload { unit: Unit } by UnitById);
payload!(UnitDissolvePayload { unit: Unit } by UnitById);
payload!(UnitRecodePayload { unit: Unit } by UnitById);
payload!(UnitReestablishPayload { unit: Unit } by UnitById);
payload!(UnitChangeKindPayload { unit: Unit } by UnitById);

/// A step that is sure.
fn sure(operation: stored::Operation, input: Input) -> Step {
    Step { operation, input, certainty: stored::Certainty::High, held: false, note: None }
}

/// Runs a command whose statements take as long as they take.
async fn perform_long<C: Command>(
    ctx: &Context<'_>,
    key: Option<String>,
    command: crate::error::Result<C>,
) -> Result<Outcome> {
    let op = operation(ctx)?;
    let done = match command {
        Ok(_) if op.is_over() => Err(Error::Timeout),
        Ok(command) => execute(&op.app.unhurried(), &op.caller, key.as_deref(), &command).await,
        Err(error) => Err(error),
    };
    op.renew().await;
    settled(op, done)
}

/// Steps that are applied at once, unless two people are needed.
async fn at_once(
    ctx: &Context<'_>,
    key: Option<String>,
    name: &'static str,
    steps: crate::error::Result<Vec<Step>>,
    (about, answer): (String, String),
    (reason, effective_at): (Option<String>, Option<DateTime>),
) -> Result<Outcome> {
    let by_two = operation(ctx)?.app.config.reorganisation_by_two;
    let effective_at = effective_at.map(|at| at.millis());
    let command =
        Single::check_alone(by_two).and(steps).map(|steps| Single { name, steps, reason, effective_at, answer, about });
    perform_long(ctx, key, command).await
}

/// A move that took effect before now.
pub(super) async fn move_since(
    ctx: &Context<'_>,
    key: Option<String>,
    unit: String,
    parent: String,
    reason: Option<String>,
    at: DateTime,
) -> Result<Outcome> {
    let moved = Input { units: vec![unit.clone()], parent: Some(parent), ..Input::default() };
    let steps = Ok(vec![sure(stored::Operation::Move, moved)]);
    at_once(ctx, key, "unitMove", steps, (unit.clone(), unit), (reason, Some(at))).await
}

#[derive(Default)]
pub struct ReorganisationMutation;

#[Object]
impl ReorganisationMutation {
    /// Draws up a plan, or changes one. Needs ADMIN at its unit or above. Nothing of it is done yet.
    async fn reorganisation_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan.")] input: ReorganisationDraftInput,
    ) -> Result<ReorganisationDraftPayload> {
        let steps = match (input.steps, &input.csv) {
            (Some(_), Some(_)) => {
                Err(Error::user(ErrorCode::Invalid, "csv", message!("the steps come as steps or as csv, not both")))
            }
            (Some(steps), None) => steps
                .into_iter()
                .map(ReorganisationPlanStepInput::step)
                .collect::<crate::error::Result<Vec<_>>>()
                .map(Some),
            (None, Some(csv)) => read_sheet(csv).map(Some),
            (None, None) => Ok(None),
        };
        let effective_at = match input.effective_at {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(at) => Some(Some(at.millis())),
        };
        let (code, version, unit, name, reason) = (input.code, input.version, input.unit, input.name, input.reason);
        let command = steps.map(|steps| DraftPlan { code, version, unit, name, reason, effective_at, steps });
        ReorganisationDraftPayload::of(ctx, perform_long(ctx, input.idempotency_key, command).await?).await
    }

    /// Puts a step into a plan, replaces one, or takes one out. Needs ADMIN at the plan's unit or above.
    async fn reorganisation_step(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The step.")] input: ReorganisationStepInput,
    ) -> Result<ReorganisationStepPayload> {
        let step = input.step.map(ReorganisationPlanStepInput::step).transpose();
        let (code, version, position) = (input.code, input.version, input.position);
        let replace = input.replace.unwrap_or(false);
        let command = step.map(|step| SetSteps { code, version, position, step, replace });
        ReorganisationStepPayload::of(ctx, perform_long(ctx, input.idempotency_key, command).await?).await
    }

    /// Gives a plan up, a scheduled one too. Needs ADMIN at its unit or above.
    async fn reorganisation_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan.")] input: ReorganisationDiscardInput,
    ) -> Result<ReorganisationDiscardPayload> {
        let command = Ok(Discard { code: input.code, version: input.version });
        ReorganisationDiscardPayload::of(ctx, perform_long(ctx, input.idempotency_key, command).await?).await
    }

    /// Tries a plan: everything that applying it does is done, looked at, and taken back. Its report tells what would change; all
    /// that is wrong comes at once, each fault naming its step. Needs what applying it needs.
    async fn reorganisation_dry_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan.")] input: ReorganisationDryRunInput,
    ) -> Result<ReorganisationDryRunPayload> {
        let units = input.units.unwrap_or_default();
        let command = match units.len() {
            0..=100 => Ok(DryRun { code: input.code, units }),
            _ => Err(Error::user(ErrorCode::OutOfRange, "units", message!("at most 100 units are told of"))),
        };
        ReorganisationDryRunPayload::of(ctx, perform_long(ctx, input.idempotency_key, command).await?).await
    }

    /// Applies a plan in one transaction; one whose instant lies ahead is scheduled. Where two people are needed the first one
    /// proposes, and another one confirms by the same mutation. Needs ADMIN at or above every parent that it touches.
    async fn reorganisation_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan.")] input: ReorganisationApplyInput,
    ) -> Result<ReorganisationApplyPayload> {
        let command = Ok(Apply { code: input.code, version: input.version });
        ReorganisationApplyPayload::of(ctx, perform_long(ctx, input.idempotency_key, command).await?).await
    }

    /// Takes an applied plan back by one that compensates, now, while nothing contradicts it. Needs what applying it needed.
    async fn reorganisation_undo(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan.")] input: ReorganisationUndoInput,
    ) -> Result<ReorganisationUndoPayload> {
        let command = Ok(Undo { code: input.code, reason: input.reason });
        ReorganisationUndoPayload::of(ctx, perform_long(ctx, input.idempotency_key, command).await?).await
    }

    /// Makes one unit of several (sáp nhập, hợp nhất): sub-units, members, drafts and records go to it, and so do targets. Needs ADMIN at
    /// or above all the parents.
    async fn unit_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The units.")] input: UnitMergeInput,
    ) -> Result<UnitMergePayload> {
        let mut steps = Vec::new();
        if let Some(name) = input.name {
            let kind = input.kind.map(|kind| sea_orm::ActiveEnum::to_value(&stored::UnitKind::from(kind)));
            let made = Input {
                code: Some(input.into.clone()),
                name: Some(name),
                name_en: input.name_en,
                kind,
                parent: input.parent,
                bloc: input.bloc,
                ..Input::default()
            };
            steps.push(sure(stored::Operation::Create, made));
        }
        let about = input.units.first().cloned().unwrap_or_else(|| input.into.clone());
        let targets = input.targets.map(Into::into);
        let (into, restated) = (Some(input.into.clone()), restated(input.restated));
        let merged = Input { units: input.units, into, targets, restated, ..Input::default() };
        steps.push(sure(stored::Operation::Merge, merged));
        let (names, when) = ((about, input.into), (input.reason, input.effective_at));
        let done = at_once(ctx, input.idempotency_key, "unitMerge", Ok(steps), names, when).await?;
        UnitMergePayload::of(ctx, done).await
    }

    /// Makes several units of one (chia, tách). Needs ADMIN at or above all the parents.
    async fn unit_split(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit, and what becomes of it.")] input: UnitSplitInput,
    ) -> Result<UnitSplitPayload> {
        let parts: crate::error::Result<Vec<Part>> =
            input.parts.into_iter().map(ReorganisationPartInput::part).collect();
        let (unit, into, restated) = (input.unit, input.into, restated(input.restated));
        let steps = parts.map(|parts| {
            let (units, rest) = (vec![unit.clone()], Some(into.clone()));
            let split = Input { units, into: rest, parts, restated, ..Input::default() };
            vec![sure(stored::Operation::Split, split)]
        });
        let (names, when) = ((unit.clone(), into), (input.reason, input.effective_at));
        let done = at_once(ctx, input.idempotency_key, "unitSplit", steps, names, when).await?;
        UnitSplitPayload::of(ctx, done).await
    }

    /// Ends a unit (giải thể), with who follows it, or when nothing is left of it. Needs ADMIN at or above its parent.
    async fn unit_dissolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] input: UnitDissolveInput,
    ) -> Result<UnitDissolvePayload> {
        let (units, targets) = (vec![input.unit.clone()], input.targets.map(Into::into));
        let restated = restated(input.restated);
        let ended = Input { units, into: input.into, targets, restated, ..Input::default() };
        let steps = Ok(vec![sure(stored::Operation::Dissolve, ended)]);
        let (names, when) = ((input.unit.clone(), input.unit), (input.reason, input.effective_at));
        let done = at_once(ctx, input.idempotency_key, "unitDissolve", steps, names, when).await?;
        UnitDissolvePayload::of(ctx, done).await
    }

    /// Gives a unit another code. Needs ADMIN at its parent or above.
    async fn unit_recode(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] input: UnitRecodeInput,
    ) -> Result<UnitRecodePayload> {
        let recoded = Input { units: vec![input.unit.clone()], code: Some(input.code), ..Input::default() };
        let steps = Ok(vec![sure(stored::Operation::Recode, recoded)]);
        let (names, when) = ((input.unit.clone(), input.unit), (input.reason, None));
        let done = at_once(ctx, input.idempotency_key, "unitRecode", steps, names, when).await?;
        UnitRecodePayload::of(ctx, done).await
    }

    /// Lets an ended unit live again (tái lập), with its own records. Needs ADMIN at or above its parent and who followed it.
    async fn unit_reestablish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] input: UnitReestablishInput,
    ) -> Result<UnitReestablishPayload> {
        let revived = Input { units: vec![input.unit.clone()], parent: Some(input.parent), ..Input::default() };
        let steps = Ok(vec![sure(stored::Operation::Reestablish, revived)]);
        let (names, when) = ((input.unit.clone(), input.unit), (input.reason, None));
        let done = at_once(ctx, input.idempotency_key, "unitReestablish", steps, names, when).await?;
        UnitReestablishPayload::of(ctx, done).await
    }

    /// Makes a unit one of another kind. Needs ADMIN at its parent or above.
    async fn unit_change_kind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] input: UnitChangeKindInput,
    ) -> Result<UnitChangeKindPayload> {
        let kind = Some(sea_orm::ActiveEnum::to_value(&stored::UnitKind::from(input.kind)));
        let changed = Input { units: vec![input.unit.clone()], kind, ..Input::default() };
        let steps = Ok(vec![sure(stored::Operation::ChangeKind, changed)]);
        let (names, when) = ((input.unit.clone(), input.unit), (input.reason, None));
        let done = at_once(ctx, input.idempotency_key, "unitChangeKind", steps, names, when).await?;
        UnitChangeKindPayload::of(ctx, done).await
    }
}
