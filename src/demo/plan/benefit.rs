//! Money: what authors claim and what reviewers verify, in whole VND.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::programme::ENTERPRISE_WORKER;
use super::schedule::{Outcome, Slot};

/// One billion VND (tỷ đồng).
const BILLION: i64 = 1_000_000_000;
/// Amounts are multiples of it, and at least ten of it.
const STEP: i64 = 100_000;

/// What the verified benefit adds up to in each phase: over 10,000 tỷ in phase 1 (F052), over 33,000 tỷ in all (F040).
const TOTALS: [i64; 2] = [10_300 * BILLION, 22_900 * BILLION];

/// The largest ones of each phase: one over 500 tỷ (F041), several over 100 tỷ (F042).
const LARGEST: [&[i64]; 2] = [
    &[102_400_000_000, 118_000_000_000, 131_500_000_000, 147_200_000_000, 164_000_000_000, 238_700_000_000],
    &[
        104_300_000_000,
        109_900_000_000,
        123_000_000_000,
        139_600_000_000,
        155_000_000_000,
        186_200_000_000,
        271_800_000_000,
        512_600_000_000,
    ],
];

/// The other benefits: share in thousandths, smallest and largest.
const BANDS: [(u32, i64, i64); 6] = [
    (50, BILLION / 1_000, BILLION / 100),
    (250, BILLION / 100, BILLION / 10),
    (400, BILLION / 10, BILLION),
    (240, BILLION, 5 * BILLION),
    (55, 5 * BILLION, 20 * BILLION),
    (5, 20 * BILLION, 60 * BILLION),
];

/// The money of one initiative.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Benefit {
    /// Claimed, in VND; none when not computable.
    pub claimed: Option<i64>,
    /// Verified, in VND; none unless approved and computable.
    pub verified: Option<i64>,
}

/// The money of each slot; about one in twelve is not computable.
pub(super) fn benefits(rng: &mut impl Rng, slots: &[Slot]) -> Vec<Benefit> {
    let mut amounts: Vec<Option<i64>> = slots.iter().map(|slot| amount(rng, slot.group)).collect();
    for phase in 0..TOTALS.len() {
        let counts = |place: &usize| slots[*place].phase() == phase && slots[*place].outcome == Outcome::Approved;
        let mut approved: Vec<usize> =
            (0..slots.len()).filter(|place| counts(place) && amounts[*place].is_some()).collect();
        approved.shuffle(rng);
        approved.sort_by_key(|place| slots[*place].group != ENTERPRISE_WORKER);
        let others = approved.split_off(LARGEST[phase].len());
        let wanted = TOTALS[phase] - LARGEST[phase].iter().sum::<i64>();
        let drawn: i64 = others.iter().filter_map(|place| amounts[*place]).sum();
        for place in others {
            amounts[place] = amounts[place].map(|amount| scaled(amount, wanted, drawn));
        }
        for (place, amount) in approved.into_iter().zip(LARGEST[phase]) {
            amounts[place] = Some(*amount);
        }
    }
    slots.iter().zip(amounts).map(|(slot, amount)| benefit(rng, slot.outcome, amount)).collect()
}

/// One amount of the ordinary bands, larger in enterprises than elsewhere; none where it is not computable.
pub(super) fn amount(rng: &mut impl Rng, group: usize) -> Option<i64> {
    let enterprise = group == ENTERPRISE_WORKER;
    if rng.random_ratio(1, if enterprise { 25 } else { 9 }) {
        return None;
    }
    let (one, other) = (banded(rng), banded(rng));
    Some(if enterprise { one.max(other) } else { one.min(other) })
}

fn banded(rng: &mut impl Rng) -> i64 {
    let (_, least, most) = BANDS.choose_weighted(rng, |band| band.0).copied().unwrap_or(BANDS[0]);
    rng.random_range(least..most) / STEP * STEP
}

fn scaled(amount: i64, wanted: i64, drawn: i64) -> i64 {
    let exact = i128::from(amount) * i128::from(wanted) / i128::from(drawn.max(1));
    // Under 100 tỷ, whatever was drawn: those above it are given.
    up(i64::try_from(exact).unwrap_or(0).clamp(10 * STEP, 99 * BILLION))
}

/// Verified as the amount says; claimed the same or more, now and then less.
fn benefit(rng: &mut impl Rng, outcome: Outcome, amount: Option<i64>) -> Benefit {
    let percent = match rng.random_range(0..100) {
        0..58 => 100,
        58..93 => rng.random_range(102..=160),
        _ => rng.random_range(90..=99),
    };
    let claimed = amount.map(|amount| up(amount / 100 * percent));
    Benefit { claimed, verified: amount.filter(|_| outcome == Outcome::Approved) }
}

/// Rounded up to whole steps.
fn up(amount: i64) -> i64 {
    (amount + STEP - 1) / STEP * STEP
}
