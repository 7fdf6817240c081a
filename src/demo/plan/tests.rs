//! The plan against the published figures and against the rules that the loader relies on.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::calendar::{HOUR, closing, day, day_of, midnight};
use super::programme::{
    ENTERPRISE_WORKER, NEW_RURAL_MOVEMENT, PARTY_STATE_BODY, PHASES, PUBLIC_SERVICE_UNIT, UNION_OFFICER,
};
use super::{MERGED, MERGED_INTO, Plan, PlanAction, PlanInitiative, Scale, plan, predecessor, programme};

const BILLION: i64 = 1_000_000_000;
static PLAN: LazyLock<Plan> = LazyLock::new(|| plan(1, Scale::Small).expect("the embedded tables read"));

fn unit(code: &str) -> usize {
    PLAN.units.iter().position(|unit| unit.code == code).expect("a unit of the plan")
}

fn within(plan: &Plan, mut index: usize, above: usize) -> bool {
    while index != above {
        match plan.units[index].parent {
            Some(parent) => index = parent,
            None => return false,
        }
    }
    true
}

/// Whether it counts at the instant: submitted before, and not withdrawn before.
fn counts_at(initiative: &PlanInitiative, at: i64) -> bool {
    let withdrawn = initiative.steps.iter().any(|step| step.at < at && step.action == PlanAction::Withdraw);
    initiative.submitted_at < at && !withdrawn
}

fn submitted_at(at: i64) -> impl Iterator<Item = &'static PlanInitiative> {
    PLAN.initiatives.iter().filter(move |initiative| counts_at(initiative, at))
}

fn submitted_below(code: &str, at: i64) -> usize {
    let above = unit(code);
    submitted_at(at).filter(|initiative| within(&PLAN, initiative.unit, above)).count()
}

fn is_approved(initiative: &&PlanInitiative) -> bool {
    initiative.steps.last().is_some_and(|step| matches!(step.action, PlanAction::Approve { .. }))
}

fn verified(initiative: &PlanInitiative) -> Option<i64> {
    match initiative.steps.last()?.action {
        PlanAction::Approve { verified } => verified,
        _ => None,
    }
}

fn directs() -> impl Iterator<Item = usize> {
    (0..PLAN.units.len()).filter(|index| PLAN.units[*index].parent == Some(0))
}

#[test]
fn same_seed_same_plan() {
    assert_eq!(*PLAN, plan(1, Scale::Small).expect("a plan"));
    assert_ne!(*PLAN, plan(2, Scale::Small).expect("a plan"));
}

#[test]
fn every_link_is_legal() {
    let kinds = include_str!("../../../data/unit-kinds.csv");
    let mut reader = csv::Reader::from_reader(kinds.as_bytes());
    let rows: HashMap<String, [Vec<String>; 2]> = reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| (row[0].to_owned(), [3, 4].map(|column| row[column].split('|').map(str::to_owned).collect())))
        .collect();
    for (index, unit) in PLAN.units.iter().enumerate() {
        let [parents, coordinators] = &rows[unit.kind];
        match unit.parent {
            None => assert_eq!((index, unit.kind), (0, "NATIONAL_CONFEDERATION")),
            Some(parent) => {
                assert!(parent < index, "{} comes before its parent", unit.code);
                assert!(
                    parents.iter().any(|kind| kind == PLAN.units[parent].kind),
                    "{} has an illegal parent",
                    unit.code
                );
            }
        }
        if let Some(coordinator) = unit.coordinator {
            assert!(coordinators.iter().any(|kind| kind == PLAN.units[coordinator].kind), "{}", unit.code);
            assert_eq!(unit.sector, PLAN.units[coordinator].sector);
        }
    }
}

#[test]
fn codes_and_addresses_are_unique() {
    assert_eq!(PLAN.units.iter().map(|unit| &unit.code).collect::<HashSet<_>>().len(), PLAN.units.len());
    assert_eq!(PLAN.people.iter().map(|person| &person.email).collect::<HashSet<_>>().len(), PLAN.people.len());
}

#[test]
fn the_tree_has_the_real_units_first_and_grassroots_below() {
    assert_eq!(directs().count(), 83);
    assert_eq!(PLAN.units[788].code, "D973");
    assert!((2_400..=3_000).contains(&PLAN.units.len()), "{} units", PLAN.units.len());
    assert!((6_000..=8_000).contains(&PLAN.people.len()), "{} people", PLAN.people.len());
    for unit in &PLAN.units {
        let inner =
            !["GRASSROOTS_UNION", "MEMBER_GRASSROOTS_UNION", "DEPARTMENTAL_UNION", "UNION_TEAM"].contains(&unit.kind);
        assert_eq!(unit.bloc.is_none(), inner, "{}", unit.code);
    }
}

#[test]
fn submissions_come_out_as_published() {
    let seven = midnight(day(2022, 4, 13)) + 7 * HOUR;
    assert_eq!(submitted_at(seven).count(), 1_331);
    assert_eq!(submitted_below("P01", seven), 152);
    let better =
        |at| directs().filter(|unit| submitted_below(&PLAN.units[*unit].code, at) > submitted_below("P01", at)).count();
    assert_eq!(better(seven), 1);
    assert!(submitted_below("P38", seven) > 152);
    assert_eq!(submitted_at(midnight(day(2022, 6, 1))).count(), 6_969);
    let summer = midnight(day(2023, 8, 4));
    assert_eq!(submitted_below("P01", summer), 1_306);
    assert_eq!(better(summer), 3);
    assert_eq!(submitted_at(closing()).count(), 24_336);
    assert_eq!(submitted_below("P01", closing()), 2_000);
    assert_eq!(better(closing()), 1);
    assert_eq!(PLAN.initiatives.len(), 24_336 + 240);
}

#[test]
fn milestones_fall_on_their_days() {
    for (count, date) in [(3_000, day(2022, 5, 11)), (10_000, day(2022, 10, 3))] {
        let mut changes: Vec<(i64, i64)> = Vec::new();
        for initiative in &PLAN.initiatives {
            changes.push((initiative.submitted_at, 1));
            changes.extend(initiative.steps.iter().filter(|s| s.action == PlanAction::Withdraw).map(|s| (s.at, -1)));
        }
        changes.sort_unstable();
        let mut total = 0;
        let reached = changes.iter().find(|(_, change)| {
            total += change;
            total == count
        });
        assert_eq!(reached.map(|(at, _)| day_of(*at)), Some(date));
    }
}

#[test]
fn groups_come_out_as_published() {
    let first: Vec<_> = submitted_at(midnight(day(2022, 6, 1))).collect();
    let of = |group| first.iter().filter(|initiative| initiative.group == group).count();
    assert_eq!([of(PUBLIC_SERVICE_UNIT), of(ENTERPRISE_WORKER), of(UNION_OFFICER)], [3_807, 1_689, 1_110]);
    let approved: Vec<_> = PLAN.initiatives.iter().filter(is_approved).collect();
    let of = |groups: &[usize]| approved.iter().filter(|initiative| groups.contains(&initiative.group)).count();
    assert_eq!(of(&[PARTY_STATE_BODY, PUBLIC_SERVICE_UNIT]), 9_558);
    assert_eq!([of(&[ENTERPRISE_WORKER]), of(&[UNION_OFFICER]), of(&[NEW_RURAL_MOVEMENT])], [7_321, 3_458, 0]);
    assert_eq!(approved.len(), 20_337);
}

#[test]
fn hung_yen_stood_at_six_of_thirteen() {
    let (above, eve) = (unit("P33"), midnight(day(2022, 5, 11)));
    let here: Vec<_> = submitted_at(eve).filter(|initiative| within(&PLAN, initiative.unit, above)).collect();
    let decided = here.iter().filter(|initiative| initiative.steps.iter().any(|step| step.at < eve));
    assert_eq!((here.len(), decided.filter(|initiative| is_approved(initiative)).count()), (13, 6));
}

#[test]
fn participants_of_ha_noi_are_the_most() {
    let participants = |code, at| {
        let above = unit(code);
        let here = submitted_at(at).filter(|initiative| within(&PLAN, initiative.unit, above));
        here.flat_map(|initiative| initiative.authors.iter().map(|(person, _)| *person)).collect::<HashSet<_>>().len()
    };
    let summer = midnight(day(2023, 8, 4));
    assert_eq!((participants("P01", summer), participants("P01", closing())), (362, 400));
    let others = directs().map(|unit| PLAN.units[unit].code.as_str()).filter(|code| *code != "P01");
    assert!(others.map(|code| participants(code, closing())).all(|count| count < 362));
}

#[test]
fn benefit_comes_out_as_published() {
    let sum =
        |phase| PLAN.initiatives.iter().filter(|i| phase == 2 || i.phase == phase).filter_map(verified).sum::<i64>();
    assert!((10_000 * BILLION..10_500 * BILLION).contains(&sum(0)), "{}", sum(0));
    assert!((33_000 * BILLION..33_500 * BILLION).contains(&sum(2)), "{}", sum(2));
    let over = |least| PLAN.initiatives.iter().filter_map(verified).filter(|benefit| *benefit > least).count();
    assert_eq!((over(500 * BILLION), over(100 * BILLION), over(10_000 * BILLION)), (1, 14, 0));
    let largest = PLAN.initiatives.iter().filter_map(|initiative| initiative.claimed).max();
    assert!(largest < Some(10_000 * BILLION));
    for initiative in &PLAN.initiatives {
        assert_eq!(initiative.claimed.is_none(), initiative.not_computable);
        assert!(!initiative.not_computable || initiative.benefit_note.is_some());
        assert_eq!(verified(initiative).is_some(), is_approved(&initiative) && !initiative.not_computable);
    }
    let open = PLAN.initiatives.iter().filter(|initiative| initiative.not_computable).count();
    assert!((1_500..2_500).contains(&open), "{open} not computable");
}

#[test]
fn authors_are_there_and_share_everything() {
    let direct = |mut index: usize| {
        while let Some(parent) = PLAN.units[index].parent.filter(|parent| *parent != 0) {
            index = parent;
        }
        index
    };
    for initiative in PLAN.initiatives.iter().chain(&PLAN.earlier) {
        let people: HashSet<usize> = initiative.authors.iter().map(|(person, _)| *person).collect();
        assert_eq!(people.len(), initiative.authors.len());
        assert_eq!(initiative.authors.iter().map(|(_, share)| share).sum::<i32>(), 10_000);
        assert!(initiative.authors.iter().all(|(_, share)| *share > 0));
        assert_eq!(PLAN.people[initiative.authors[0].0].unit, initiative.unit);
        assert!(people.iter().all(|person| direct(PLAN.people[*person].unit) == direct(initiative.unit)));
    }
    let shared = PLAN.initiatives.iter().filter(|initiative| initiative.authors.len() > 1).count();
    assert!((2_400..4_200).contains(&shared), "{shared} with co-authors");
}

#[test]
fn every_step_follows_and_is_allowed() {
    let earlier = PLAN.earlier.iter().map(|initiative| (initiative, midnight(day(2021, 6, 1))));
    for (initiative, closing) in PLAN.initiatives.iter().map(|initiative| (initiative, closing())).chain(earlier) {
        let (mut at, mut state) = (initiative.submitted_at, "SUBMITTED");
        for step in &initiative.steps {
            assert!(at < step.at && step.at < closing);
            at = step.at;
            state = match (state, &step.action) {
                ("SUBMITTED", PlanAction::Return { note }) if !note.is_empty() => "RETURNED",
                ("RETURNED", PlanAction::Resubmit) => "SUBMITTED",
                ("SUBMITTED" | "RETURNED", PlanAction::Withdraw) => "WITHDRAWN",
                ("SUBMITTED", PlanAction::Approve { .. }) => "APPROVED",
                ("SUBMITTED", PlanAction::Reject { reason, note }) if *reason != "OTHER" || note.is_some() => {
                    "REJECTED"
                }
                (state, action) => panic!("{action:?} is not allowed in {state}"),
            };
        }
    }
}

#[test]
fn periods_are_respected() {
    for initiative in &PLAN.initiatives {
        let (phase, entered) = (&PHASES[initiative.phase], day_of(initiative.submitted_at));
        assert!((phase.entered_from..=phase.entered_to).contains(&entered));
        assert!((phase.applied_from..=phase.applied_to.min(entered)).contains(&initiative.applied_on));
    }
    assert!(PLAN.initiatives.is_sorted_by_key(|initiative| initiative.submitted_at));
    let programme = programme();
    assert_eq!((programme.starts_on, programme.plan_ends_on), (PHASES[0].entered_from, PHASES[1].entered_to));
}

#[test]
fn targets_come_out_as_published() {
    let of = |unit: usize, kind: &str| {
        PLAN.targets.iter().find(|t| (t.unit, t.kind, t.phase, t.bloc) == (unit, kind, None, None)).map(|t| t.value)
    };
    assert_eq!((of(0, "GUIDELINE"), of(unit("P01"), "GUIDELINE")), (Some(10_000), Some(600)));
    assert_eq!((of(unit("P01"), "REGISTERED"), of(unit("P33"), "PLANNED")), (Some(1_300), Some(100)));
    assert!((10_000..10_200).contains(&directs().filter_map(|unit| of(unit, "REGISTERED")).sum::<i32>()));
    let approved = |above| {
        let here = PLAN.initiatives.iter().filter(is_approved).filter(|i| within(&PLAN, i.unit, above));
        i32::try_from(here.count()).expect("a small count")
    };
    assert_eq!(
        directs().filter(|unit| of(*unit, "GUIDELINE").is_some_and(|target| approved(*unit) > target)).count(),
        59
    );
    assert_eq!(directs().filter_map(|unit| of(unit, "GUIDELINE")).count(), 83);
    // What ends before the last count is not among the 59, and what takes it in is.
    let over = |code: &str| of(unit(code), "GUIDELINE").is_some_and(|target| approved(unit(code)) > target);
    assert_eq!((over(MERGED), over(MERGED_INTO)), (false, true));
    let cells: HashSet<_> = PLAN.targets.iter().map(|t| (t.unit, t.kind, t.phase, t.bloc)).collect();
    assert_eq!(cells.len(), PLAN.targets.len());
    assert!(PLAN.targets.iter().all(|target| target.value > 0));
}

#[test]
fn titles_vary() {
    let titles: HashSet<&str> = PLAN.initiatives.iter().map(|initiative| initiative.title.as_str()).collect();
    assert!(titles.len() > 3_000, "{} titles", titles.len());
}

#[test]
fn other_seeds_give_the_same_figures() {
    for seed in [0, 7, 11, 2_023, u64::MAX] {
        let other = plan(seed, Scale::Small).expect("a plan");
        assert_eq!(other.initiatives.iter().filter(is_approved).count(), 20_337);
        assert_eq!(other.initiatives.len(), PLAN.initiatives.len());
        assert!(other.initiatives.iter().filter(is_approved).all(|initiative| initiative.group != NEW_RURAL_MOVEMENT));
    }
}

#[test]
fn the_programme_of_2021_comes_out_as_published_and_is_over() {
    let figure = midnight(day(2021, 5, 1));
    let here: Vec<_> = PLAN.earlier.iter().filter(|initiative| counts_at(initiative, figure)).collect();
    let below = |code| {
        let above = unit(code);
        here.iter().filter(|initiative| within(&PLAN, initiative.unit, above)).count()
    };
    assert_eq!((here.len(), below("P40"), PLAN.earlier.len()), (2_418, 256, 2_418 + 24));
    assert!(directs().filter(|unit| PLAN.units[*unit].code != "P40").all(|unit| below(&PLAN.units[unit].code) < 256));
    assert_eq!(PLAN.earlier.iter().filter(is_approved).count(), 1_625);
    let over = |initiative: &PlanInitiative| {
        matches!(
            initiative.steps.last().map(|step| &step.action),
            Some(PlanAction::Approve { .. } | PlanAction::Reject { .. } | PlanAction::Withdraw)
        )
    };
    assert!(PLAN.earlier.iter().all(over));
    let people = here.iter().flat_map(|initiative| initiative.authors.iter().map(|(person, _)| *person));
    assert!(people.collect::<HashSet<_>>().len() < 2_815);
    let programme = predecessor();
    for initiative in &PLAN.earlier {
        let (phase, entered) = (&programme.phases[initiative.phase], day_of(initiative.submitted_at));
        assert!((phase.entered_from..=phase.entered_to).contains(&entered));
        assert!((phase.applied_from..=phase.applied_to.min(entered)).contains(&initiative.applied_on));
    }
    assert!(PLAN.earlier.is_sorted_by_key(|initiative| initiative.submitted_at));
    let targets: Vec<_> = PLAN.earlier_targets.iter().map(|t| (t.unit, t.kind, t.phase, t.bloc, t.value)).collect();
    assert_eq!(targets, [(0, "GUIDELINE", None, None, 750)]);
}

/// What was there before the programme of 2021 is what it was, to the last letter.
#[test]
fn the_small_plan_stays_the_same_plan() {
    use sha2::Digest;
    let digest = |text: String| format!("{:x}", sha2::Sha256::digest(text));
    let Plan { units, people, targets, initiatives, earlier_targets, earlier } = &*PLAN;
    assert_eq!(
        digest(format!(
            "Plan {{ units: {units:?}, people: {people:?}, targets: {targets:?}, initiatives: {initiatives:?} }}"
        )),
        "8389e7df86ea49d344f220b9606f484c8ab629858667030483686e7cbddd7f59"
    );
    assert_eq!(
        digest(format!("{earlier_targets:?} {earlier:?}")),
        "bb99c74ebeddd88c84dfccfd1f5a3cc95f0cce6d21ce329155da70411cb756cf"
    );
}
