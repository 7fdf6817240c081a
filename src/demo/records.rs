//! Initiatives with their ledger, as they would be had every step been taken through the API at its instant.

use entity::enums::{Action, InitiativeState, RefusalReason, SolutionKind};
use entity::initiative::Model;
use entity::{initiative_author, initiative_event, participant};
use rand::Rng;
use sea_orm::ActiveEnum;

use super::load::Ids;
use super::plan::{PlanAction, PlanInitiative};
use super::programmes::Programme;
use crate::app::App;
use crate::error::{Error, Result};
use crate::initiative::{counted_of, event_of, new_code, next, own_key, participation};
use crate::ledger::Delta;
use crate::text;

/// How long before its submission a draft was begun.
const DRAFTING: i64 = 25 * 60 * 1000;

/// Random ids that ascend: each lies in a stretch of its own, so that rows come in the order of their keys.
#[derive(Clone, Copy)]
pub(super) struct Ascending {
    stretch: i64,
    drawn: i64,
}

impl Ascending {
    /// Ids for so many.
    pub fn over(count: usize) -> Ascending {
        Ascending { stretch: i64::MAX / i64::try_from(count.max(1)).unwrap_or(i64::MAX), drawn: 0 }
    }

    pub fn next(&mut self, app: &App) -> i64 {
        let low = self.drawn * self.stretch;
        self.drawn += 1;
        low + app.random(|random| random.random_range(1..=self.stretch))
    }
}

/// Rows to be stored, and what they add to the roll-ups.
#[derive(Default)]
pub(super) struct Records {
    pub initiatives: Vec<Model>,
    pub authors: Vec<initiative_author::Model>,
    pub events: Vec<initiative_event::Model>,
    pub participants: Vec<participant::Model>,
    pub deltas: Vec<Delta>,
}

impl Records {
    /// Adds an initiative that was sent in, with everything that happened to it.
    pub fn add(&mut self, app: &App, id: i64, ids: &Ids, programme: &Programme, plan: &PlanInitiative) -> Result<()> {
        let mut history = self.begin(app, id, ids, programme, plan)?;
        let author = history.row.first_author_id;
        let decider = ids.deciders[plan.unit];
        history.row.submitted_at = Some(plan.submitted_at);
        history.row.counted_claim = plan.claimed.unwrap_or(0);
        history.row.counted_opaque = plan.not_computable;
        history.step(Action::Submit, plan.submitted_at, author, None, None)?;
        for step in &plan.steps {
            match &step.action {
                PlanAction::Return { note } => {
                    history.decide(Action::Return, step.at, decider, None, Some(note.clone()))?;
                }
                PlanAction::Resubmit => history.step(Action::Submit, step.at, author, None, None)?,
                PlanAction::Withdraw => history.step(Action::Withdraw, step.at, author, None, None)?,
                PlanAction::Approve { verified } => {
                    history.row.verified_benefit = *verified;
                    history.decide(Action::Approve, step.at, decider, None, None)?;
                }
                PlanAction::Reject { reason, note } => {
                    let reason: RefusalReason = coded(reason)?;
                    history.row.refusal_reason = Some(reason);
                    history.row.refusal_text = note.clone();
                    history.decide(Action::Reject, step.at, decider, Some(reason), note.clone())?;
                }
            }
        }
        self.count(&history, plan);
        self.keep(history);
        Ok(())
    }

    /// Adds one that was never sent in; `submitted_at` says when it was written.
    pub fn add_draft(
        &mut self,
        app: &App,
        id: i64,
        ids: &Ids,
        programme: &Programme,
        plan: &PlanInitiative,
    ) -> Result<()> {
        let history = self.begin(app, id, ids, programme, plan)?;
        self.keep(history);
        Ok(())
    }

    /// The row and its event as a draft, and its authors.
    fn begin(
        &mut self,
        app: &App,
        id: i64,
        ids: &Ids,
        programme: &Programme,
        plan: &PlanInitiative,
    ) -> Result<History> {
        let authors: Vec<i64> = plan.authors.iter().map(|(person, _)| ids.people[*person]).collect();
        let first = authors.first().copied();
        let first = first.ok_or_else(|| Error::Internal(format!("nobody wrote \"{}\"", plan.title)))?;
        let row = draft(app, id, ids, programme, plan, first)?;
        self.authors.extend((0..).zip(&authors).zip(&plan.authors).map(|((position, account), (_, share))| {
            initiative_author::Model { initiative_id: row.id, account_id: *account, position, share: *share }
        }));
        let event = event_of(&row, Action::Draft, None, row.created_at, Some(first), &authors, None, None);
        Ok(History { before: row.clone(), row, authors, events: vec![event] })
    }

    /// Who counts for it and since when, and what it adds to the roll-ups.
    fn count(&mut self, history: &History, plan: &PlanInitiative) {
        let row = &history.row;
        let withdrawn = plan.steps.iter().find(|step| step.action == PlanAction::Withdraw).map(|step| step.at);
        for account in &history.authors {
            let counted = participation(row, *account, plan.submitted_at);
            self.participants.push(participant::Model { counted_to: withdrawn, ..counted });
            if withdrawn.is_none() {
                self.deltas.push(Delta::Person { key: own_key(row), account: *account, n: 1 });
            }
        }
        if withdrawn.is_none() {
            self.deltas.push(Delta::Initiatives { key: own_key(row), tally: counted_of(row) });
        }
    }

    /// What has been added since the last time.
    pub fn take(&mut self) -> Records {
        std::mem::take(self)
    }

    fn keep(&mut self, history: History) {
        self.initiatives.push(history.row);
        self.events.extend(history.events);
    }
}

/// An initiative on its way through its life.
struct History {
    /// As the latest event left it.
    before: Model,
    row: Model,
    authors: Vec<i64>,
    events: Vec<initiative_event::Model>,
}

impl History {
    fn decide(
        &mut self,
        action: Action,
        at: i64,
        by: i64,
        reason: Option<RefusalReason>,
        note: Option<String>,
    ) -> Result<()> {
        self.row.decided_at = Some(at);
        self.step(action, at, by, reason, note)
    }

    fn step(
        &mut self,
        action: Action,
        at: i64,
        by: i64,
        reason: Option<RefusalReason>,
        note: Option<String>,
    ) -> Result<()> {
        self.row.state = next(self.row.state, action)
            .map_err(|refusal| Error::Internal(format!("the demo's plan: {}", refusal.message().english())))?;
        self.row.version += 1;
        let event = event_of(&self.row, action, Some(&self.before), at, Some(by), &self.authors, reason, note);
        self.events.push(event);
        self.before = self.row.clone();
        Ok(())
    }
}

fn draft(
    app: &App,
    id: i64,
    ids: &Ids,
    programme: &Programme,
    plan: &PlanInitiative,
    first_author_id: i64,
) -> Result<Model> {
    Ok(Model {
        id,
        code: new_code(app),
        programme_id: programme.id,
        phase_id: programme.phases[plan.phase],
        group_id: programme.groups[plan.group],
        unit_id: ids.units[plan.unit],
        first_author_id,
        solution: coded::<SolutionKind>(plan.solution)?,
        title: text::nfc(&plan.title),
        title_lower: text::lower(&plan.title),
        title_folded: text::fold(&plan.title),
        title_sort: text::sort_key(&plan.title),
        summary: plan.summary.clone(),
        state: InitiativeState::Draft,
        version: 1,
        applied_on: plan.applied_on,
        claimed_benefit: plan.claimed,
        benefit_not_computable: plan.not_computable,
        benefit_note: plan.benefit_note.clone(),
        verified_benefit: None,
        counted_claim: 0,
        counted_opaque: false,
        refusal_reason: None,
        refusal_text: None,
        recognition_number: None,
        recognition_authority: None,
        recognition_on: None,
        submitted_at: None,
        decided_at: None,
        created_at: plan.submitted_at - DRAFTING,
    })
}

/// The value with this name.
pub(super) fn coded<E: ActiveEnum<Value = String>>(name: &str) -> Result<E> {
    E::try_from_value(&name.to_owned()).map_err(Error::Database)
}
