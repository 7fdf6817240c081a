//! `Reorganisation`, its steps and its report.

mod enums;
mod report;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use entity::enums as stored;
use entity::reorganisation::Model;
use entity::reorganisation_step;
use sea_orm::ActiveEnum;

use super::batches::{ReorganisationById, ReorganisationCounts, ReorganisationPages, ReorganisationSteps, UnitById};
use super::connection::{connection, counted};
use super::enums::{Bound, TargetKind, UnitKind};
use super::error::expose;
use super::id::NodeId;
use super::mutation::UserError;
use super::operation::{Operation, operation};
use super::scalars::DateTime;
use super::unit::Unit;
use crate::error::Error;
use crate::page::PageArgs;
use crate::reorganisation::{Report, Restated, Step};

pub use enums::{Certainty, Operation as StepOperation, ReorganisationState, TargetsPassing};
use report::ReorganisationReport;

/// An instant in the server's time zone.
pub fn told(ctx: &Context<'_>, at: i64) -> Result<DateTime> {
    Ok(DateTime::new(operation(ctx)?.app.config.time_zone, at))
}

connection!(ReorganisationConnection, ReorganisationEdge, Reorganisation, "reorganisations");

/// A plan that changes the tree as a whole (sắp xếp tổ chức).
#[derive(Clone)]
pub struct Reorganisation(pub Arc<Model>);

impl From<Arc<Model>> for Reorganisation {
    fn from(row: Arc<Model>) -> Reorganisation {
        Reorganisation(row)
    }
}

impl Reorganisation {
    fn kept(&self) -> Result<Option<Report>> {
        let parsed = self.0.report.as_deref().map(serde_json::from_str::<Report>).transpose();
        parsed.map_err(|error| expose(Error::Internal(format!("a report: {error}"))))
    }

    async fn another(&self, ctx: &Context<'_>, id: Option<i64>) -> Result<Option<Reorganisation>> {
        let Some(id) = id else { return Ok(None) };
        Ok(operation(ctx)?.load::<ReorganisationById>(id).await.map_err(expose)?.map(Reorganisation))
    }
}

/// A plan that changes the tree as a whole (sắp xếp tổ chức): steps that are tried, applied in one transaction, and can be undone.
/// Shows where a grant covers the unit that draws it up.
#[Object]
impl Reorganisation {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::Reorganisation(self.0.id).encode()
    }

    /// Unique for ever (mã phương án).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name (tên).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The unit that draws it up.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Unit> {
        let unit = operation(ctx)?.load::<UnitById>(self.0.unit_id).await.map_err(expose)?;
        unit.map(Unit).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// Where it stands.
    async fn state(&self) -> ReorganisationState {
        self.0.state.into()
    }

    /// For the next change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The instant at which it takes, or took, effect; null: when it is applied.
    async fn effective_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.0.effective_at.map(|at| told(ctx, at)).transpose()
    }

    /// When it was drawn up.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        told(ctx, self.0.created_at)
    }

    /// When somebody asked for it to be applied.
    async fn proposed_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.0.proposed_at.map(|at| told(ctx, at)).transpose()
    }

    /// When it was recorded: from then on the tree is the new one.
    async fn applied_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.0.applied_at.map(|at| told(ctx, at)).transpose()
    }

    /// Its steps, in the order in which they were written down.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<ReorganisationStep>> {
        let steps = operation(ctx)?.load::<ReorganisationSteps>(self.0.id).await.map_err(expose)?;
        steps.unwrap_or_default().into_iter().map(ReorganisationStep::of).collect()
    }

    /// Why it did not fit any more when its instant came; empty otherwise.
    async fn faults(&self) -> Result<Vec<UserError>> {
        let Some(faults) = self.0.faults.as_deref() else { return Ok(Vec::new()) };
        let faults: Vec<crate::error::UserError> =
            serde_json::from_str(faults).map_err(|error| expose(Error::Internal(format!("faults: {error}"))))?;
        Ok(faults.into_iter().map(UserError::from).collect())
    }

    /// What it would change, by the latest reorganisationDryRun of this plan, or has changed.
    async fn report(&self) -> Result<Option<ReorganisationReport>> {
        Ok(self.kept()?.map(|report| ReorganisationReport { report: Arc::new(report) }))
    }

    /// That nothing is lost: numbers that are the same before and after. Empty before the first reorganisationDryRun.
    async fn conservation(&self, ctx: &Context<'_>) -> Result<Vec<ConservationStatement>> {
        let language = operation(ctx)?.caller.messages();
        let statements = self.kept()?.map(|report| report.conservation).unwrap_or_default();
        let told = |statement: crate::reorganisation::Statement| ConservationStatement {
            what: statement.what.text(language),
            holds: statement.holds(),
            before: statement.before,
            after: statement.after,
        };
        Ok(statements.into_iter().map(told).collect())
    }

    /// The plan that it takes back.
    async fn undoes(&self, ctx: &Context<'_>) -> Result<Option<Reorganisation>> {
        self.another(ctx, self.0.undoes_id).await
    }

    /// The plan that took it back.
    async fn undone_by(&self, ctx: &Context<'_>) -> Result<Option<Reorganisation>> {
        self.another(ctx, self.0.undone_by_id).await
    }
}

/// One step of a reorganisation.
#[derive(SimpleObject)]
pub struct ReorganisationStep {
    /// Its place, from 1.
    position: i32,
    /// What is done.
    operation: StepOperation,
    /// Codes of the units that it is done to.
    units: Vec<String>,
    /// Code of the unit that follows them.
    into: Option<String>,
    /// Code of the unit above.
    parent: Option<String>,
    /// The new code.
    code: Option<String>,
    /// The new name.
    name: Option<String>,
    /// The new English name.
    name_en: Option<String>,
    /// The new kind.
    kind: Option<UnitKind>,
    /// Code of the bloc of a new unit.
    bloc: Option<String>,
    /// Code of the sector of a new unit.
    sector: Option<String>,
    /// What becomes of targets.
    targets: Option<TargetsPassing>,
    /// What a unit is split into.
    parts: Vec<ReorganisationPart>,
    /// Targets of those that follow as they are to be.
    restated: Vec<ReorganisationTarget>,
    /// How sure its source is.
    certainty: Certainty,
    /// Carried, but not done.
    held: bool,
    /// What its source says.
    note: Option<String>,
}

/// One of the units that a unit is split into.
#[derive(SimpleObject)]
pub struct ReorganisationPart {
    /// Its code.
    unit: String,
    /// Codes of the sub-units that go to it.
    units: Vec<String>,
    /// How many members go to it.
    members: i32,
    /// Codes of the initiatives that go to it.
    initiatives: Vec<String>,
    /// Per cent of each target that goes to it.
    share: Option<f64>,
}

/// A target of a unit that follows others, restated (chỉ tiêu điều chỉnh).
#[derive(SimpleObject)]
pub struct ReorganisationTarget {
    /// Code of the unit; null: the one that follows.
    unit: Option<String>,
    /// Code of the programme.
    programme: String,
    /// Which of its targets.
    kind: Option<TargetKind>,
    /// Code of a phase; null: the whole programme.
    phase: Option<String>,
    /// Code of a bloc; null: every bloc.
    bloc: Option<String>,
    /// How many initiatives.
    value: i32,
    /// The value itself, or at least that.
    bound: Bound,
}

impl From<Restated> for ReorganisationTarget {
    fn from(one: Restated) -> ReorganisationTarget {
        let Restated { unit, programme, kind, phase, bloc, value, at_least } = one;
        let bound = if at_least { Bound::AtLeast } else { Bound::Exact };
        let kind = stored::TargetKind::try_from_value(&kind).ok().map(TargetKind::from);
        ReorganisationTarget { unit, programme, kind, phase, bloc, value, bound }
    }
}

impl ReorganisationStep {
    fn of(row: reorganisation_step::Model) -> Result<ReorganisationStep> {
        let position = row.position;
        let Step { operation, input, certainty, held, note } = Step::of_row(&row).map_err(expose)?;
        let kind = input.unit_kind().map(UnitKind::from);
        let parts = input.parts.into_iter().map(|part| ReorganisationPart {
            unit: part.unit,
            units: part.units,
            members: i32::try_from(part.accounts.len()).unwrap_or(i32::MAX),
            initiatives: part.initiatives,
            share: part.share.map(|share| f64::from(share) / 100.0),
        });
        Ok(ReorganisationStep {
            position,
            operation: operation.into(),
            units: input.units,
            into: input.into,
            parent: input.parent,
            code: input.code,
            name: input.name,
            name_en: input.name_en,
            kind,
            bloc: input.bloc,
            sector: input.sector,
            targets: input.targets.map(Into::into),
            parts: parts.collect(),
            restated: input.restated.into_iter().map(ReorganisationTarget::from).collect(),
            certainty: certainty.into(),
            held,
            note,
        })
    }
}

/// A number that is the same before and after.
#[derive(SimpleObject)]
pub struct ConservationStatement {
    /// Of what.
    what: String,
    /// Whether it is.
    holds: bool,
    /// The measures before, as JSON.
    before: String,
    /// The measures after, as JSON.
    after: String,
}

/// A page of those drawn up at or below a unit, or of all (0).
pub async fn list(op: &Arc<Operation>, unit: i64, page: PageArgs) -> Result<ReorganisationConnection> {
    page.limit().map_err(expose)?;
    let loaded = op.load::<ReorganisationPages>((page, unit)).await.map_err(expose)?;
    let page = loaded.unwrap_or_default().map(Reorganisation);
    Ok(ReorganisationConnection::new(page, counted::<ReorganisationCounts>(unit)))
}
