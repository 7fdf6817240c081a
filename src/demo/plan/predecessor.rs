//! The programme of 2021, before the million. Published of it are the target (F001), what was sent in by April 2021 (F075), and Nghệ
//! An's part (F077). Its days, the order of the ten units that lead, and how many were found valid stand in press reports; all else is
//! inferred. Drawn from a stream of its own, so that nothing else depends on it; in the order of submission, and nothing is held
//! but what is left to be told.

use chrono::NaiveDate;
use rand::seq::{IndexedMutRandom, IndexedRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::authors::{Authors, Origin};
use super::benefit::Purse;
use super::calendar::{HOUR, day, day_of, hour, is_rest, midnight, plus};
use super::grassroots::branch;
use super::history::{Course, steps, withdrawal};
use super::initiatives::{Sent, record};
use super::people::Members;
use super::programme::{BLOCS, PlanPhase, PlanProgramme, groups};
use super::scale::Scale;
use super::schedule::{Outcome, own_group, weights};
use super::units::Ground;
use super::{PlanInitiative, PlanTarget};

/// Code of the programme.
pub const PREDECESSOR_CODE: &str = "75K-2021";

/// Which stream of the seed.
const STREAM: u64 = 2021;

/// Its one phase: the forty days for which the portal was open. The programme went on until the end of May; of what came then nothing
/// is published, and nothing is here.
static PHASES: [PlanPhase; 1] = [PlanPhase {
    code: "1",
    name: "Đợt cao điểm",
    entered_from: day(2021, 3, 10),
    entered_to: day(2021, 4, 20),
    applied_from: day(2020, 1, 1),
    applied_to: day(2021, 4, 20),
}];
const ENDS: NaiveDate = day(2021, 5, 31);

/// Its target (F001).
const TARGET: i32 = 75_000;
/// What was sent in and not taken back (F075).
const SUBMITTED: usize = 241_801;
/// What of it was found valid: here, approved. The rest is refused.
const APPROVED: usize = 162_491;
/// What is taken back, beyond.
const WITHDRAWN: usize = 2_400;
/// The units that lead, in their order; the first one's count is published (F077).
const LEADING: [(&str, usize); 10] = [
    ("P40", 25_621),
    ("P38", 21_000),
    ("S10", 17_000),
    ("P42", 14_200),
    ("P24", 12_400),
    ("P79", 10_600),
    ("P30", 9_200),
    ("P89", 8_100),
    ("P93", 7_200),
    ("P82", 6_500),
];
/// How often each group comes in the provinces: five in six were sent in from public bodies.
const GROUPS: [(usize, u32); 5] = [(0, 12), (1, 58), (2, 14), (3, 13), (4, 3)];

/// The programme with its phase, groups and blocs.
pub fn predecessor() -> PlanProgramme {
    PlanProgramme {
        code: PREDECESSOR_CODE,
        name: "75 nghìn sáng kiến, vượt khó, phát triển",
        name_en: "75 thousand initiatives",
        created_at: announced(),
        starts_on: PHASES[0].entered_from,
        plan_ends_on: ENDS,
        phases: &PHASES,
        groups: groups(),
        blocs: BLOCS,
    }
}

fn announced() -> i64 {
    midnight(day(2021, 2, 26)) + 9 * HOUR
}

/// How many initiatives it has.
pub(super) fn initiatives(scale: Scale) -> usize {
    scale.of(SUBMITTED) + scale.of(WITHDRAWN)
}

/// Its one target.
pub(super) fn targets(scale: Scale) -> Vec<PlanTarget> {
    vec![PlanTarget {
        unit: 0,
        kind: "GUIDELINE",
        phase: None,
        bloc: None,
        value: scale.target(TARGET),
        at_least: false,
        set_at: announced(),
    }]
}

/// The programme as it is being told.
pub(super) struct Predecessor {
    rng: ChaCha8Rng,
    purse: Purse,
    authors: Authors,
    /// For each direct unit how many count.
    shares: Vec<(usize, usize)>,
    /// What is left of them.
    open: Vec<(usize, usize)>,
    approved: usize,
    withdrawn: usize,
    /// The days that are still to come, with what is sent in then; the next one last.
    days: Vec<(NaiveDate, usize)>,
    /// The instants of the present day; the next one last.
    instants: Vec<i64>,
    left: usize,
}

impl Predecessor {
    pub(super) fn new(seed: u64, ground: &Ground, members: &Members, scale: Scale) -> Result<Predecessor, String> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(STREAM);
        let shares = shares(&mut rng, ground, scale)?;
        let authors = Authors::new(&mut rng, ground, members, vec![false; ground.units.len()]);
        Ok(Predecessor {
            rng,
            purse: Purse::of(scale),
            authors,
            open: shares.clone(),
            shares,
            approved: scale.of(APPROVED),
            withdrawn: scale.of(WITHDRAWN),
            days: days(initiatives(scale)),
            instants: Vec::new(),
            left: initiatives(scale),
        })
    }

    /// The next one in the order of submission.
    pub(super) fn next(&mut self, ground: &Ground, members: &Members) -> Option<PlanInitiative> {
        let at = self.instant()?;
        let outcome = self.outcome();
        let direct = self.direct(outcome)?;
        let Predecessor { rng, purse, authors, .. } = self;
        let group = match branch(&ground.units[direct].code) {
            Some(branch) => own_group(branch.workplace),
            None => GROUPS.choose_weighted(rng, |(_, share)| *share).map(|(group, _)| *group).ok()?,
        };
        let from = Origin { direct, group, local: false };
        let authors = authors.draw(rng, ground, members, from);
        let benefit = purse.benefit(rng, group, outcome);
        let steps = match outcome {
            // At the published instant it does not count any more.
            Outcome::Withdrawn => {
                withdrawal(rng, at, midnight(plus(PHASES[0].entered_to, 1).min(plus(day_of(at), 20))))
            }
            _ => {
                let course = Course { submitted_at: at, decision: None, outcome, closing: midnight(plus(ENDS, 1)) };
                steps(rng, &course, benefit)
            }
        };
        let sent = Sent { at, from, phase: 0, period: &PHASES[0] };
        Some(record(rng, (ground, members), sent, authors, benefit, steps))
    }

    fn instant(&mut self) -> Option<i64> {
        while self.instants.is_empty() {
            let (date, count) = self.days.pop()?;
            self.instants.extend((0..count).map(|_| hour(&mut self.rng, date)));
            self.instants.sort_unstable_by(|one, other| other.cmp(one));
        }
        self.instants.pop()
    }

    /// Drawn of those that are left, so that all come.
    fn outcome(&mut self) -> Outcome {
        let drawn = self.rng.random_range(0..self.left.max(1));
        self.left = self.left.saturating_sub(1);
        if drawn < self.approved {
            self.approved -= 1;
            return Outcome::Approved;
        }
        if drawn < self.approved + self.withdrawn {
            self.withdrawn -= 1;
            return Outcome::Withdrawn;
        }
        Outcome::Rejected
    }

    /// Where it is sent in. What is taken back takes nobody's place.
    fn direct(&mut self, outcome: Outcome) -> Option<usize> {
        if outcome == Outcome::Withdrawn {
            return self.shares.choose_weighted(&mut self.rng, |(_, count)| *count).map(|(direct, _)| *direct).ok();
        }
        let (direct, left) = self.open.choose_weighted_mut(&mut self.rng, |(_, left)| *left).ok()?;
        *left -= 1;
        Some(*direct)
    }
}

/// How many count for each direct unit: those that lead as given, the others by their size.
fn shares(rng: &mut impl Rng, ground: &Ground, scale: Scale) -> Result<Vec<(usize, usize)>, String> {
    let mut shares = Vec::with_capacity(ground.directs.len());
    for (code, count) in LEADING {
        shares.push((ground.index_of(code)?, scale.of(count)));
    }
    let leading: usize = shares.iter().map(|(_, count)| count).sum();
    let others: Vec<(usize, u32)> = weights(rng, ground)
        .into_iter()
        .filter(|(direct, _)| shares.iter().all(|(leading, _)| leading != direct))
        .collect();
    let dealt = dealt(scale.of(SUBMITTED) - leading, others.iter().map(|(_, weight)| *weight as usize));
    shares.extend(others.iter().map(|(direct, _)| *direct).zip(dealt));
    Ok(shares)
}

/// How many are sent in on each day: more and more, and few on weekends; the first day last.
fn days(count: usize) -> Vec<(NaiveDate, usize)> {
    let [PlanPhase { entered_from, entered_to, .. }] = PHASES;
    let dates: Vec<NaiveDate> = entered_from.iter_days().take_while(|date| *date <= entered_to).collect();
    let weights = dates.iter().enumerate().map(|(nth, date)| (2 * nth + 1) * if is_rest(*date) { 1 } else { 4 });
    let dealt = dealt(count, weights);
    dates.into_iter().zip(dealt).rev().collect()
}

/// The whole in parts by these weights, without a rest.
fn dealt(whole: usize, weights: impl Iterator<Item = usize> + Clone) -> Vec<usize> {
    let (sum, mut passed, mut given) = (weights.clone().sum::<usize>().max(1), 0, 0);
    let part = |weight| {
        passed += weight;
        let upto = whole * passed / sum;
        upto - std::mem::replace(&mut given, upto)
    };
    weights.map(part).collect()
}
