//! Members: as many below each direct unit as its initiatives need, spread over its units by their kind.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::PlanPerson;
use super::quotas::HA_NOI;
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

/// Members, with their waves.
pub(super) struct Members {
    /// All people, in the order of their units.
    pub people: Vec<PlanPerson>,
    /// For each person the wave.
    pub wave: Vec<Wave>,
}

/// Hà Nội had the most participants: 362 by 3 August 2023 (F065), about 400 at the end (F066).
const HA_NOI_WAVES: (usize, usize, usize) = (362, 38, 30);
/// No other direct unit has as many.
const MOST_ELSEWHERE: usize = 350;

/// Everyone.
pub(super) fn members(rng: &mut impl Rng, ground: &Ground, slots: &[Slot]) -> Members {
    let mut submitted = vec![0; ground.units.len()];
    for slot in slots {
        submitted[slot.direct] += 1;
    }
    let mut counts = vec![0; ground.units.len()];
    for &direct in &ground.directs {
        let homes: Vec<usize> = (direct..ground.units.len())
            .filter(|u| ground.direct[*u] == direct && ground.workplace[*u].is_some())
            .collect();
        let wanted = if ground.units[direct].code == HA_NOI {
            HA_NOI_WAVES.0 + HA_NOI_WAVES.1 + HA_NOI_WAVES.2
        } else {
            (submitted[direct] * 10 / 32).max(homes.len() * 5 / 4).min(MOST_ELSEWHERE)
        };
        settle(rng, ground, &homes, wanted, &mut counts);
    }
    let mut people = Vec::new();
    for (unit, count) in counts.into_iter().enumerate() {
        for _ in 0..count {
            let number = people.len() + 1;
            people.push(PlanPerson {
                unit,
                name: format!("Đoàn viên {number:05}"),
                email: format!("person{number:05}@example.org"),
                consent: rng.random_ratio(7, 10),
            });
        }
    }
    let wave = waves(rng, ground, &people);
    Members { people, wave }
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

fn waves(rng: &mut impl Rng, ground: &Ground, people: &[PlanPerson]) -> Vec<Wave> {
    let mut wave = vec![Wave::First; people.len()];
    let mut by_direct = vec![Vec::new(); ground.units.len()];
    for (person, of) in people.iter().enumerate() {
        by_direct[ground.direct[of.unit]].push(person);
    }
    for &direct in &ground.directs {
        let crowd = &mut by_direct[direct];
        crowd.shuffle(rng);
        let (first, last) = if ground.units[direct].code == HA_NOI {
            (HA_NOI_WAVES.0, HA_NOI_WAVES.1)
        } else {
            ((crowd.len() * 9).div_ceil(10), crowd.len() * 3 / 100)
        };
        for (place, person) in crowd.iter().enumerate().skip(first) {
            wave[*person] = if place < first + last { Wave::Last } else { Wave::Never };
        }
    }
    wave
}
