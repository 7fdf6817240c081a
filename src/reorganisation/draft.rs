//! Drawing a plan up: `reorganisationDraft`, `reorganisationStep`, `reorganisationDiscard`. Several people work on it over days; a version
//! that somebody else has changed meanwhile is refused.

use entity::enums::{AuditObject, ReorganisationState};
use entity::reorganisation::Model;
use entity::{reorganisation, reorganisation_step};
use serde::Serialize;

use super::find::held;
use super::plan::{owner, steps_of};
use super::step::Step;
use crate::access::{Right, places};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result};
use crate::store::{Conflict, Tx};
use crate::text::{self, message};
use crate::unit::NAME_MAX;

/// The most steps of a plan.
pub const STEPS_MAX: usize = 5_000;

/// A plan as it is to be: a new one, or another version of one.
#[derive(Clone, Debug, Serialize)]
pub struct DraftPlan {
    pub code: String,
    /// None: a new one.
    pub version: Option<i32>,
    /// The unit that draws it up; only of a new one.
    pub unit: Option<String>,
    pub name: Option<String>,
    pub reason: Option<String>,
    /// Some(None): when it is applied.
    pub effective_at: Option<Option<i64>>,
    /// None: as they are.
    pub steps: Option<Vec<Step>>,
}

/// One step put in, replaced or taken out.
#[derive(Clone, Debug, Serialize)]
pub struct SetSteps {
    pub code: String,
    pub version: i32,
    /// From 1; none: after the last.
    pub position: Option<i32>,
    /// None: the step there is taken out.
    pub step: Option<Step>,
    /// Whether the step there gives way, or moves on by one.
    pub replace: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Discard {
    pub code: String,
    pub version: i32,
}

/// The plan with the code, for whoever may draw up plans of its unit; at the version that he saw, and still a draft.
pub(super) async fn open(work: &Work<'_>, code: &str, version: i32) -> Result<Model> {
    let row = held(work.tx, work.viewer, code).await?;
    may_draw(work, &row).await?;
    check_version(&row, version)?;
    if !matches!(row.state, ReorganisationState::Draft | ReorganisationState::Proposed | ReorganisationState::Failed) {
        return Err(over(&row));
    }
    Ok(row)
}

/// Nothing is done any more to what is applied, undone or given up.
pub(super) fn check_not_over(row: &Model) -> Result<()> {
    match row.state {
        ReorganisationState::Applied | ReorganisationState::Undone | ReorganisationState::Discarded => Err(over(row)),
        _ => Ok(()),
    }
}

pub(super) fn over(row: &Model) -> Error {
    let message = message!("{code} is no draft any more: draw up another one", code = &row.code);
    Error::user(ErrorCode::IllegalState, "code", message)
}

pub(super) async fn may_draw(work: &Work<'_>, row: &Model) -> Result<()> {
    let places = places(work.tx, work.viewer, &[row.unit_id]).await?;
    match places.values().any(|places| places.permit(Right::Do(super::judge::NEEDED))) {
        true => Ok(()),
        false => Err(Error::Forbidden(message!("you have no role at the unit of this plan or above that allows this"))),
    }
}

pub(super) fn check_version(row: &Model, seen: i32) -> Result<()> {
    if row.version == seen {
        return Ok(());
    }
    let message =
        message!("you saw version {seen}, but it is version {now} now: read it again", seen, now = row.version);
    Err(Error::user(ErrorCode::StaleVersion, "version", message))
}

/// The next version, a draft again: what was proposed or failed has to be looked at anew.
fn next(row: Model) -> Model {
    Model {
        version: row.version + 1,
        state: ReorganisationState::Draft,
        proposed_by: None,
        proposed_at: None,
        faults: None,
        report: None,
        ..row
    }
}

async fn write_steps(tx: &Tx, id: i64, steps: Vec<Step>) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM reorganisation_step WHERE reorganisation_id = ");
    let bound = sql.bind(id);
    sql.push(&bound);
    tx.run(sql).await?;
    let rows: Vec<_> = (1..).zip(steps).map(|(position, step)| step.into_row(id, position)).collect::<Result<_>>()?;
    tx.insert::<reorganisation_step::Entity>(&rows, Conflict::Fail).await?;
    Ok(())
}

fn too_many(faults: &mut Faults, steps: usize) {
    if steps > STEPS_MAX {
        let message = message!("a plan has at most {max} steps", max = STEPS_MAX);
        faults.add(ErrorCode::OutOfRange, "steps", message);
    }
}

impl Command for DraftPlan {
    const NAME: &'static str = "reorganisationDraft";

    fn about(&self) -> About<'_> {
        self.unit.as_deref().map_or(About::Federation, About::Unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let mut faults = Faults::default();
        let reason = faults.take(text::optional("reason", self.reason.as_deref(), 2_000)).flatten();
        too_many(&mut faults, self.steps.as_ref().map_or(0, Vec::len));
        let row = match self.version {
            Some(version) => {
                let row = open(work, &self.code, version).await?;
                let name = match &self.name {
                    Some(name) => faults.take(text::line("name", name, NAME_MAX)),
                    None => Some(row.name.clone()),
                };
                let name = faults.finish_with(name)?;
                let row = Model {
                    name,
                    reason: if self.reason.is_some() { reason } else { row.reason.clone() },
                    effective_at: self.effective_at.unwrap_or(row.effective_at),
                    ..next(row)
                };
                tx.update::<reorganisation::Entity>(&row, &[]).await?;
                row
            }
            None => {
                let unit = self.unit.as_deref().unwrap_or_default();
                let owner = owner(tx, work.viewer, unit).await?;
                let code = faults.take(text::code("code", &self.code));
                let name = faults.take(text::line("name", self.name.as_deref().unwrap_or_default(), NAME_MAX));
                if let Some(code) = &code {
                    free(tx, &mut faults, code).await?;
                }
                let (code, name) = faults.finish_with(code.zip(name))?;
                let row = begun(app, work.account, code, name, owner.id, reason, self.effective_at.flatten());
                tx.insert::<reorganisation::Entity>(std::slice::from_ref(&row), Conflict::Fail).await?;
                row
            }
        };
        if let Some(steps) = &self.steps {
            write_steps(tx, row.id, steps.clone()).await?;
        }
        Ok(Done::of(AuditObject::Reorganisation, row.id, row.unit_id)
            .always("code", None, Some(&row.code))
            .field("version", None, Some(row.version))
            .field("steps", None, self.steps.as_ref().map(Vec::len)))
    }
}

/// A new plan.
pub(super) fn begun(
    app: &crate::app::App,
    by: i64,
    code: String,
    name: String,
    unit_id: i64,
    reason: Option<String>,
    effective_at: Option<i64>,
) -> Model {
    Model {
        id: app.new_id(),
        code,
        name,
        unit_id,
        state: ReorganisationState::Draft,
        version: 1,
        reason,
        effective_at,
        created_at: app.now(),
        created_by: by,
        proposed_by: None,
        proposed_at: None,
        confirmed_by: None,
        applied_at: None,
        undoes_id: None,
        undone_by_id: None,
        faults: None,
        report: None,
    }
}

async fn free(tx: &Tx, faults: &mut Faults, code: &str) -> Result<()> {
    let mut sql = tx.sql("SELECT id FROM reorganisation WHERE code = ");
    let bound = sql.bind(code);
    sql.push(&bound);
    if !tx.ids(sql).await?.is_empty() {
        let message = message!(
            "this code is not available: a code belongs to one plan for ever; choose another, or send the version of the one to change"
        );
        faults.add(ErrorCode::CodeNotAvailable, "code", message);
    }
    Ok(())
}

impl Command for SetSteps {
    const NAME: &'static str = "reorganisationStep";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let row = open(work, &self.code, self.version).await?;
        let mut steps = steps_of(work.tx, row.id).await?;
        let mut faults = Faults::default();
        let place = self.position.map_or(Some(steps.len()), |position| usize::try_from(position.checked_sub(1)?).ok());
        let there = place.filter(|place| *place < steps.len());
        match (&self.step, place, there) {
            (Some(step), _, Some(there)) if self.replace => steps[there] = step.clone(),
            (Some(step), Some(place), _) if place <= steps.len() && !self.replace => steps.insert(place, step.clone()),
            (None, _, Some(there)) => {
                steps.remove(there);
            }
            _ => {
                let message = message!("the plan has {n} step(s)", n = steps.len());
                faults.add(ErrorCode::OutOfRange, "position", message);
            }
        }
        too_many(&mut faults, steps.len());
        faults.finish()?;
        let row = next(row);
        work.tx.update::<reorganisation::Entity>(&row, &[]).await?;
        let n = steps.len();
        write_steps(work.tx, row.id, steps).await?;
        Ok(Done::of(AuditObject::Reorganisation, row.id, row.unit_id)
            .always("code", None, Some(&row.code))
            .field("version", None, Some(row.version))
            .field("steps", None, Some(n)))
    }
}

impl Command for Discard {
    const NAME: &'static str = "reorganisationDiscard";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let row = held(work.tx, work.viewer, &self.code).await?;
        may_draw(work, &row).await?;
        check_version(&row, self.version)?;
        check_not_over(&row)?;
        let row = Model { state: ReorganisationState::Discarded, version: row.version + 1, ..row };
        work.tx.update::<reorganisation::Entity>(&row, &[]).await?;
        Ok(Done::of(AuditObject::Reorganisation, row.id, row.unit_id).always("code", None, Some(&row.code)))
    }
}
