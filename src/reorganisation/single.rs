//! One operation by itself: `unitMerge`, `unitSplit`, `unitDissolve` and the like are plans of few steps, applied at once and recorded as such.

use entity::enums::Operation;
use entity::reorganisation;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::apply::{applied, done};
use super::draft::begun;
use super::plan::Carried;
use super::step::Step;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Result, UserError};
use crate::store::Conflict;
use crate::text;

/// Steps that are applied at once. Answers the unit with the first code that they name, or the plan.
#[derive(Clone, Debug, Serialize)]
pub struct Single {
    pub name: &'static str,
    pub steps: Vec<Step>,
    pub reason: Option<String>,
    /// None: now.
    pub effective_at: Option<i64>,
    /// The code of the unit that is answered.
    pub answer: String,
    /// The unit that a refusal is the business of.
    pub about: String,
}

impl Command for Single {
    const NAME: &'static str = "reorganisation";

    fn about(&self) -> About<'_> {
        About::Unit(&self.about)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let reason = text::optional("reason", self.reason.as_deref(), 2_000).map_err(Error::from)?;
        let about = crate::unit::find_visible(tx, work.viewer, &self.about).await?;
        let code = format!("R-{}", crate::initiative::new_code(app).trim_start_matches("SK-"));
        let operation = self.steps.last().map_or(Operation::Keep, |step| step.operation);
        let name = format!("{} {}", operation.to_value(), about.row.code);
        let row = begun(app, work.account, code, name, about.row.id, reason, self.effective_at);
        let row = reorganisation::Model { proposed_by: Some(work.account), proposed_at: Some(app.now()), ..row };
        tx.insert::<reorganisation::Entity>(std::slice::from_ref(&row), Conflict::Fail).await?;
        let rows: Vec<_> = (1..)
            .zip(&self.steps)
            .map(|(position, step)| step.clone().into_row(row.id, position))
            .collect::<Result<_>>()?;
        tx.insert::<entity::reorganisation_step::Entity>(&rows, Conflict::Fail).await?;
        let carried =
            Carried { app, tx, viewer: work.viewer, by: work.account, row: &row, scheduled: false, told: &[] };
        let (moment, report) = carried.perform(&self.steps).await.map_err(plain)?;
        let row = applied(&row, moment, &report)?;
        tx.update::<reorganisation::Entity>(&row, &[]).await?;
        let answered = crate::unit::find_visible(tx, work.viewer, &self.answer).await?.row.id;
        let mut done = done(&row).field("operation", None, Some(operation.to_value()));
        done.id = answered;
        Ok(done)
    }
}

/// Faults of the last step are those of the mutation's own fields.
fn plain(error: Error) -> Error {
    let Error::User(errors) = error else { return error };
    Error::User(
        errors
            .into_iter()
            .map(|fault| {
                let own = fault.field.first().is_some_and(|first| first == "steps");
                let field = if own { fault.field.into_iter().skip(2).collect() } else { fault.field };
                UserError { field, ..fault }
            })
            .collect(),
    )
}

impl Single {
    /// Whether two people are needed for what one mutation would do at once.
    pub fn check_alone(by_two: bool) -> Result<()> {
        match by_two {
            false => Ok(()),
            true => Err(Error::user(
                ErrorCode::IllegalState,
                "",
                text::message!(
                    "here two people reorganise: draw up a plan, apply it, and have somebody else confirm it"
                ),
            )),
        }
    }
}
