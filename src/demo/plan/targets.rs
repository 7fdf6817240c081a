//! Targets, set after the initiatives are known: 59 of the direct units end strictly over their guideline (F035), none of them the one
//! that ends before it is counted.

use rand::Rng;
use rand::seq::SliceRandom;

use super::PlanTarget;
use super::calendar::{HOUR, day, midnight, plus};
use super::people::Members;
use super::programme::{ENTERPRISE, PUBLIC};
use super::quotas::{HA_NOI, HUNG_YEN, MERGED, MERGED_INTO, fine};
use super::scale::Scale;
use super::schedule::{Outcome, Slot};
use super::units::Ground;

/// The programme's target (F023), and that of phase 1 (F022).
const NATIONAL: [(Option<usize>, i32); 2] = [(None, 1_000_000), (Some(0), 300_000)];
/// Hà Nội's guideline (F062).
const HA_NOI_GUIDELINE: i32 = 60_000;
/// Hà Nội's registered target (F006).
const HA_NOI_REGISTERED: i32 = 130_000;
/// Hà Nội's plan by phase and bloc, each "at least" (F016-F021).
const HA_NOI_PLANNED: [(Option<usize>, Option<&str>, i32); 6] = [
    (None, None, 130_000),
    (None, Some(ENTERPRISE), 100_000),
    (Some(0), Some(ENTERPRISE), 40_000),
    (Some(0), Some(PUBLIC), 12_000),
    (Some(1), Some(ENTERPRISE), 60_000),
    (Some(1), Some(PUBLIC), 18_000),
];
/// Hưng Yên's plan, at least (F071).
const HUNG_YEN_PLANNED: i32 = 10_000;
/// The direct units' registered targets add up to it: a bit over the programme's (F005).
const REGISTERED_TOTAL: i32 = 1_007_400;
/// The direct units' guidelines add up to about as much.
const GUIDELINE_TOTAL: i32 = 900_000;
/// So many direct units do not end over their guideline; the first of them ends exactly on it.
const NOT_OVER: usize = 24;

/// All targets.
pub(super) fn set(
    rng: &mut impl Rng,
    ground: &Ground,
    members: &Members,
    slots: &[Slot],
    scale: Scale,
) -> Result<Vec<PlanTarget>, String> {
    let announced = midnight(day(2021, 12, 20)) + 9 * HOUR;
    let cell = |unit, kind, value| PlanTarget {
        unit,
        kind,
        phase: None,
        bloc: None,
        value,
        at_least: false,
        set_at: announced,
    };
    let (ha_noi, hung_yen) = (ground.index_of(HA_NOI)?, ground.index_of(HUNG_YEN)?);
    let mut targets: Vec<PlanTarget> = Vec::new();
    for (phase, value) in NATIONAL {
        let set_at = midnight(day(2021, 12, 15)) + 8 * HOUR;
        targets.push(PlanTarget { phase, set_at, ..cell(0, "GUIDELINE", scale.target(value)) });
    }
    let merger = (ground.index_of(MERGED)?, ground.index_of(MERGED_INTO)?);
    let guidelines = guidelines(rng, ground, &approved(ground, slots), [ha_noi, hung_yen], merger, scale);
    targets.extend(guidelines.iter().map(|&(unit, value)| cell(unit, "GUIDELINE", value)));
    for (unit, value) in registered(rng, &guidelines, ha_noi, scale) {
        // Hà Nội was the first to register (F006).
        let after = if unit == ha_noi { 0 } else { rng.random_range(1..=25) };
        let set_at = midnight(plus(day(2021, 12, 21), after)) + rng.random_range(8 * HOUR..17 * HOUR);
        targets.push(PlanTarget { set_at, ..cell(unit, "REGISTERED", value) });
    }
    let planned = midnight(day(2022, 1, 10)) + 10 * HOUR;
    for (phase, bloc, value) in HA_NOI_PLANNED {
        let cell = cell(ha_noi, "PLANNED", scale.target(value));
        targets.push(PlanTarget { phase, bloc, at_least: true, set_at: planned, ..cell });
    }
    let least = scale.target(HUNG_YEN_PLANNED);
    targets.push(PlanTarget { at_least: true, set_at: planned, ..cell(hung_yen, "PLANNED", least) });
    let handed_down = midnight(day(2021, 12, 30)) + 9 * HOUR;
    for (unit, value) in below(ground, members, &guidelines, scale)? {
        targets.push(PlanTarget { set_at: handed_down, ..cell(unit, "GUIDELINE", value) });
    }
    Ok(targets)
}

/// Approved initiatives below each direct unit.
fn approved(ground: &Ground, slots: &[Slot]) -> Vec<i32> {
    let mut counts = vec![0; ground.units.len()];
    for slot in slots.iter().filter(|slot| slot.outcome == Outcome::Approved) {
        counts[slot.direct()] += 1;
    }
    counts
}

/// Guidelines of the direct units, in their order: small ones among those that stay below, so that the total is what
/// it should be. Of the merger the one that ends stays below, and the one that goes on does not.
fn guidelines(
    rng: &mut impl Rng,
    ground: &Ground,
    approved: &[i32],
    named: [usize; 2],
    (merged, into): (usize, usize),
    scale: Scale,
) -> Vec<(usize, i32)> {
    let ha_noi = scale.target(HA_NOI_GUIDELINE);
    let others = ground.directs.iter().copied().filter(|unit| !named.contains(unit) && ![merged, into].contains(unit));
    let mut small: Vec<usize> = others.collect();
    small.sort_by_key(|unit| approved[*unit]);
    small.truncate(NOT_OVER * 2);
    small.shuffle(rng);
    small.truncate(NOT_OVER - 1);
    small.push(merged);
    let missed: Vec<(usize, i32)> = small
        .iter()
        .enumerate()
        .map(|(place, &unit)| {
            let percent = if place == 0 { 100 } else { rng.random_range(103..=135) };
            (unit, (approved[unit] * percent + 99) / 100)
        })
        .collect();
    let over = |unit: &usize| *unit != named[0] && !small.contains(unit);
    let left = scale.target(GUIDELINE_TOTAL) - ha_noi - missed.iter().map(|(_, value)| value).sum::<i32>();
    let reached: i32 = ground.directs.iter().filter(|unit| over(unit)).map(|unit| approved[*unit]).sum();
    let percent = 100 * left / reached.max(1);
    let guideline = |&unit: &usize| {
        let value = if unit == named[0] {
            ha_noi
        } else if let Some((_, value)) = missed.iter().find(|(missed, _)| *missed == unit) {
            *value
        } else {
            let percent = (percent + rng.random_range(-8..=8)).clamp(5, 90);
            (approved[unit] * percent / 100).max(1)
        };
        (unit, value)
    };
    ground.directs.iter().map(guideline).collect()
}

/// Registered targets: at the guideline or somewhat above, Hà Nội's more than twice, with the total as published.
fn registered(rng: &mut impl Rng, guidelines: &[(usize, i32)], ha_noi: usize, scale: Scale) -> Vec<(usize, i32)> {
    let most = scale.target(HA_NOI_REGISTERED);
    let mut registered: Vec<(usize, i32)> = guidelines
        .iter()
        .map(|&(unit, value)| (unit, if unit == ha_noi { most } else { value * rng.random_range(100..=106) / 100 }))
        .collect();
    let mut missing = scale.target(REGISTERED_TOTAL) - registered.iter().map(|(_, value)| value).sum::<i32>();
    while missing != 0 {
        for (_, value) in registered.iter_mut().filter(|(unit, _)| *unit != ha_noi) {
            *value += missing.signum();
            missing -= missing.signum();
        }
    }
    registered
}

/// Nine tenths of a direct unit's guideline, handed down to the units below it by their members.
fn below(
    ground: &Ground,
    members: &Members,
    guidelines: &[(usize, i32)],
    scale: Scale,
) -> Result<Vec<(usize, i32)>, String> {
    let known = match scale {
        Scale::Small => ("", 0),
        Scale::Full => (fine::LOCAL_UNION, fine::TARGET_THERE),
    };
    let mut people = vec![0_i64; ground.units.len()];
    for member in &members.0 {
        let mut unit = Some(member.unit());
        while let Some(index) = unit {
            people[index] += 1;
            unit = ground.units[index].parent;
        }
    }
    let mut handed = Vec::new();
    for (index, unit) in ground.units.iter().enumerate() {
        let kind = ["DISTRICT_FEDERATION", "LOCAL_SECTOR_UNION", "ZONE_UNION"].contains(&unit.kind);
        let above = unit.parent.and_then(|parent| guidelines.iter().find(|(direct, _)| *direct == parent));
        if let (true, Some(&(direct, value))) = (kind, above) {
            let exact = i64::from(value) * people[index] * 9 / 10 / people[direct].max(1);
            let value = i32::try_from(exact.max(1)).map_err(|error| error.to_string())?;
            handed.push((index, if unit.code == known.0 { known.1 } else { value }));
        }
    }
    Ok(handed)
}
