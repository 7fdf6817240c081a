//! Decisions by reviewers: `initiativeReturn`, `initiativeApprove`, `initiativeReject`, `initiativeRevoke`.

use entity::enums::{Action, AuditObject, InitiativeState, RefusalReason};
use entity::initiative::Model;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::benefit::check_verified;
use super::draft::TEXT_MAX;
use super::find::{Held, find_for};
use super::record::{self, Said};
use crate::command::{About, Command, Done, Work};
use crate::error::{ErrorCode, Faults, Result};
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

impl Command for Return {
    const NAME: &'static str = "initiativeReturn";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let held = find_for(work, self.id, Action::Return, self.version).await?;
        let note = text::paragraph("note", &self.note, TEXT_MAX)?;
        let after = Model { state: InitiativeState::Returned, ..held.row.clone() };
        record::advance(work, &held, after, Action::Return, Said { reason: None, note: Some(note) }).await
    }
}

impl Command for Approve {
    const NAME: &'static str = "initiativeApprove";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let held = find_for(work, self.id, Action::Approve, self.version).await?;
        let mut faults = Faults::default();
        let note = faults.take(text::optional("note", self.note.as_deref(), TEXT_MAX));
        let ceiling = work.app.config.benefit_ceiling;
        check_verified(&mut faults, self.verified_benefit, held.row.counted_opaque, ceiling);
        let note = faults.finish_with(note)?;
        let verified_benefit = self.verified_benefit;
        let after = Model { state: InitiativeState::Approved, verified_benefit, ..held.row.clone() };
        record::advance(work, &held, after, Action::Approve, Said { reason: None, note }).await
    }
}

impl Command for Reject {
    const NAME: &'static str = "initiativeReject";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let held = find_for(work, self.id, Action::Reject, self.version).await?;
        refuse(work, &held, Action::Reject, InitiativeState::Rejected, self.reason, self.note.as_deref()).await
    }
}

impl Command for Revoke {
    const NAME: &'static str = "initiativeRevoke";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let held = find_for(work, self.id, Action::Revoke, self.version).await?;
        refuse(work, &held, Action::Revoke, InitiativeState::Revoked, self.reason, self.note.as_deref()).await
    }
}

/// An end with a reason; OTHER says in a text which.
async fn refuse(
    work: &Work<'_>,
    held: &Held,
    action: Action,
    state: InitiativeState,
    reason: RefusalReason,
    note: Option<&str>,
) -> Result<Done> {
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
        ..held.row.clone()
    };
    record::advance(work, held, after, action, Said { reason: Some(reason), note }).await
}
