//! `reorganisationApply`: the plan becomes the tree, now, or at its instant; where two people are needed, the first one proposes.

use entity::enums::{AuditObject, ReorganisationState};
use entity::reorganisation;
use entity::reorganisation::Model;
use serde::Serialize;

use super::draft::{check_version, may_draw, over};
use super::find::held;
use super::plan::{Carried, steps_of};
use super::report::Report;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Result};
use crate::text::message;
use crate::unit::restructure::Moment;

#[derive(Clone, Debug, Serialize)]
pub struct Apply {
    pub code: String,
    pub version: i32,
}

impl Command for Apply {
    const NAME: &'static str = "reorganisationApply";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let row = held(tx, work.viewer, &self.code).await?;
        may_draw(work, &row).await?;
        check_version(&row, self.version)?;
        let two = app.config.reorganisation_by_two;
        let row = match row.state {
            ReorganisationState::Draft | ReorganisationState::Failed if two => return propose(work, row).await,
            ReorganisationState::Draft | ReorganisationState::Failed => {
                Model { proposed_by: Some(work.account), proposed_at: Some(app.now()), ..row }
            }
            ReorganisationState::Proposed if row.proposed_by == Some(work.account) => {
                let message = message!("somebody else has to confirm it: nobody does both");
                return Err(Error::user(ErrorCode::IllegalState, "code", message));
            }
            ReorganisationState::Proposed => Model { confirmed_by: Some(work.account), ..row },
            _ => return Err(over(&row)),
        };
        let ahead = row.effective_at.filter(|at| *at > app.now());
        if let Some(at) = ahead {
            // Whether it will fit then is tried now: what does not fit now seldom will.
            try_now(work, &row).await?;
            let row = Model { state: ReorganisationState::Scheduled, version: row.version + 1, ..row };
            tx.update::<reorganisation::Entity>(&row, &[]).await?;
            return Ok(done(&row).field("effectiveAt", None, Some(at)));
        }
        let steps = steps_of(tx, row.id).await?;
        let carried =
            Carried { app, tx, viewer: work.viewer, by: work.account, row: &row, scheduled: false, told: &[] };
        let (moment, report) = carried.perform(&steps).await?;
        let row = applied(&row, moment, &report)?;
        tx.update::<reorganisation::Entity>(&row, &[]).await?;
        Ok(done(&row).field("state", None, Some("APPLIED")))
    }
}

/// Tries it out on the tree of now, and takes everything back.
async fn try_now(work: &Work<'_>, row: &Model) -> Result<()> {
    let trial = Model { effective_at: None, ..row.clone() };
    let steps = steps_of(work.tx, row.id).await?;
    let (app, tx) = (work.app, work.tx);
    let carried = Carried { app, tx, viewer: work.viewer, by: work.account, row: &trial, scheduled: true, told: &[] };
    tx.begin_trial().await?;
    let tried = carried.perform(&steps).await;
    tx.end_trial().await?;
    tried.map(|_| ())
}

async fn propose(work: &Work<'_>, row: Model) -> Result<Done> {
    let row = Model {
        state: ReorganisationState::Proposed,
        proposed_by: Some(work.account),
        proposed_at: Some(work.app.now()),
        version: row.version + 1,
        ..row
    };
    work.tx.update::<reorganisation::Entity>(&row, &[]).await?;
    Ok(done(&row).field("state", None, Some("PROPOSED")))
}

pub(super) fn done(row: &Model) -> Done {
    Done::of(AuditObject::Reorganisation, row.id, row.unit_id).always("code", None, Some(row.code.clone()))
}

/// The plan once it has been carried out.
pub(super) fn applied(row: &Model, moment: Moment, report: &Report) -> Result<Model> {
    let report = serde_json::to_string(report).map_err(|error| Error::Internal(format!("a report: {error}")))?;
    Ok(Model {
        state: ReorganisationState::Applied,
        version: row.version + 1,
        effective_at: Some(moment.effective),
        applied_at: Some(moment.recorded),
        faults: None,
        report: Some(report),
        ..row.clone()
    })
}
