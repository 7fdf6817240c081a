//! Money: what authors claim and what reviewers verify, in whole VND.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::programme::ENTERPRISE_WORKER;
use super::scale::Scale;
use super::schedule::{Outcome, Slot};

/// One billion VND (tỷ đồng).
const BILLION: i64 = 1_000_000_000;

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

/// The other benefits at the small scale: share in thousandths, smallest and largest.
const BANDS: [(u32, i64, i64); 6] = [
    (50, BILLION / 1_000, BILLION / 100),
    (250, BILLION / 100, BILLION / 10),
    (400, BILLION / 10, BILLION),
    (240, BILLION, 5 * BILLION),
    (55, 5 * BILLION, 20 * BILLION),
    (5, 20 * BILLION, 60 * BILLION),
];

/// How large amounts are at a scale: a hundred times as many initiatives share the published sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purse {
    /// What the bands are divided by.
    divisor: i64,
    /// Amounts are multiples of it, and at least ten of it.
    step: i64,
}

impl Purse {
    pub(super) fn of(scale: Scale) -> Purse {
        match scale {
            Scale::Small => Purse { divisor: 1, step: 100_000 },
            Scale::Full => Purse { divisor: 100, step: 1_000 },
        }
    }

    /// One amount of the ordinary bands, larger in enterprises than elsewhere; none where it is not computable.
    pub(super) fn amount(self, rng: &mut impl Rng, group: usize) -> Option<i64> {
        let enterprise = group == ENTERPRISE_WORKER;
        if rng.random_ratio(1, if enterprise { 25 } else { 9 }) {
            return None;
        }
        let (one, other) = (self.banded(rng), self.banded(rng));
        Some(if enterprise { one.max(other) } else { one.min(other) })
    }

    /// The money of one initiative that is part of no published sum.
    pub(super) fn benefit(self, rng: &mut impl Rng, group: usize, outcome: Outcome) -> Benefit {
        let (amount, percent) = (self.amount(rng, group), percent(rng));
        self.of_amount(amount, percent, outcome)
    }

    /// Verified as the amount says; claimed the same or more, now and then less.
    fn of_amount(self, amount: Option<i64>, percent: u8, outcome: Outcome) -> Benefit {
        let claimed = amount.map(|amount| self.up(amount / 100 * i64::from(percent)));
        Benefit { claimed, verified: amount.filter(|_| outcome == Outcome::Approved) }
    }

    fn banded(self, rng: &mut impl Rng) -> i64 {
        let (_, least, most) = BANDS.choose_weighted(rng, |band| band.0).copied().unwrap_or(BANDS[0]);
        rng.random_range(least / self.divisor..most / self.divisor) / self.step * self.step
    }

    fn scaled(self, amount: i64, wanted: i64, drawn: i64) -> i64 {
        let exact = i128::from(amount) * i128::from(wanted) / i128::from(drawn.max(1));
        // Under 100 tỷ, whatever was drawn: those above it are given.
        self.up(i64::try_from(exact).unwrap_or(0).clamp(10 * self.step, 99 * BILLION))
    }

    /// Rounded up to whole steps.
    fn up(self, amount: i64) -> i64 {
        (amount + self.step - 1) / self.step * self.step
    }
}

/// The money of one initiative.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Benefit {
    /// Claimed, in VND; none when not computable.
    pub claimed: Option<i64>,
    /// Verified, in VND; none unless approved and computable.
    pub verified: Option<i64>,
}

/// The money of every slot, in nine bytes each; about one in twelve is not computable.
pub(super) struct Benefits {
    purse: Purse,
    /// As verified where approved; none is [`OPAQUE`].
    amounts: Vec<i64>,
    /// What is claimed, in hundredths of it.
    percents: Vec<u8>,
}

/// Stands for an amount that cannot be computed.
const OPAQUE: i64 = -1;

impl Benefits {
    pub(super) fn of(rng: &mut impl Rng, purse: Purse, slots: &[Slot]) -> Benefits {
        let mut amounts: Vec<i64> =
            slots.iter().map(|slot| purse.amount(rng, slot.group()).unwrap_or(OPAQUE)).collect();
        for phase in 0..TOTALS.len() {
            let counts = |place: &usize| slots[*place].phase() == phase && slots[*place].outcome == Outcome::Approved;
            let mut approved: Vec<usize> =
                (0..slots.len()).filter(|place| counts(place) && amounts[*place] != OPAQUE).collect();
            approved.shuffle(rng);
            approved.sort_by_key(|place| slots[*place].group() != ENTERPRISE_WORKER);
            let others = approved.split_off(LARGEST[phase].len());
            let wanted = TOTALS[phase] - LARGEST[phase].iter().sum::<i64>();
            let drawn: i64 = others.iter().map(|place| amounts[*place]).sum();
            for place in others {
                amounts[place] = purse.scaled(amounts[place], wanted, drawn);
            }
            for (place, amount) in approved.into_iter().zip(LARGEST[phase]) {
                amounts[place] = *amount;
            }
        }
        let percents = slots.iter().map(|_| percent(rng)).collect();
        Benefits { purse, amounts, percents }
    }

    pub(super) fn at(&self, place: usize, outcome: Outcome) -> Benefit {
        let amount = Some(self.amounts[place]).filter(|amount| *amount != OPAQUE);
        self.purse.of_amount(amount, self.percents[place], outcome)
    }
}

fn percent(rng: &mut impl Rng) -> u8 {
    let percent: i64 = match rng.random_range(0..100) {
        0..58 => 100,
        58..93 => rng.random_range(102..=160),
        _ => rng.random_range(90..=99),
    };
    u8::try_from(percent).unwrap_or(100)
}
