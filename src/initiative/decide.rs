//! Decisions by reviewers: `initiativeReturn`, `initiativeApprove`, `initiativeReject`, `initiativeRevoke`.

use entity::enums::{Action, AuditObject, InitiativeState, RefusalReason};
use entity::initiative::Model;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::benefit::check_verified;
use super::draft::TEXT_MAX;
use super::find::{Asked, find_each, find_for};
use super::record::{self, Said, Step};
use crate::app::App;
use crate::command::{About, Command, Done, Given, Shared, Work};
use crate::error::{ErrorCode, Faults, Result};
use crate::store::Tx;
use crate::text::{self, message};

/// Gives it back to the authors with a note that says what to mend.
#[derive(Clone, Debug, Serialize)]
pub struct Return {
    pub id: i64,
    pub version: i32,
    pub note: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Approve {
    pub id: i64,
    pub version: i32,
    /// VND; required unless not computable.
    pub verified_benefit: Option<i64>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Reject {
    pub id: i64,
    pub version: i32,
    #[serde(serialize_with = "reason_as_text")]
    pub reason: RefusalReason,
    pub note: Option<String>,
}

/// Takes an approval away, by a reviewer of a unit above the initiative's.
#[derive(Clone, Debug, Serialize)]
pub struct Revoke {
    pub id: i64,
    pub version: i32,
    #[serde(serialize_with = "reason_as_text")]
    pub reason: RefusalReason,
    pub note: Option<String>,
}

fn reason_as_text<S: serde::Serializer>(reason: &RefusalReason, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&reason.to_value())
}

/// A decision of a reviewer: all kinds go the same way, alone or with others at the same time.
pub(super) trait Decision: Serialize + Clone + Send + Sync + 'static {
    const NAME: &'static str;
    const ACTION: Action;

    /// The initiative and the version of it that the reviewer saw.
    fn seen(&self) -> (i64, i32);

    /// Pure: what becomes of the initiative, and what is said of it. `ceiling`: the highest benefit, VND.
    fn decide(&self, row: &Model, ceiling: i64) -> Result<(Model, Said)>;
}

impl<D: Decision> Command for D {
    const NAME: &'static str = <D as Decision>::NAME;

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.seen().0)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (id, version) = self.seen();
        let held = find_for(work, id, D::ACTION, version).await?;
        let (after, said) = self.decide(&held.row, work.app.config.benefit_ceiling)?;
        record::advance(work, held, after, D::ACTION, said).await
    }
}

impl<D: Decision> Shared for D {
    type After = Model;

    fn object(&self) -> i64 {
        self.seen().0
    }

    async fn run_all(app: &App, tx: &Tx, given: &[Given<'_, D>]) -> Result<Vec<Option<Result<(Done, Model)>>>> {
        let asked = |given: &Given<'_, D>| {
            let (id, version) = given.command.seen();
            Asked { viewer: given.caller.viewer, account: given.account, id, action: D::ACTION, version }
        };
        let asked: Vec<Asked> = given.iter().map(asked).collect();
        let judged = find_each(tx, &asked).await?.into_iter().zip(given).map(|(found, given)| {
            found.map(|held| {
                let held = held?;
                let (after, said) = given.command.decide(&held.row, app.config.benefit_ceiling)?;
                Ok(Step { by: given.account, held, after, action: D::ACTION, said })
            })
        });
        let mut steps = Vec::new();
        let outcomes: Vec<Option<Result<()>>> =
            judged.map(|one| one.map(|step| step.map(|step| steps.push(step)))).collect();
        let mut done = record::write(app, tx, steps).await?.into_iter();
        let settled = outcomes.into_iter().map(|outcome| match outcome? {
            Ok(()) => done.next().map(Ok),
            Err(error) => Some(Err(error)),
        });
        Ok(settled.collect())
    }
}

impl Decision for Return {
    const NAME: &'static str = "initiativeReturn";
    const ACTION: Action = Action::Return;

    fn seen(&self) -> (i64, i32) {
        (self.id, self.version)
    }

    fn decide(&self, row: &Model, _ceiling: i64) -> Result<(Model, Said)> {
        let note = text::paragraph("note", &self.note, TEXT_MAX)?;
        let after = Model { state: InitiativeState::Returned, ..row.clone() };
        Ok((after, Said { reason: None, note: Some(note) }))
    }
}

impl Decision for Approve {
    const NAME: &'static str = "initiativeApprove";
    const ACTION: Action = Action::Approve;

    fn seen(&self) -> (i64, i32) {
        (self.id, self.version)
    }

    fn decide(&self, row: &Model, ceiling: i64) -> Result<(Model, Said)> {
        let mut faults = Faults::default();
        let note = faults.take(text::optional("note", self.note.as_deref(), TEXT_MAX));
        check_verified(&mut faults, self.verified_benefit, row.counted_opaque, ceiling);
        let note = faults.finish_with(note)?;
        let verified_benefit = self.verified_benefit;
        let after = Model { state: InitiativeState::Approved, verified_benefit, ..row.clone() };
        Ok((after, Said { reason: None, note }))
    }
}

impl Decision for Reject {
    const NAME: &'static str = "initiativeReject";
    const ACTION: Action = Action::Reject;

    fn seen(&self) -> (i64, i32) {
        (self.id, self.version)
    }

    fn decide(&self, row: &Model, _ceiling: i64) -> Result<(Model, Said)> {
        refuse(row, InitiativeState::Rejected, self.reason, self.note.as_deref())
    }
}

impl Decision for Revoke {
    const NAME: &'static str = "initiativeRevoke";
    const ACTION: Action = Action::Revoke;

    fn seen(&self) -> (i64, i32) {
        (self.id, self.version)
    }

    fn decide(&self, row: &Model, _ceiling: i64) -> Result<(Model, Said)> {
        refuse(row, InitiativeState::Revoked, self.reason, self.note.as_deref())
    }
}

/// An end with a reason; OTHER says in a text which.
fn refuse(row: &Model, state: InitiativeState, reason: RefusalReason, note: Option<&str>) -> Result<(Model, Said)> {
    let mut faults = Faults::default();
    let note = faults.take(text::optional("note", note, TEXT_MAX));
    if reason == RefusalReason::Other && note == Some(None) {
        faults.add(ErrorCode::Required, "note", message!("the reason OTHER needs a note that says which"));
    }
    let note = faults.finish_with(note)?;
    let after = Model {
        state,
        // A revocation takes the verified benefit away; its event and the approval's keep it.
        verified_benefit: None,
        refusal_reason: Some(reason),
        refusal_text: note.clone(),
        ..row.clone()
    };
    Ok((after, Said { reason: Some(reason), note }))
}
