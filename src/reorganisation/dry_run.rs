//! `reorganisationDryRun`: everything that applying does, and then nothing of it; what is left is the report.

use entity::reorganisation;
use entity::reorganisation::Model;
use serde::Serialize;

use super::apply::done;
use super::draft::{check_not_over, may_draw};
use super::find::held;
use super::plan::{Carried, steps_of};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, Result};

#[derive(Clone, Debug, Serialize)]
pub struct DryRun {
    pub code: String,
    /// Codes of units whose numbers are told before and after, beside those that change.
    pub units: Vec<String>,
}

impl Command for DryRun {
    const NAME: &'static str = "reorganisationDryRun";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let row = held(tx, work.viewer, &self.code).await?;
        may_draw(work, &row).await?;
        check_not_over(&row)?;
        let steps = steps_of(tx, row.id).await?;
        // What is to hold from an instant to come on is tried on the tree of now.
        let ahead = row.effective_at.is_some_and(|at| at > app.now());
        let trial = Model { effective_at: row.effective_at.filter(|_| !ahead), ..row.clone() };
        let told = &self.units;
        let carried = Carried { app, tx, viewer: work.viewer, by: work.account, row: &trial, scheduled: ahead, told };
        tx.begin_trial().await?;
        let tried = carried.perform(&steps).await;
        tx.end_trial().await?;
        let (_, report) = tried?;
        let report = serde_json::to_string(&report).map_err(|error| Error::Internal(format!("a report: {error}")))?;
        let row = Model { report: Some(report), ..row };
        tx.update::<reorganisation::Entity>(&row, &[]).await?;
        Ok(done(&row))
    }
}
