//! The records: every slot gets its authors, words, money and history; a few more are submitted and taken back. They come one by
//! one: nobody holds 2.4 million of them.

use chrono::{Datelike, Days, NaiveDate};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::authors::{Authors, Origin};
use super::benefit::{Benefit, Benefits, Purse};
use super::calendar::{LAST_WINDOW, WINDOWS, closing, day, day_of, midnight, plus, submission};
use super::history::{Course, steps, withdrawal};
use super::people::{Members, Wave};
use super::programme::{NEW_RURAL_MOVEMENT, PHASES, PlanPhase, UNION_OFFICER};
use super::quotas::{WITHDRAWN, fine};
use super::scale::Scale;
use super::schedule::Slot;
use super::trades::{rural, trade, union_work};
use super::units::Ground;
use super::words::{BENEFIT_NOTES, pick, summary, title};
use super::{PlanInitiative, PlanStep};

/// Stands for nobody.
const NOBODY: u32 = u32::MAX;

/// What has been written so far.
pub(super) struct Writing {
    scale: Scale,
    purse: Purse,
    benefits: Benefits,
    authors: Authors,
    /// Whether those have joined who come in the last window.
    joined: bool,
    /// How many slots have their records.
    written: usize,
    /// For each of them its first author.
    first: Vec<u32>,
    /// How many more will be taken back.
    to_withdraw: usize,
    /// Windows of several days, in which something can be taken back.
    windows: Vec<usize>,
}

/// What the records are made of.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub ground: &'a Ground,
    pub members: &'a Members,
    pub slots: &'a [Slot],
}

impl Writing {
    /// Nothing has been written yet.
    pub(super) fn new(rng: &mut ChaCha8Rng, of: Matter<'_>, scale: Scale) -> Writing {
        let purse = Purse::of(scale);
        let benefits = Benefits::of(rng, purse, of.slots);
        Writing {
            scale,
            purse,
            benefits,
            authors: Authors::new(rng, of.ground, of.members, local_units(of.ground, scale)),
            joined: false,
            written: 0,
            first: Vec::with_capacity(of.slots.len()),
            to_withdraw: scale.of(WITHDRAWN),
            windows: (0..WINDOWS.len()).filter(|window| WINDOWS[*window].first < WINDOWS[*window].last).collect(),
        }
    }

    /// The next one: what counts, in the order of submission, then what is taken back.
    pub(super) fn next(&mut self, rng: &mut ChaCha8Rng, of: Matter<'_>) -> Option<PlanInitiative> {
        if let Some(slot) = of.slots.get(self.written) {
            let place = self.written;
            self.written += 1;
            return Some(self.counted(rng, of, slot, place));
        }
        while self.to_withdraw > 0 {
            self.to_withdraw -= 1;
            if let Some(initiative) = self.taken_back(rng, of) {
                return Some(initiative);
            }
        }
        None
    }

    fn counted(&mut self, rng: &mut ChaCha8Rng, of: Matter<'_>, slot: &Slot, place: usize) -> PlanInitiative {
        if slot.window() == LAST_WINDOW && !self.joined {
            self.authors.join(rng, of.ground, of.members, Wave::Last);
            self.joined = true;
        }
        let authors = self.authors.draw(rng, of.ground, of.members, slot.origin());
        let first = authors.first().and_then(|(person, _)| u32::try_from(*person).ok());
        self.first.push(first.unwrap_or(NOBODY));
        let benefit = self.benefits.at(place, slot.outcome);
        let course =
            Course { submitted_at: slot.at, decision: slot.decision(), outcome: slot.outcome, closing: closing() };
        let steps = steps(rng, &course, benefit);
        record(rng, (of.ground, of.members), Sent::of(slot), authors, benefit, steps)
    }

    /// A further one of somebody who has written others, taken back within the window of its submission: at the published instants
    /// none of them counts.
    fn taken_back(&mut self, rng: &mut ChaCha8Rng, of: Matter<'_>) -> Option<PlanInitiative> {
        let place = rng.random_range(0..self.first.len().max(1));
        let window = *self.windows.choose(rng)?;
        let author = self.first.get(place).copied().filter(|author| *author != NOBODY)?;
        let mut first = WINDOWS[window].first;
        if self.scale == Scale::Full && window == 0 {
            // Not by the day on which Hà Nội stands at its tenth place either.
            first = day(fine::TENTH.0, fine::TENTH.1, fine::TENTH.2);
        }
        let at = submission(rng, first, WINDOWS[window].last);
        let end = midnight(plus(WINDOWS[window].last, 1)).min(midnight(plus(day_of(at), 20)));
        let slot = of.slots[place].taken_back(window, at);
        let claimed = self.purse.amount(rng, slot.group());
        let steps = withdrawal(rng, at, end);
        let benefit = Benefit { claimed, verified: None };
        Some(record(rng, (of.ground, of.members), Sent::of(&slot), vec![(author as usize, 10_000)], benefit, steps))
    }
}

/// For each unit whether it belongs to the local union whose count is published.
fn local_units(ground: &Ground, scale: Scale) -> Vec<bool> {
    let mut local = vec![false; ground.units.len()];
    if scale == Scale::Full {
        for (index, unit) in ground.units.iter().enumerate() {
            // Parents come first.
            local[index] = unit.code == fine::LOCAL_UNION || unit.parent.is_some_and(|parent| local[parent]);
        }
    }
    local
}

/// When, from where and in which phase something is sent in.
pub(super) struct Sent {
    pub at: i64,
    pub from: Origin,
    /// Index of the phase.
    pub phase: usize,
    pub period: &'static PlanPhase,
}

impl Sent {
    fn of(slot: &Slot) -> Sent {
        Sent { at: slot.at, from: slot.origin(), phase: slot.phase(), period: &PHASES[slot.phase()] }
    }
}

/// The record of what its authors have sent in, in words.
pub(super) fn record(
    rng: &mut impl Rng,
    (ground, members): (&Ground, &Members),
    sent: Sent,
    authors: Vec<(usize, i32)>,
    benefit: Benefit,
    steps: Vec<PlanStep>,
) -> PlanInitiative {
    let unit = authors.first().map_or(sent.from.direct, |(person, _)| members.0[*person].unit());
    let trade = match sent.from.group {
        UNION_OFFICER => union_work(),
        NEW_RURAL_MOVEMENT => rural(),
        _ => trade(ground.units[unit].sector.unwrap_or_default()),
    };
    let (solution, title) = title(rng, trade);
    let applied_on = applied_on(rng, &sent);
    let not_computable = benefit.claimed.is_none();
    let month = format!("tháng {}/{}", applied_on.month(), applied_on.year());
    PlanInitiative {
        unit,
        authors,
        phase: sent.phase,
        group: sent.from.group,
        solution,
        title,
        summary: rng.random_ratio(4, 5).then(|| summary(rng, &month)),
        applied_on,
        claimed: benefit.claimed,
        not_computable,
        benefit_note: not_computable.then(|| pick(rng, &BENEFIT_NOTES).to_owned()),
        submitted_at: sent.at,
        steps,
    }
}

/// A few weeks or months before submission, inside the phase's applied period.
fn applied_on(rng: &mut impl Rng, sent: &Sent) -> NaiveDate {
    let before = Days::new(rng.random_range(3..=60) + rng.random_range(0..=140));
    let submitted = day_of(sent.at);
    let applied = submitted.checked_sub_days(before).unwrap_or(submitted);
    applied.clamp(sent.period.applied_from, sent.period.applied_to.min(submitted))
}
