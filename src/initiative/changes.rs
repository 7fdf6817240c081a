//! What the audit log says of a change of an initiative.

use std::fmt::Display;

use entity::enums::{AuditObject, InitiativeState};
use entity::initiative::Model;
use sea_orm::ActiveEnum;

use crate::command::Done;

/// State, decision and version as they are. What people wrote as hashes; and everything else of a draft, which is its authors'
/// alone.
pub(super) fn changes(before: Option<&Model>, after: &Model) -> Done {
    let draft = after.state == InitiativeState::Draft || before.is_some_and(|row| row.state == InitiativeState::Draft);
    let done = Done::of(AuditObject::Initiative, after.id, after.unit_id)
        .field("state", before.map(|row| row.state.to_value()), Some(after.state.to_value()))
        .field("version", before.map(|row| row.version), Some(after.version))
        .field("verifiedBenefit", before.and_then(|row| row.verified_benefit), after.verified_benefit)
        .field("refusalReason", reason(before), reason(Some(after)));
    let changed = Changed { before, after, draft };
    let done = changed.figure(done, "unit", |row| Some(row.unit_id));
    let done = changed.figure(done, "programme", |row| Some(row.programme_id));
    let done = changed.figure(done, "phase", |row| Some(row.phase_id));
    let done = changed.figure(done, "group", |row| Some(row.group_id));
    let done = changed.figure(done, "solution", |row| Some(row.solution.to_value()));
    let done = changed.figure(done, "appliedOn", |row| Some(row.applied_on));
    let done = changed.figure(done, "claimedBenefit", |row| row.claimed_benefit);
    let done = changed.figure(done, "benefitNotComputable", |row| Some(row.benefit_not_computable));
    let done = changed.text(done, "title", |row| Some(row.title.clone()));
    let done = changed.text(done, "summary", |row| row.summary.clone());
    let done = changed.text(done, "benefitNote", |row| row.benefit_note.clone());
    changed.text(done, "recognition", |row| {
        let parts = [
            row.recognition_number.clone(),
            row.recognition_authority.clone(),
            row.recognition_on.map(|on| on.to_string()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    })
}

fn reason(row: Option<&Model>) -> Option<String> {
    row.and_then(|row| row.refusal_reason).map(|reason| reason.to_value())
}

struct Changed<'a> {
    before: Option<&'a Model>,
    after: &'a Model,
    draft: bool,
}

impl Changed<'_> {
    fn figure<T: Display>(&self, done: Done, name: &'static str, of: impl Fn(&Model) -> Option<T>) -> Done {
        let (before, after) = (self.before.and_then(&of), of(self.after));
        if self.draft { done.hidden(name, before, after) } else { done.field(name, before, after) }
    }

    fn text(&self, done: Done, name: &'static str, of: impl Fn(&Model) -> Option<String>) -> Done {
        done.hidden(name, self.before.and_then(&of), of(self.after))
    }
}
