//! The records: every slot gets its authors, words, money and history; a few more are submitted and taken back.

use chrono::{Datelike, Days, NaiveDate};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::authors::Authors;
use super::benefit::{Benefit, amount, benefits};
use super::calendar::{LAST_WINDOW, WINDOWS, day_of, midnight, plus, submission};
use super::history::{steps, withdrawal};
use super::people::{Members, Wave};
use super::programme::{NEW_RURAL_MOVEMENT, PHASES, UNION_OFFICER};
use super::quotas::WITHDRAWN;
use super::schedule::{Outcome, Slot};
use super::trades::{rural, trade, union_work};
use super::units::Ground;
use super::words::{BENEFIT_NOTES, pick, summary, title};
use super::{PlanInitiative, PlanStep};

/// All initiatives, in the order of submission.
pub(super) fn write(rng: &mut impl Rng, ground: &Ground, members: &Members, slots: &[Slot]) -> Vec<PlanInitiative> {
    let mut initiatives = Vec::with_capacity(slots.len() + WITHDRAWN);
    let benefits = benefits(rng, slots);
    let mut authors = Authors::new(rng, ground, members);
    let mut joined = false;
    for (slot, benefit) in slots.iter().zip(benefits) {
        if slot.window == LAST_WINDOW && !joined {
            authors.join(rng, ground, members, Wave::Last);
            joined = true;
        }
        let authors = authors.draw(rng, ground, slot.direct, slot.group);
        let steps = steps(rng, slot, benefit);
        initiatives.push(record(rng, ground, members, slot, authors, benefit, steps));
    }
    withdrawn(rng, ground, members, slots, &mut initiatives);
    initiatives.sort_by_key(|initiative| initiative.submitted_at);
    initiatives
}

fn record(
    rng: &mut impl Rng,
    ground: &Ground,
    members: &Members,
    slot: &Slot,
    authors: Vec<(usize, i32)>,
    benefit: Benefit,
    steps: Vec<PlanStep>,
) -> PlanInitiative {
    let unit = authors.first().map_or(slot.direct, |(person, _)| members.people[*person].unit);
    let trade = match slot.group {
        UNION_OFFICER => union_work(),
        NEW_RURAL_MOVEMENT => rural(),
        _ => trade(ground.units[unit].sector.unwrap_or_default()),
    };
    let (solution, title) = title(rng, trade);
    let applied_on = applied_on(rng, slot);
    let not_computable = benefit.claimed.is_none();
    let month = format!("tháng {}/{}", applied_on.month(), applied_on.year());
    PlanInitiative {
        unit,
        authors,
        phase: slot.phase(),
        group: slot.group,
        solution,
        title,
        summary: rng.random_ratio(4, 5).then(|| summary(rng, &month)),
        applied_on,
        claimed: benefit.claimed,
        not_computable,
        benefit_note: not_computable.then(|| pick(rng, &BENEFIT_NOTES).to_owned()),
        submitted_at: slot.at,
        steps,
    }
}

/// A few weeks or months before submission, inside the phase's applied period.
fn applied_on(rng: &mut impl Rng, slot: &Slot) -> NaiveDate {
    let before = Days::new(rng.random_range(3..=60) + rng.random_range(0..=140));
    let phase = &PHASES[slot.phase()];
    let submitted = day_of(slot.at);
    let applied = submitted.checked_sub_days(before).unwrap_or(submitted);
    applied.clamp(phase.applied_from, phase.applied_to.min(submitted))
}

/// Further initiatives of people who have written others, taken back within the window of their submission: at the
/// published instants none of them counts.
fn withdrawn(
    rng: &mut impl Rng,
    ground: &Ground,
    members: &Members,
    slots: &[Slot],
    initiatives: &mut Vec<PlanInitiative>,
) {
    let windows: Vec<usize> =
        (0..WINDOWS.len()).filter(|window| WINDOWS[*window].first < WINDOWS[*window].last).collect();
    let counted = initiatives.len();
    for _ in 0..WITHDRAWN {
        let place = rng.random_range(0..counted);
        let (Some(&window), Some(&(author, _))) = (windows.choose(rng), initiatives[place].authors.first()) else {
            continue;
        };
        let group = initiatives[place].group;
        let at = submission(rng, WINDOWS[window].first, WINDOWS[window].last);
        let end = midnight(plus(WINDOWS[window].last, 1)).min(midnight(plus(day_of(at), 20)));
        let direct = slots[place].direct;
        let slot = Slot { direct, window, at, group, outcome: Outcome::Withdrawn, decided: None };
        let claimed = amount(rng, group);
        let steps = withdrawal(rng, at, end);
        let benefit = Benefit { claimed, verified: None };
        initiatives.push(record(rng, ground, members, &slot, vec![(author, 10_000)], benefit, steps));
    }
}
