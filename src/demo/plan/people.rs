//! Members: as many below each direct unit as its initiatives need, spread over its units by their kind.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::PlanPerson;
use super::quotas::{HA_NOI, HA_NOI_WAVES, MOST_ELSEWHERE};
use super::scale::Scale;
use super::schedule::Slot;
use super::units::{Ground, Workplace};

/// When a person may first write an initiative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Wave {
    /// From the beginning.
    First,
    /// In the last window only.
    Last,
    /// Never: a member without initiatives.
    Never,
}

/// A member; there are 700,000 of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    unit: u32,
    /// Whether the name may be shown outside the unit.
    pub consent: bool,
    pub wave: Wave,
}

impl Member {
    /// Index of the unit to which the person belongs.
    pub(super) fn unit(self) -> usize {
        // A count of units, so it fits.
        self.unit as usize
    }
}

/// Everyone, in the order of their units.
pub(super) struct Members(pub Vec<Member>);

impl Members {
    /// A member as the plan tells of him.
    pub(super) fn person(&self, index: usize) -> PlanPerson {
        let (member, number) = (self.0[index], index + 1);
        PlanPerson {
            unit: member.unit(),
            name: format!("Đoàn viên {number:05}"),
            email: format!("person{number:05}@example.org"),
            consent: member.consent,
        }
    }
}

/// Everyone.
pub(super) fn members(rng: &mut impl Rng, ground: &Ground, slots: &[Slot], scale: Scale) -> Result<Members, String> {
    let mut submitted = vec![0; ground.units.len()];
    for slot in slots {
        submitted[slot.direct()] += 1;
    }
    let mut homes: Vec<Vec<usize>> = vec![Vec::new(); ground.units.len()];
    for unit in (0..ground.units.len()).filter(|unit| ground.workplace[*unit].is_some()) {
        homes[ground.direct[unit]].push(unit);
    }
    let mut counts = vec![0; ground.units.len()];
    for &direct in &ground.directs {
        let homes = &homes[direct];
        let wanted = if ground.units[direct].code == HA_NOI {
            scale.of(HA_NOI_WAVES.0) + scale.of(HA_NOI_WAVES.1) + scale.of(HA_NOI_WAVES.2)
        } else {
            (submitted[direct] * 10 / 32).max(homes.len() * 5 / 4).min(scale.of(MOST_ELSEWHERE))
        };
        settle(rng, ground, homes, wanted, &mut counts);
    }
    let mut members = Vec::with_capacity(counts.iter().sum());
    for (unit, count) in counts.into_iter().enumerate() {
        let unit = u32::try_from(unit).map_err(|error| error.to_string())?;
        for _ in 0..count {
            members.push(Member { unit, consent: rng.random_ratio(7, 10), wave: Wave::First });
        }
    }
    waves(rng, ground, &mut members, scale);
    Ok(Members(members))
}

/// Puts one person into every unit, and the others where the initiatives come from.
fn settle(rng: &mut impl Rng, ground: &Ground, homes: &[usize], wanted: usize, counts: &mut [usize]) {
    for &home in homes {
        counts[home] += 1;
    }
    let of = |workplace| homes.iter().copied().filter(|home| ground.workplace[*home] == Some(workplace)).collect();
    let shares: [(Vec<usize>, u32); 3] =
        [(of(Workplace::Service), 45), (of(Workplace::Enterprise), 43), (of(Workplace::Office), 12)];
    for _ in homes.len()..wanted {
        let kind = shares.choose_weighted(rng, |(homes, share)| if homes.is_empty() { 0 } else { *share });
        if let Ok(home) = kind.map(|(homes, _)| homes.choose(rng)) {
            counts[*home.unwrap_or(&homes[0])] += 1;
        }
    }
}

fn waves(rng: &mut impl Rng, ground: &Ground, members: &mut [Member], scale: Scale) {
    let mut by_direct = vec![Vec::new(); ground.units.len()];
    for (person, of) in members.iter().enumerate() {
        by_direct[ground.direct[of.unit()]].push(person);
    }
    for &direct in &ground.directs {
        let crowd = &mut by_direct[direct];
        crowd.shuffle(rng);
        let (first, last) = if ground.units[direct].code == HA_NOI {
            (scale.of(HA_NOI_WAVES.0), scale.of(HA_NOI_WAVES.1))
        } else {
            ((crowd.len() * 9).div_ceil(10), crowd.len() * 3 / 100)
        };
        for (place, person) in crowd.iter().enumerate().skip(first) {
            members[*person].wave = if place < first + last { Wave::Last } else { Wave::Never };
        }
    }
}
