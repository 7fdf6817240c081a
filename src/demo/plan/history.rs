//! What happens to an initiative after its first submission.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::benefit::Benefit;
use super::calendar::{HOUR, later};
use super::schedule::Outcome;
use super::words::{RETURN_NOTES, refusal};
use super::{PlanAction, PlanStep};

/// One in so many is sent back once before its decision, if there is time.
const DETOUR: (u32, u32) = (7, 100);
/// Time that a detour needs.
const DETOUR_TIME: i64 = 30 * 24 * HOUR;

/// From the submission to the end.
pub(super) struct Course {
    pub submitted_at: i64,
    /// The instants between which a published decision falls, the second excluded.
    pub decision: Option<(i64, i64)>,
    pub outcome: Outcome,
    /// Before it everything happens.
    pub closing: i64,
}

/// The steps of a course, strictly in order and before the closing.
pub(super) fn steps(rng: &mut impl Rng, course: &Course, benefit: Benefit) -> Vec<PlanStep> {
    let Course { submitted_at, closing, .. } = *course;
    let mut history = History { at: submitted_at, closing, steps: Vec::new() };
    if let Some((earliest, latest)) = course.decision {
        history.at = rng.random_range(earliest.max(submitted_at + 1)..latest);
        history.push(PlanAction::Approve { verified: benefit.verified });
        return history.steps;
    }
    let detour = closing - submitted_at > DETOUR_TIME && rng.random_ratio(DETOUR.0, DETOUR.1);
    if detour && course.outcome != Outcome::Returned {
        history.sent_back(rng);
        history.wait(rng, 1..=10);
        history.push(PlanAction::Resubmit);
    }
    match course.outcome {
        Outcome::Approved => {
            history.wait(rng, 1..=18);
            history.push(PlanAction::Approve { verified: benefit.verified });
        }
        Outcome::Rejected => {
            history.wait(rng, 2..=25);
            let (reason, note) = refusal(rng);
            history.push(PlanAction::Reject { reason, note });
        }
        Outcome::Returned => history.sent_back(rng),
        Outcome::Pending | Outcome::Withdrawn => {}
    }
    history.steps
}

/// The steps of an initiative that is taken back before `end`, one in four after it was returned.
pub(super) fn withdrawal(rng: &mut impl Rng, submitted_at: i64, end: i64) -> Vec<PlanStep> {
    let mut history = History { at: submitted_at, closing: end, steps: Vec::new() };
    let half = submitted_at + (end - submitted_at) / 2;
    if rng.random_ratio(1, 4) {
        history.at = rng.random_range(submitted_at + 1..half);
        let note = note(rng);
        history.push(PlanAction::Return { note });
    }
    history.at = rng.random_range(half..end);
    history.push(PlanAction::Withdraw);
    history.steps
}

struct History {
    at: i64,
    closing: i64,
    steps: Vec<PlanStep>,
}

impl History {
    fn wait(&mut self, rng: &mut impl Rng, days: std::ops::RangeInclusive<i64>) {
        self.at = later(rng, self.at, days, self.closing);
    }

    fn push(&mut self, action: PlanAction) {
        self.steps.push(PlanStep { at: self.at, action });
    }

    fn sent_back(&mut self, rng: &mut impl Rng) {
        self.wait(rng, 1..=7);
        let note = note(rng);
        self.push(PlanAction::Return { note });
    }
}

fn note(rng: &mut impl Rng) -> String {
    RETURN_NOTES.choose(rng).copied().unwrap_or_default().to_owned()
}
