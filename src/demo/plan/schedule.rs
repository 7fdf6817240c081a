//! When and below which direct unit each initiative is submitted, for which group, and how it ends.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom, index};

use super::calendar::{HOUR, WINDOWS, midnight, submission};
use super::grassroots::branch;
use super::programme::{ENTERPRISE_WORKER, NEW_RURAL_MOVEMENT, PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT, UNION_OFFICER};
use super::quotas::{CLASSES, COMMENDED, GROUPS, HUNG_YEN, HUNG_YEN_APPROVED, PINNED};
use super::units::{Ground, Workplace};

/// How an initiative stands when the programme closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Approved,
    Rejected,
    Returned,
    Pending,
    Withdrawn,
}

/// An initiative that counts, before it has authors and words.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Index of the direct unit.
    pub direct: usize,
    /// Index of the window of its submission.
    pub window: usize,
    /// Its first submission.
    pub at: i64,
    /// Index of the group.
    pub group: usize,
    /// How it ends.
    pub outcome: Outcome,
    /// Where the decision is published: the instants between which it falls, the second excluded.
    pub decided: Option<(i64, i64)>,
}

impl Slot {
    /// Index of the phase.
    pub(super) fn phase(&self) -> usize {
        WINDOWS[self.window].phase
    }
}

/// All slots, in the order of submission.
pub(super) fn slots(rng: &mut impl Rng, ground: &Ground) -> Result<Vec<Slot>, String> {
    let weights = weights(rng, ground);
    let mut slots = Vec::new();
    for (window, span) in WINDOWS.iter().enumerate() {
        for direct in spread(rng, ground, &weights, window)? {
            let at = submission(rng, span.first, span.last);
            slots.push(Slot { direct, window, at, group: UNION_OFFICER, outcome: Outcome::Approved, decided: None });
        }
    }
    slots.sort_by_key(|slot| slot.at);
    let fixed = ground.index_of(HUNG_YEN)?;
    let early = slots.iter_mut().filter(|slot| slot.direct == fixed && slot.window < 2).enumerate();
    let (eve, end) = (midnight(WINDOWS[2].first), midnight(WINDOWS[3].last));
    for (number, slot) in early {
        slot.decided = Some(if number < HUNG_YEN_APPROVED { (slot.at + 1, eve) } else { (eve + 8 * HOUR, end) });
    }
    assign_groups(rng, ground, &mut slots);
    assign_outcomes(rng, &mut slots);
    Ok(slots)
}

/// How active each direct unit is: its size, something of its own, and more if it was commended.
fn weights(rng: &mut impl Rng, ground: &Ground) -> Vec<(usize, u32)> {
    let weigh = |&direct: &usize| {
        let unit = &ground.units[direct];
        let districts =
            ground.units.iter().filter(|u| u.parent == Some(direct) && u.kind == "DISTRICT_FEDERATION").count();
        let size = if districts > 0 { 8 * u32::try_from(districts).unwrap_or(0) } else { 50 };
        let commended = if COMMENDED.contains(&unit.code.as_str()) { 120 } else { 0 };
        (direct, size + commended + rng.random_range(10..90))
    };
    ground.directs.iter().map(weigh).collect()
}

/// The direct units of a window's submissions: the pinned ones as given, the others by weight.
fn spread(rng: &mut impl Rng, ground: &Ground, weights: &[(usize, u32)], window: usize) -> Result<Vec<usize>, String> {
    let mut chosen = Vec::new();
    let mut open = weights.to_vec();
    for pinned in &PINNED {
        if let Some(&count) = pinned.counts.get(window) {
            let unit = ground.index_of(pinned.code)?;
            chosen.extend(std::iter::repeat_n(unit, count));
            open.retain(|(direct, _)| *direct != unit);
        }
    }
    while chosen.len() < WINDOWS[window].count {
        let (direct, _) = open.choose_weighted(rng, |(_, weight)| *weight).map_err(|error| error.to_string())?;
        chosen.push(*direct);
    }
    Ok(chosen)
}

/// Deals the groups of each phase: sector and corporation unions get the groups that they have, provinces the rest.
fn assign_groups(rng: &mut impl Rng, ground: &Ground, slots: &mut [Slot]) {
    for (phase, quota) in GROUPS.iter().enumerate() {
        let mut left = *quota;
        let mut provincial = Vec::new();
        for slot in slots.iter_mut().filter(|slot| slot.phase() == phase) {
            let Some(branch) = branch(&ground.units[slot.direct].code) else {
                provincial.push(slot);
                continue;
            };
            let own = match branch.workplace {
                Workplace::Service => PUBLIC_SERVICE_UNIT,
                Workplace::Enterprise => ENTERPRISE_WORKER,
                Workplace::Office => PARTY_STATE_BODY,
                Workplace::Union => UNION_OFFICER,
            };
            slot.group = if left[own] == 0 || rng.random_ratio(1, 6) { UNION_OFFICER } else { own };
            left[slot.group] -= 1;
        }
        // The last group has no approvals, so it is dealt first, and not to those that are published as approved.
        provincial.shuffle(rng);
        provincial.sort_by_key(|slot| slot.decided.is_some());
        let deck = left.iter().enumerate().flat_map(|(group, count)| std::iter::repeat_n(group, *count));
        let (rural, mut others): (Vec<usize>, Vec<usize>) = deck.partition(|group| *group == NEW_RURAL_MOVEMENT);
        others.shuffle(rng);
        for (slot, group) in provincial.into_iter().zip(rural.into_iter().chain(others)) {
            slot.group = group;
        }
    }
}

/// Deals the outcomes: what is open at the end was submitted late; what was refused, at any time.
fn assign_outcomes(rng: &mut impl Rng, slots: &mut [Slot]) {
    for class in &CLASSES {
        let of_class = |slot: &Slot| class.groups.contains(&slot.group) && slot.decided.is_none();
        let mut members: Vec<usize> = (0..slots.len()).filter(|i| of_class(&slots[*i])).collect();
        let open = class.pending + class.returned;
        let late = members.split_off(members.len().saturating_sub(2 * open));
        let drawn = index::sample(rng, late.len(), open).into_vec();
        for (number, place) in drawn.iter().enumerate() {
            let pending = number < class.pending;
            slots[late[*place]].outcome = if pending { Outcome::Pending } else { Outcome::Returned };
        }
        members.extend(late.iter().enumerate().filter(|(place, _)| !drawn.contains(place)).map(|(_, slot)| *slot));
        for place in index::sample(rng, members.len(), class.rejected) {
            slots[members[place]].outcome = Outcome::Rejected;
        }
    }
}
