//! When and below which direct unit each initiative is submitted, for which group, and how it ends.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom, index};

use super::authors::Origin;
use super::calendar::{HOUR, WINDOWS, midnight, submission};
use super::fine;
use super::grassroots::branch;
use super::programme::{ENTERPRISE_WORKER, NEW_RURAL_MOVEMENT, PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT, UNION_OFFICER};
use super::quotas::{CLASSES, COMMENDED, GROUPS, HUNG_YEN, HUNG_YEN_APPROVED, PINNED};
use super::scale::Scale;
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

/// Where the decision is published: when it falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    /// Whenever it comes.
    Anytime,
    /// By the instant of the report.
    ByTheReport,
    /// After it.
    AfterTheReport,
}

/// An initiative that counts, before it has authors and words. There are 2.4 million of them: sixteen bytes each.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Its first submission.
    pub at: i64,
    direct: u16,
    window: u8,
    group: u8,
    /// How it ends.
    pub outcome: Outcome,
    pub decided: Decided,
    /// Whether it belongs to the local union whose count is published.
    pub local: bool,
}

impl Slot {
    pub(super) fn new(direct: usize, window: usize, at: i64, group: usize, outcome: Outcome) -> Result<Slot, String> {
        let direct = u16::try_from(direct).map_err(|_| format!("the direct unit {direct} stands too far behind"))?;
        let small = |number: usize| u8::try_from(number).map_err(|error| error.to_string());
        let (window, group) = (small(window)?, small(group)?);
        Ok(Slot { at, direct, window, group, outcome, decided: Decided::Anytime, local: false })
    }

    /// Index of the direct unit.
    pub(super) fn direct(&self) -> usize {
        usize::from(self.direct)
    }

    /// Index of the window of its submission.
    pub(super) fn window(&self) -> usize {
        usize::from(self.window)
    }

    /// Index of the group.
    pub(super) fn group(&self) -> usize {
        usize::from(self.group)
    }

    /// Index of the phase.
    pub(super) fn phase(&self) -> usize {
        WINDOWS[self.window()].phase
    }

    /// Where it comes from.
    pub(super) fn origin(&self) -> Origin {
        Origin { direct: self.direct(), group: self.group(), local: self.local }
    }

    /// The instants between which a published decision falls, the second excluded.
    pub(super) fn decision(&self) -> Option<(i64, i64)> {
        let (eve, end) = (midnight(WINDOWS[2].first), midnight(WINDOWS[3].last));
        match self.decided {
            Decided::Anytime => None,
            Decided::ByTheReport => Some((self.at + 1, eve)),
            Decided::AfterTheReport => Some((eve + 8 * HOUR, end)),
        }
    }

    /// A further one of the same place and group that is taken back.
    pub(super) fn taken_back(&self, window: usize, at: i64) -> Slot {
        // One of eight.
        let window = u8::try_from(window).unwrap_or(self.window);
        Slot { at, window, outcome: Outcome::Withdrawn, decided: Decided::Anytime, local: false, ..*self }
    }

    pub(super) fn regroup(&mut self, group: usize) {
        // One of five.
        self.group = u8::try_from(group).unwrap_or(self.group);
    }
}

/// All slots, in the order of submission.
pub(super) fn slots(rng: &mut impl Rng, ground: &Ground, scale: Scale) -> Result<Vec<Slot>, String> {
    let weights = weights(rng, ground);
    let mut slots = Vec::with_capacity(scale.of(WINDOWS.iter().map(|window| window.count).sum()));
    for (window, span) in WINDOWS.iter().enumerate() {
        for direct in spread(rng, ground, &weights, window, scale)? {
            let at = submission(rng, span.first, span.last);
            slots.push(Slot::new(direct, window, at, UNION_OFFICER, Outcome::Approved)?);
        }
    }
    if scale == Scale::Full {
        fine::climb(rng, ground, &mut slots)?;
    }
    slots.sort_by_key(|slot| slot.at);
    let fixed = ground.index_of(HUNG_YEN)?;
    let early = slots.iter_mut().filter(|slot| slot.direct() == fixed && slot.window < 2).enumerate();
    for (number, slot) in early {
        let by_then = number < scale.of(HUNG_YEN_APPROVED);
        slot.decided = if by_then { Decided::ByTheReport } else { Decided::AfterTheReport };
    }
    assign_groups(rng, ground, &mut slots, scale);
    if scale == Scale::Full {
        fine::enterprises(rng, ground, &mut slots)?;
        fine::local_union(rng, ground, &mut slots)?;
    }
    assign_outcomes(rng, &mut slots, scale);
    Ok(slots)
}

/// How active each direct unit is: its size, something of its own, and more if it was commended.
pub(super) fn weights(rng: &mut impl Rng, ground: &Ground) -> Vec<(usize, u32)> {
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
fn spread(
    rng: &mut impl Rng,
    ground: &Ground,
    weights: &[(usize, u32)],
    window: usize,
    scale: Scale,
) -> Result<Vec<usize>, String> {
    let wanted = scale.of(WINDOWS[window].count);
    let mut chosen = Vec::with_capacity(wanted);
    let mut open = weights.to_vec();
    for pinned in &PINNED {
        if let Some(&count) = pinned.counts.get(window) {
            let unit = ground.index_of(pinned.code)?;
            chosen.extend(std::iter::repeat_n(unit, scale.of(count)));
            open.retain(|(direct, _)| *direct != unit);
        }
    }
    while chosen.len() < wanted {
        let (direct, _) = open.choose_weighted(rng, |(_, weight)| *weight).map_err(|error| error.to_string())?;
        chosen.push(*direct);
    }
    Ok(chosen)
}

/// The group of those who work there.
pub(super) fn own_group(workplace: Workplace) -> usize {
    match workplace {
        Workplace::Service => PUBLIC_SERVICE_UNIT,
        Workplace::Enterprise => ENTERPRISE_WORKER,
        Workplace::Office => PARTY_STATE_BODY,
        Workplace::Union => UNION_OFFICER,
    }
}

/// Deals the groups of each phase: sector and corporation unions get the groups that they have, provinces the rest.
fn assign_groups(rng: &mut impl Rng, ground: &Ground, slots: &mut [Slot], scale: Scale) {
    for (phase, quota) in GROUPS.iter().enumerate() {
        let mut left = quota.map(|count| scale.of(count));
        let mut provincial = Vec::new();
        for slot in slots.iter_mut().filter(|slot| slot.phase() == phase) {
            let Some(branch) = branch(&ground.units[slot.direct()].code) else {
                provincial.push(slot);
                continue;
            };
            let own = own_group(branch.workplace);
            slot.regroup(if left[own] == 0 || rng.random_ratio(1, 6) { UNION_OFFICER } else { own });
            left[slot.group()] -= 1;
        }
        // The last group has no approvals, so it is dealt first, and not to those that are published as approved.
        provincial.shuffle(rng);
        provincial.sort_by_key(|slot| slot.decided != Decided::Anytime);
        let deck = left.iter().enumerate().flat_map(|(group, count)| std::iter::repeat_n(group, *count));
        let (rural, mut others): (Vec<usize>, Vec<usize>) = deck.partition(|group| *group == NEW_RURAL_MOVEMENT);
        others.shuffle(rng);
        for (slot, group) in provincial.into_iter().zip(rural.into_iter().chain(others)) {
            slot.regroup(group);
        }
    }
}

/// Deals the outcomes: what is open at the end was submitted late; what was refused, at any time.
fn assign_outcomes(rng: &mut impl Rng, slots: &mut [Slot], scale: Scale) {
    for class in &CLASSES {
        let (pending, returned, rejected) =
            (scale.of(class.pending), scale.of(class.returned), scale.of(class.rejected));
        let of_class = |slot: &Slot| class.groups.contains(&slot.group()) && slot.decided == Decided::Anytime;
        let mut members: Vec<usize> = (0..slots.len()).filter(|i| of_class(&slots[*i])).collect();
        let open = pending + returned;
        let late = members.split_off(members.len().saturating_sub(2 * open));
        let mut drawn = vec![false; late.len()];
        for (number, place) in index::sample(rng, late.len(), open).into_iter().enumerate() {
            drawn[place] = true;
            slots[late[place]].outcome = if number < pending { Outcome::Pending } else { Outcome::Returned };
        }
        members.extend(late.iter().zip(drawn).filter(|(_, drawn)| !drawn).map(|(slot, _)| *slot));
        for place in index::sample(rng, members.len(), rejected) {
            slots[members[place]].outcome = Outcome::Rejected;
        }
    }
}
