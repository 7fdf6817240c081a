//! The plan at full scale, told piece by piece: its quotas hold exactly.

use std::collections::HashMap;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::calendar::{closing, day, day_of, midnight};
use super::programme::{ENTERPRISE_WORKER, PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT, UNION_OFFICER};
use super::schedule::{Decided, Outcome, Slot, slots};
use super::units::ground;
use super::{PlanAction, Scale, Story};

/// What stands below a direct unit, and below everything under `""`, when an instant comes.
#[derive(Default)]
struct Count {
    submitted: HashMap<usize, i64>,
}

impl Count {
    fn of(&self, unit: usize) -> i64 {
        self.submitted.get(&unit).copied().unwrap_or(0)
    }

    fn all(&self) -> i64 {
        self.submitted.values().sum()
    }

    fn rank(&self, unit: usize) -> usize {
        1 + self.submitted.iter().filter(|(other, count)| **other != unit && **count > self.of(unit)).count()
    }
}

#[test]
fn the_full_schedule_has_the_published_counts() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let ground = ground(rng, Scale::Full).expect("the embedded tables read");
    let grassroots = ground.units.iter().filter(|unit| unit.kind == "GRASSROOTS_UNION").count();
    assert_eq!((grassroots, ground.directs.len()), (126_000, 83));
    let slots = slots(rng, &ground, Scale::Full).expect("a schedule");
    assert!(slots.is_sorted_by_key(|slot| slot.at));
    let unit = |code: &str| ground.index_of(code).expect("a unit");
    let (ha_noi, hung_yen) = (unit("P01"), unit("P33"));
    let count = |of: &dyn Fn(&Slot) -> bool| slots.iter().filter(|slot| of(slot)).count();
    let before = |slot: &Slot, year, month, date| slot.at < midnight(day(year, month, date));
    assert_eq!(count(&|slot| before(slot, 2022, 4, 13)), 133_112);
    assert_eq!(count(&|slot| before(slot, 2022, 6, 1)), 696_948);
    assert_eq!(count(&|slot| before(slot, 2022, 10, 3)), 998_560);
    assert_eq!(count(&|slot| before(slot, 2022, 10, 4)), 1_001_561);
    assert_eq!(count(&|slot| before(slot, 2023, 9, 1)), 2_433_663);
    assert_eq!(count(&|slot| slot.direct() == ha_noi && before(slot, 2022, 4, 13)), 15_175);
    assert_eq!(count(&|slot| slot.direct() == ha_noi && before(slot, 2023, 8, 4)), 130_569);
    assert_eq!(count(&|slot| slot.direct() == hung_yen && before(slot, 2022, 5, 11)), 1_260);
    assert_eq!(count(&|slot| slot.decided == Decided::ByTheReport), 588);
    for (group, wanted) in [(PUBLIC_SERVICE_UNIT, 380_656), (ENTERPRISE_WORKER, 168_921), (UNION_OFFICER, 110_976)] {
        assert_eq!(count(&|slot| slot.phase() == 0 && slot.group() == group), wanted);
    }
    let approved =
        |groups: &[usize]| count(&|slot| slot.outcome == Outcome::Approved && groups.contains(&slot.group()));
    assert_eq!(approved(&[PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT]), 955_824);
    assert_eq!((approved(&[ENTERPRISE_WORKER]), approved(&[UNION_OFFICER])), (732_120, 345_723));
    assert_eq!(count(&|slot| slot.outcome == Outcome::Approved), 2_033_667);
    assert_eq!(
        count(&|slot| slot.direct() == ha_noi && slot.group() == ENTERPRISE_WORKER && before(slot, 2022, 4, 13)),
        456
    );
    assert_eq!(count(&|slot| slot.local), 819);
}

/// All of it, to the last author and step: some minutes without optimisation, so by hand
/// (`cargo test --release --lib full_plan -- --ignored`).
#[test]
#[ignore = "tells 2.4 million initiatives: minutes without optimisation"]
fn the_full_plan_has_the_published_counts() {
    let mut story = Story::new(1, Scale::Full).expect("the embedded tables read");
    let code = |story: &Story, code: &str| story.units().iter().position(|unit| unit.code == code).expect("a unit");
    let (ha_noi, thanh_hoa, hung_yen) = (code(&story, "P01"), code(&story, "P38"), code(&story, "P33"));
    let local = code(&story, "P77-NGD");
    let grassroots = story.units().iter().filter(|unit| unit.kind == "GRASSROOTS_UNION").count();
    assert_eq!(grassroots, 126_000);
    assert!((126_500..128_500).contains(&story.units().len()), "{} units", story.units().len());
    let codes: std::collections::HashSet<&str> = story.units().iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes.len(), story.units().len());

    let instants = [
        midnight(day(2022, 3, 1)),
        midnight(day(2022, 4, 13)),
        midnight(day(2022, 5, 11)),
        midnight(day(2022, 6, 1)),
        midnight(day(2023, 8, 4)),
        closing(),
    ];
    let mut counts: Vec<Count> = instants.iter().map(|_| Count::default()).collect();
    let mut approved = [0; 5];
    let mut first_phase = [0; 5];
    let mut milestones: Vec<(i64, i64)> = Vec::new();
    let (mut early_enterprise, mut there, mut decided, mut told) = (0, 0, 0, 0);
    let (mut summer, mut end) = (vec![false; story.people()], vec![false; story.people()]);
    let mut verified = [0, 0];
    let expected = story.initiatives();
    while let Some(initiative) = story.next() {
        told += 1;
        let direct = story.direct(initiative.unit);
        let withdrawn = initiative.steps.iter().find(|step| step.action == PlanAction::Withdraw).map(|step| step.at);
        milestones.push((initiative.submitted_at, 1));
        milestones.extend(withdrawn.map(|at| (at, -1)));
        for (instant, count) in instants.iter().zip(&mut counts) {
            if initiative.submitted_at < *instant && withdrawn.is_none_or(|at| at >= *instant) {
                *count.submitted.entry(direct).or_default() += 1;
            }
        }
        let mut unit = Some(initiative.unit);
        while let Some(index) = unit {
            there += i32::from(index == local && withdrawn.is_none());
            unit = story.units()[index].parent;
        }
        let counts_at = |at: i64| initiative.submitted_at < at && withdrawn.is_none_or(|end| end >= at);
        early_enterprise += i32::from(
            direct == ha_noi && initiative.group == ENTERPRISE_WORKER && counts_at(midnight(day(2022, 4, 13))),
        );
        if direct == ha_noi {
            for (person, _) in &initiative.authors {
                summer[*person] |= counts_at(midnight(day(2023, 8, 4)));
                end[*person] |= counts_at(closing());
            }
        }
        first_phase[initiative.group] += i32::from(initiative.phase == 0 && withdrawn.is_none());
        if let Some(PlanAction::Approve { verified: money }) = initiative.steps.last().map(|step| &step.action) {
            approved[initiative.group] += 1;
            verified[initiative.phase] += money.unwrap_or(0);
            let at = initiative.steps.last().map_or(0, |step| step.at);
            decided += i32::from(direct == hung_yen && at < midnight(day(2022, 5, 11)));
        }
    }
    assert_eq!(told, expected);
    let [march, april, may, june, august, close] = &counts[..] else { panic!("six instants") };
    assert_eq!(march.rank(ha_noi), 10);
    assert_eq!((april.all(), april.of(ha_noi), april.rank(ha_noi), april.rank(thanh_hoa)), (133_112, 15_175, 2, 1));
    assert_eq!((may.of(hung_yen), decided), (1_260, 588));
    assert_eq!(june.all(), 696_948);
    assert_eq!((august.of(ha_noi), august.rank(ha_noi)), (130_569, 4));
    assert_eq!((close.all(), close.of(ha_noi), close.rank(ha_noi)), (2_433_663, 200_000, 2));
    assert_eq!(
        [first_phase[PUBLIC_SERVICE_UNIT], first_phase[ENTERPRISE_WORKER], first_phase[UNION_OFFICER]],
        [380_656, 168_921, 110_976]
    );
    assert_eq!(first_phase.iter().sum::<i32>(), 696_948);
    assert_eq!(approved[PARTY_STATE_BODY] + approved[PUBLIC_SERVICE_UNIT], 955_824);
    assert_eq!([approved[ENTERPRISE_WORKER], approved[UNION_OFFICER]], [732_120, 345_723]);
    assert_eq!(approved.iter().sum::<i32>(), 2_033_667);
    assert_eq!((early_enterprise, there), (456, 819));
    let of = |people: &[bool]| people.iter().filter(|person| **person).count();
    assert_eq!((of(&summer), of(&end)), (36_240, 40_000));
    assert!((10_000..10_900).contains(&(verified[0] / 1_000_000_000)), "{verified:?}");
    assert!((33_000..34_500).contains(&((verified[0] + verified[1]) / 1_000_000_000)), "{verified:?}");

    milestones.sort_unstable();
    for (wanted, date) in [(300_000, day(2022, 5, 11)), (1_000_000, day(2022, 10, 3))] {
        let mut total = 0;
        let reached = milestones.iter().find(|(_, change)| {
            total += change;
            total == wanted
        });
        assert_eq!(reached.map(|(at, _)| day_of(*at)), Some(date));
    }

    let (mut early, mut nghe_an, mut early_authors) = (0, 0, std::collections::HashSet::new());
    let p40 = code(&story, "P40");
    while let Some(initiative) = story.earlier() {
        if initiative.steps.iter().all(|step| step.action != PlanAction::Withdraw) {
            early += 1;
            nghe_an += i32::from(story.direct(initiative.unit) == p40);
            early_authors.extend(initiative.authors.iter().map(|(person, _)| *person));
        }
    }
    assert_eq!((early, nghe_an), (241_801, 25_621));
    // So many signed up.
    assert!(early_authors.len() < 281_554, "{}", early_authors.len());

    let targets = story.targets().expect("targets");
    let of = |unit: usize, kind: &str| {
        targets.iter().find(|t| (t.unit, t.kind, t.phase, t.bloc) == (unit, kind, None, None)).map(|t| t.value)
    };
    assert_eq!(
        (of(0, "GUIDELINE"), of(ha_noi, "GUIDELINE"), of(local, "GUIDELINE")),
        (Some(1_000_000), Some(60_000), Some(209))
    );
    assert_eq!((of(ha_noi, "REGISTERED"), of(hung_yen, "PLANNED")), (Some(130_000), Some(10_000)));
    assert!(targets.iter().all(|target| target.value > 0));
}
