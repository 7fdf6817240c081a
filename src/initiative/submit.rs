//! `initiativeSubmit` and `initiativeWithdraw`: the first author sends it in, or takes it back.

use entity::enums::{Action, AuditObject, InitiativeState};
use serde::Serialize;

use super::benefit::Claim;
use super::draft::TEXT_MAX;
use super::find::find_for;
use super::period;
use super::record::{self, Said};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, Faults, Result};
use crate::{programme, text};

#[derive(Clone, Debug, Serialize)]
pub struct Submit {
    pub id: i64,
    pub version: i32,
}

#[derive(Clone, Debug, Serialize)]
pub struct Withdraw {
    pub id: i64,
    pub version: i32,
    pub note: Option<String>,
}

impl Command for Submit {
    const NAME: &'static str = "initiativeSubmit";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let held = find_for(work, self.id, Action::Submit, self.version).await?;
        let before = &held.row;
        let mut faults = Faults::default();
        Claim {
            claimed: before.claimed_benefit,
            not_computable: before.benefit_not_computable,
            note: before.benefit_note.as_deref(),
        }
        .check_complete(&mut faults);
        if before.submitted_at.is_none() {
            let programmes = programme::by_id(work.tx, work.viewer, &[before.programme_id]).await?;
            let phase = programmes
                .get(&before.programme_id)
                .and_then(|programme| programme.phases.iter().find(|phase| phase.id == before.phase_id))
                .ok_or_else(|| Error::Internal("an initiative has no phase".to_owned()))?;
            period::check(&mut faults, phase, work.app.today(), before.applied_on);
        }
        faults.finish()?;
        let mut after = before.clone();
        after.state = InitiativeState::Submitted;
        after.counted_claim = before.claimed_benefit.unwrap_or(0);
        after.counted_opaque = before.benefit_not_computable;
        record::advance(work, held, after, Action::Submit, Said::default()).await
    }
}

impl Command for Withdraw {
    const NAME: &'static str = "initiativeWithdraw";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Initiative, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let held = find_for(work, self.id, Action::Withdraw, self.version).await?;
        let note = text::optional("note", self.note.as_deref(), TEXT_MAX)?;
        let mut after = held.row.clone();
        after.state = InitiativeState::Withdrawn;
        record::advance(work, held, after, Action::Withdraw, Said { reason: None, note }).await
    }
}
