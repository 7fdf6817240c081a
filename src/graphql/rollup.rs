//! `Rollup` and its parts.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object, Result};
use chrono::NaiveDate;

use super::activity::ActivityPart;
use super::batches::{
    ActivityOf, AdditiveOf, Asked, BenefitOver, MeasuresOf, ParticipantsOf, Parts, ProgrammeByCode, ProgrammeKey,
    RegisteredBelow, TargetReached, TargetValues, UnitsOver,
};
use super::completion::{Completion, UnitsOverTarget};
use super::connection::{args, int};
use super::enums::{Dimension, Measure, Structure, TargetKind};
use super::error::expose;
use super::explain::ExplainedConnection;
use super::id::NodeId;
use super::operation::{Operation, operation};
use super::part::{RollupPart, shows_parts};
use super::scalars::{BigInt, DateTime};
use super::selected;
use super::slice::{self, DateRange};
use super::unit::Unit;
use crate::access::{Aggregates, aggregates};
use crate::clock::local_day;
use crate::error::Error;
use crate::programme::{Definition, Slice};
use crate::rollup::{self, Lens, View};
use crate::text::message;
use crate::unit::SeenUnit;

/// What any number of initiatives add up to.
#[derive(Interface)]
#[graphql(
    field(name = "submitted", ty = "i32", desc = "Sent in and not withdrawn (đã gửi)."),
    field(name = "pending", ty = "i32", desc = "Waiting for a decision (chờ xét duyệt)."),
    field(name = "returned", ty = "i32", desc = "Given back to the authors (trả lại)."),
    field(name = "approved", ty = "i32", desc = "Approved (được công nhận)."),
    field(name = "rejected", ty = "i32", desc = "Rejected (không được công nhận)."),
    field(name = "revoked", ty = "i32", desc = "Approval taken away (bị hủy công nhận)."),
    field(
        name = "claimed_benefit",
        ty = "BigInt",
        desc = "Claims of pending, returned and approved ones, VND (giá trị làm lợi)."
    ),
    field(name = "verified_benefit", ty = "BigInt", desc = "Verified benefit of approved ones, VND."),
    field(
        name = "benefit_not_computable",
        ty = "i32",
        desc = "Pending, returned and approved ones whose benefit cannot be computed."
    ),
    field(name = "participants", ty = "i32", desc = "Distinct persons with a counted initiative (người tham gia).")
)]
#[expect(clippy::duplicated_attributes, reason = "several fields of an interface have the same type")]
#[expect(clippy::large_enum_variant, reason = "only the schema knows it: no value is ever made")]
pub enum Measures {
    Rollup(Rollup),
    RollupPart(RollupPart),
}

/// The roll-up of a unit and everything below it.
#[derive(Clone)]
pub struct Rollup {
    unit: Arc<SeenUnit>,
    programme: Arc<Definition>,
    slice: Slice,
    view: View,
    shown: Aggregates,
    /// Read together with it where any of them is selected.
    measures: Option<rollup::Measures>,
}

/// The programme with this code and how much of its aggregates at the unit shows, where that is at least `least`.
pub async fn visible(
    op: &Arc<Operation>,
    unit: &SeenUnit,
    programme: &str,
    least: Aggregates,
) -> Result<Option<(Arc<Definition>, Aggregates)>> {
    let found = op.load::<ProgrammeByCode>(programme.to_owned()).await.map_err(expose)?;
    let Some(found) = found else { return Ok(None) };
    let shown = shown(op, unit, unit.row.depth, &found);
    Ok((shown >= least).then_some((found, shown)))
}

/// How much shows of a programme at units of this depth, in the unit's scope or not.
pub fn shown(op: &Operation, unit: &SeenUnit, depth: i32, programme: &Definition) -> Aggregates {
    aggregates(op.viewer, unit.in_scope(), depth, programme.row.visibility, programme.row.public_level)
}

/// The roll-up of a unit, or null where it does not show.
pub async fn of_unit(
    op: &Arc<Operation>,
    unit: &Arc<SeenUnit>,
    programme: &str,
    slice: Slice,
    as_of: Option<i64>,
    lens: Lens,
) -> Result<Option<Rollup>> {
    let Some((programme, shown)) = visible(op, unit, programme, Aggregates::Public).await? else { return Ok(None) };
    let zone = op.app.config.time_zone;
    let view = View { slice: slice.resolve(&programme, zone).map_err(expose)?, as_of, lens, zone };
    Ok(Some(Rollup { unit: unit.clone(), programme, slice, view, shown, measures: None }))
}

impl Rollup {
    pub fn programme_id(&self) -> i64 {
        self.programme.row.id
    }

    fn asked(&self) -> Asked {
        (self.programme.row.id, self.view.clone())
    }

    fn key(&self) -> (Asked, i64) {
        (self.asked(), self.unit.row.id)
    }

    /// The first instant at which the target in force was reached.
    async fn reached(&self, ctx: &Context<'_>, of: Measure, kind: Option<TargetKind>) -> Result<Option<i64>> {
        let question = ((self.asked(), of.into(), kind.map(Into::into)), self.unit.row.id);
        operation(ctx)?.load::<TargetReached>(question).await.map_err(expose)
    }

    /// The last local day of the plan: the phase's where the slice is one phase, else the programme's.
    fn plan_ends_on(&self) -> NaiveDate {
        let phase = match self.view.slice.phases.as_deref() {
            Some([phase]) => self.programme.phases.iter().find(|known| known.id == *phase),
            _ => None,
        };
        phase.map_or(self.programme.row.plan_ends_on, |phase| phase.entered_to)
    }

    /// The same with its measures read, where the field selects any: a field each would wait for them alone.
    pub async fn with_measures(self, ctx: &Context<'_>) -> Result<Rollup> {
        if self.view.leaves_persons_out() || !selected::measures(ctx) {
            return Ok(self);
        }
        let measures = self.measures(ctx).await?;
        Ok(Rollup { measures: Some(measures), ..self })
    }

    async fn measures(&self, ctx: &Context<'_>) -> Result<rollup::Measures> {
        if let Some(measures) = self.measures {
            return Ok(measures);
        }
        let op = operation(ctx)?;
        let measures = match self.view.leaves_persons_out() {
            true => op.load::<AdditiveOf>(self.key()).await,
            false => op.load::<MeasuresOf>(self.key()).await,
        };
        Ok(measures.map_err(expose)?.unwrap_or_default())
    }

    async fn persons(&self, ctx: &Context<'_>) -> Result<i64> {
        if !self.view.leaves_persons_out() {
            return Ok(self.measures(ctx).await?.participants);
        }
        let persons = operation(ctx)?.load::<ParticipantsOf>(self.key()).await.map_err(expose)?;
        Ok(persons.unwrap_or(0))
    }

    async fn count(&self, ctx: &Context<'_>, measure: rollup::Measure) -> Result<i32> {
        int(self.measures(ctx).await?.amount(measure)).map_err(expose)
    }

    async fn targets(&self, ctx: &Context<'_>) -> Result<rollup::TargetValues> {
        Ok(operation(ctx)?.load::<TargetValues>(self.key()).await.map_err(expose)?.unwrap_or_default())
    }
}

/// What a unit and everything below it add up to (tổng hợp): exact, and up to date with every mutation that has answered.
#[Object]
impl Rollup {
    /// The same for the same unit and arguments.
    pub async fn id(&self) -> ID {
        NodeId::Rollup(
            self.unit.row.id,
            self.programme.row.id,
            slice::to_text(&self.slice, self.view.as_of, self.view.lens),
        )
        .encode()
    }

    /// The unit.
    async fn unit(&self) -> Unit {
        Unit(self.unit.clone())
    }

    /// The instant: events before it count. Where none was asked for, one after everything committed.
    async fn as_of(&self, ctx: &Context<'_>) -> Result<DateTime> {
        let op = operation(ctx)?;
        let at = match self.view.as_of {
            Some(at) => at,
            None => op.told_as_of().await.map_err(expose)?,
        };
        Ok(DateTime::new(self.view.zone, at))
    }

    /// The tree by which initiatives are credited.
    async fn structure(&self) -> Structure {
        self.view.lens.into()
    }

    /// Whether no event before `asOf` can come any more: AS_REPORTED then answers the same for ever.
    async fn is_final(&self, ctx: &Context<'_>) -> Result<bool> {
        let op = operation(ctx)?;
        Ok(self.view.as_of.is_some_and(|at| op.is_final(at)))
    }

    /// When the server answered.
    async fn computed_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        let op = operation(ctx)?;
        Ok(DateTime::new(op.app.config.time_zone, op.now()))
    }

    /// Sent in and not withdrawn (đã gửi).
    pub async fn submitted(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx, rollup::Measure::Submitted).await
    }

    /// Waiting for a decision (chờ xét duyệt).
    pub async fn pending(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx, rollup::Measure::Pending).await
    }

    /// Given back to the authors (trả lại).
    pub async fn returned(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx, rollup::Measure::Returned).await
    }

    /// Approved (được công nhận).
    pub async fn approved(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx, rollup::Measure::Approved).await
    }

    /// Rejected (không được công nhận).
    pub async fn rejected(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx, rollup::Measure::Rejected).await
    }

    /// Approval taken away (bị hủy công nhận).
    pub async fn revoked(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx, rollup::Measure::Revoked).await
    }

    /// Claims of pending, returned and approved ones, VND (giá trị làm lợi).
    pub async fn claimed_benefit(&self, ctx: &Context<'_>) -> Result<BigInt> {
        Ok(BigInt(self.measures(ctx).await?.tally.claimed()))
    }

    /// Verified benefit of approved ones, VND.
    pub async fn verified_benefit(&self, ctx: &Context<'_>) -> Result<BigInt> {
        Ok(BigInt(self.measures(ctx).await?.tally.verified))
    }

    /// Pending, returned and approved ones whose benefit cannot be computed.
    pub async fn benefit_not_computable(&self, ctx: &Context<'_>) -> Result<i32> {
        int(self.measures(ctx).await?.tally.opaque()).map_err(expose)
    }

    /// Distinct persons with a counted initiative (người tham gia).
    pub async fn participants(&self, ctx: &Context<'_>) -> Result<i32> {
        int(self.persons(ctx).await?).map_err(expose)
    }

    /// The unit's own target for this slice (chỉ tiêu); null where it has none, or the slice is more than one phase and one bloc.
    async fn target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which target.", default_with = "TargetKind::Guideline")] kind: TargetKind,
    ) -> Result<Option<i32>> {
        Ok(self.targets(ctx).await?.get(kind.into()))
    }

    /// The sum of the direct units' own REGISTERED targets for this slice; null where none of them has one.
    async fn registered_below(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let sum = operation(ctx)?.load::<RegisteredBelow>(self.key()).await.map_err(expose)?;
        sum.map(int).transpose().map_err(expose)
    }

    /// How much of the target is reached; null without one.
    async fn completion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A count.", default_with = "Measure::Approved")] of: Measure,
        #[graphql(desc = "GUIDELINE, else REGISTERED, if left out.")] kind: Option<TargetKind>,
    ) -> Result<Option<Completion>> {
        let targets = self.targets(ctx).await?;
        let measures = self.measures(ctx).await?;
        let completion = rollup::completion(&measures, &targets, of.into(), kind.map(Into::into)).map_err(expose)?;
        completion.map(Completion::of).transpose().map_err(expose)
    }

    /// How many direct units are strictly over their targets.
    async fn units_over_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A count.", default_with = "Measure::Approved")] of: Measure,
        #[graphql(desc = "For each unit GUIDELINE, else REGISTERED, if left out.")] kind: Option<TargetKind>,
    ) -> Result<UnitsOverTarget> {
        let question = ((self.asked(), of.into(), kind.map(Into::into)), self.unit.row.id);
        let over = operation(ctx)?.load::<UnitsOver>(question).await.map_err(expose)?.unwrap_or_default();
        let int = |n| int(n).map_err(expose);
        Ok(UnitsOverTarget { over: int(over.over)?, with_target: int(over.with_target)?, total: int(over.total)? })
    }

    /// The first instant, up to `asOf`, at which the count reached the target in force at `asOf`; later falls do not undo it. Null
    /// where it never did, or there is no target.
    async fn target_reached_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A count.", default_with = "Measure::Approved")] of: Measure,
        #[graphql(desc = "GUIDELINE, else REGISTERED, if left out.")] kind: Option<TargetKind>,
    ) -> Result<Option<DateTime>> {
        let reached = self.reached(ctx, of, kind).await?;
        Ok(reached.map(|at| DateTime::new(self.view.zone, at)))
    }

    /// The last local day of the plan (of the slice's one phase, else of the programme) less the local day on which the target was
    /// reached: negative when late, null when not reached.
    async fn days_ahead_of_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A count.", default_with = "Measure::Approved")] of: Measure,
        #[graphql(desc = "GUIDELINE, else REGISTERED, if left out.")] kind: Option<TargetKind>,
    ) -> Result<Option<i32>> {
        let Some(at) = self.reached(ctx, of, kind).await? else { return Ok(None) };
        let ahead = self.plan_ends_on().signed_duration_since(local_day(self.view.zone, at)).num_days();
        int(ahead).map(Some).map_err(expose)
    }

    /// Approved ones whose verified benefit is strictly over so much, VND.
    async fn benefit_over(&self, ctx: &Context<'_>, #[graphql(desc = "VND.")] threshold: BigInt) -> Result<i32> {
        let question = ((self.asked(), threshold.0), self.unit.row.id);
        let count = operation(ctx)?.load::<BenefitOver>(question).await.map_err(expose)?;
        int(count.unwrap_or(0)).map_err(expose)
    }

    /// What happened when: events by their own local day, every period from the first to the last. Events of initiatives that were
    /// withdrawn since stay.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "DAY, WEEK or MONTH.")] by: Dimension,
        #[graphql(desc = "Only events of these local days.")] during: Option<DateRange>,
    ) -> Result<Vec<ActivityPart>> {
        let dimension = rollup::Dimension::from(by);
        let period = dimension.period();
        let period = period.ok_or_else(|| expose(Error::BadInput(message!("activity goes by DAY, WEEK or MONTH"))))?;
        let question = ((self.asked(), period, during.map(Into::into)), self.unit.row.id);
        let parts = operation(ctx)?.load::<ActivityOf>(question).await.map_err(expose)?.unwrap_or_default();
        parts.into_iter().map(|(value, activity)| ActivityPart::of(by, value, activity)).collect()
    }

    /// The initiatives behind a number: exactly those that it counts, the latest first submissions first.
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Which number. For PARTICIPANTS those that they take part in.",
            default_with = "Measure::Submitted"
        )]
        measure: Measure,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ExplainedConnection> {
        let page = args(first, after, last, before);
        ExplainedConnection::load(operation(ctx)?, self.asked(), self.unit.row.id, measure.into(), page).await
    }

    /// The parts by one dimension (every value, zeros included) or two (parts that have something). Outside one's scope only by
    /// one, and by CHILD only down to the programme's public level; else empty.
    async fn breakdown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One dimension, or two different ones.")] by: Vec<Dimension>,
    ) -> Result<Vec<RollupPart>> {
        let op = operation(ctx)?;
        let by: Vec<rollup::Dimension> = by.into_iter().map(Into::into).collect();
        let place = (self.unit.in_scope(), self.unit.row.depth);
        if !shows_parts(op.viewer, place, &self.programme, self.shown, &by) {
            return Ok(Vec::new());
        }
        let persons = ctx.look_ahead().field("participants").exists();
        let question = (ProgrammeKey(self.programme.clone()), self.view.clone(), by, persons);
        let parts = op.load::<Parts>((question, self.unit.row.id)).await.map_err(expose)?;
        Ok(parts.unwrap_or_default().into_iter().map(RollupPart::from).collect())
    }
}
