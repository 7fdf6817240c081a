//! What one initiative's events say, by replaying them. Pure.

use entity::enums::{Action, InitiativeState};
use sea_orm::ActiveEnum;

use super::rows::Event;
use super::words::or_none;
use crate::initiative::next;
use crate::ledger::{Counted, OwnKey, Tally};

/// Where an initiative, when and for whom somebody counted: account, from, to.
pub(super) type Counting = (i64, i64, Option<i64>);

/// What an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub at: i64,
    pub tally: Tally,
    /// What it is among what happened in its period; sent in again is no submission.
    pub deed: Option<Action>,
}

/// What an initiative is and counts after its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recounted {
    pub state: InitiativeState,
    pub version: i32,
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub claim: i64,
    pub opaque: bool,
    pub verified: Option<i64>,
    /// Where it counts; none before first submission.
    pub key: Option<OwnKey>,
    /// Who counts for it; none before submission and after withdrawal.
    pub participants: Vec<i64>,
    /// Who ever counted for it, each in periods.
    pub periods: Vec<Counting>,
    /// The authors and the claim as they are now, drafts and edits included.
    pub latest: Latest,
    /// From first submission on.
    pub changes: Vec<Changed>,
    /// What is stored beside events and does not follow from those before: what, expected, stored.
    pub faults: Vec<(String, String, String)>,
}

/// What the latest event says of the row, whether it counts or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Latest {
    pub authors: Vec<i64>,
    pub claimed: Option<i64>,
    pub not_computable: bool,
}

impl Recounted {
    pub fn tally(&self) -> Tally {
        let verified = self.verified.unwrap_or(0);
        Tally::of(Counted { state: self.state, claim: self.claim, opaque: self.opaque, verified })
    }

    /// From the instant on exactly these count.
    fn count(&mut self, persons: Vec<i64>, at: i64) {
        for period in self.periods.iter_mut().filter(|(_, _, to)| to.is_none()) {
            if !persons.contains(&period.0) {
                period.2 = Some(at);
            }
        }
        let come = persons.iter().filter(|person| !self.participants.contains(person));
        self.periods.extend(come.map(|person| (*person, at, None)));
        self.participants = persons;
    }
}

/// The initiative after its events, which come in order; `Err` says which event cannot be.
pub(super) fn replay(events: &[Event]) -> Result<Recounted, String> {
    let mut now = Recounted {
        state: InitiativeState::Draft,
        version: 0,
        submitted_at: None,
        decided_at: None,
        claim: 0,
        opaque: false,
        verified: None,
        key: None,
        participants: Vec::new(),
        periods: Vec::new(),
        latest: Latest::default(),
        changes: Vec::with_capacity(events.len()),
        faults: Vec::new(),
    };
    for event in events {
        step(&mut now, event).map_err(|why| format!("event {}: {why}", event.seq))?;
    }
    if events.is_empty() {
        return Err("has no events".to_owned());
    }
    now.periods.sort_unstable();
    Ok(now)
}

fn step(now: &mut Recounted, event: &Event) -> Result<(), String> {
    let state = |text: &String| InitiativeState::try_from_value(text).map_err(|_| "names no state".to_owned());
    let action = Action::try_from_value(&event.action).map_err(|_| "is no action".to_owned())?;
    let (from, to) = (event.from_state.as_ref().map(state).transpose()?, state(&event.to_state)?);
    if event.seq != now.version + 1 {
        return Err(format!("follows number {}", now.version));
    }
    now.version = event.seq;
    let mut authors: Vec<i64> =
        serde_json::from_str(&event.authors).map_err(|_| "has no list of authors".to_owned())?;
    authors.sort_unstable();
    now.latest = Latest {
        authors: authors.clone(),
        claimed: event.claimed_benefit,
        not_computable: event.benefit_not_computable,
    };
    let before = (now.claim, now.opaque, now.verified.unwrap_or(0));
    let counted = now.tally();
    if action == Action::Draft {
        if event.seq != 1 {
            return Err("a draft is begun twice".to_owned());
        }
        beside(now, event, before);
        return Ok(());
    }
    let after = next(now.state, action).map_err(|refusal| refusal.message().english())?;
    if from != Some(now.state) || to != after {
        return Err("names other states than the life cycle has".to_owned());
    }
    now.state = after;
    match action {
        Action::Submit => {
            now.submitted_at = now.submitted_at.or(Some(event.at));
            now.claim = event.claimed_benefit.unwrap_or(0);
            now.opaque = event.benefit_not_computable;
            now.key = Some(OwnKey {
                unit: event.unit_id,
                programme: event.programme_id,
                phase: event.phase_id,
                group: event.group_id,
            });
            now.count(authors, event.at);
        }
        Action::Withdraw => now.count(Vec::new(), event.at),
        Action::Approve => now.verified = event.verified_benefit,
        Action::Revoke => now.verified = None,
        _ => {}
    }
    if matches!(action, Action::Return | Action::Approve | Action::Reject | Action::Revoke) {
        now.decided_at = Some(event.at);
    }
    beside(now, event, before);
    let change = now.tally().plus(counted.negated()).ok_or_else(|| "counts more than can be counted".to_owned())?;
    if now.submitted_at.is_some() {
        let happened = from != Some(to) && (action != Action::Submit || from == Some(InitiativeState::Draft));
        now.changes.push(Changed { at: event.at, tally: change, deed: happened.then_some(action) });
    }
    Ok(())
}

/// What is stored beside an event: first submission, and what counted before it: claim, not computable, verified benefit.
fn beside(now: &mut Recounted, event: &Event, before: (i64, bool, i64)) {
    let mut compare = |what: &str, expected: String, stored: String| {
        if expected != stored {
            now.faults.push((format!("event {} {what}", event.seq), expected, stored));
        }
    };
    if now.submitted_at != event.submitted_at {
        compare("first submission", or_none(now.submitted_at), or_none(event.submitted_at));
    }
    let stored = (event.was_claim, event.was_opaque, event.was_verified);
    if before != stored {
        compare("claim before", before.0.to_string(), stored.0.to_string());
        compare("not computable before", before.1.to_string(), stored.1.to_string());
        compare("verified benefit before", before.2.to_string(), stored.2.to_string());
    }
}
