//! Plans of every kind, most of them wrong: what does not fit is told with its step and changes nothing, a try changes nothing at all, and
//! what fits keeps every number.

use std::collections::BTreeMap;

use entity::enums::Role;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::junk::{Known, Pool};
use super::seeds::seeds;
use crate::support::{Actor, Engine, Outcome, ROOT, Reply, Setup, TestApp, differences, run, wide};

/// Plans of a seed; the federation is a new one for each.
const PLANS: usize = 40;
/// What a plan itself, its line in the audit log and whoever signs in write.
const BESIDE: [&str; 6] = ["reorganisation", "audit_", "idempotency_key", "session", "token", "seaql_migrations"];

#[test]
fn sqlite() {
    plans(Engine::Sqlite);
}

#[test]
fn postgres() {
    plans(Engine::Postgres);
}

fn plans(engine: Engine) {
    let (mut applied, mut refused, mut undone) = (0, 0, 0);
    for seed in seeds(1..3) {
        println!("BANYAN_REORGANISATION_SEEDS={seed}..{}", seed + 1);
        let setup = Setup { folder: false, seed, limits: wide(), ..Setup::default() };
        run(engine, setup, async |app: &TestApp| {
            let mut world = World::begin(app, seed).await;
            for n in 0..PLANS {
                world.plan(n).await;
                app.pass(60);
            }
            applied += world.applied;
            refused += world.refused;
            undone += world.undone;
        });
    }
    println!("{applied} plans were applied, {undone} of them undone, {refused} refused");
    assert!(applied > 5 && refused > 5 && undone > 0, "{applied} applied, {undone} undone, {refused} refused");
}

struct World<'a> {
    app: &'a TestApp,
    dice: StdRng,
    admin: Actor,
    pool: Pool,
    /// Those that were applied and not taken back at once.
    plans: Vec<String>,
    applied: usize,
    refused: usize,
    undone: usize,
}

/// What is told of each unit.
type Numbers = BTreeMap<String, Value>;

impl World<'_> {
    async fn begin(app: &TestApp, seed: u64) -> World<'_> {
        app.programme().await;
        let mut dice = StdRng::seed_from_u64(seed);
        let admin = app.person(ROOT, &[(ROOT, Role::Admin), (ROOT, Role::Operator), (ROOT, Role::Analyst)]).await;
        let reviewer = app.reviewer_of(ROOT).await;
        let mut codes = vec![ROOT.to_owned()];
        for (kind, start, n, above) in [
            ("PROVINCIAL_FEDERATION", "P", 4, ""),
            ("DISTRICT_FEDERATION", "D", 4, "P"),
            ("GRASSROOTS_UNION", "G", 8, "PD"),
            ("MEMBER_GRASSROOTS_UNION", "M", 3, "G"),
        ] {
            for i in 0..n {
                let parents: Vec<&String> = codes
                    .iter()
                    .filter(|code| above.contains(&code[..1]) || (above.is_empty() && *code == ROOT))
                    .collect();
                let parent = parents[dice.random_range(0..parents.len())].clone();
                let code = format!("{start}{i}");
                app.plant(&[(&code, kind, &parent)]).await;
                codes.push(code);
            }
        }
        let mut members = Vec::new();
        for (n, code) in codes.iter().enumerate().skip(1).filter(|(n, _)| n % 2 == 0) {
            let member = app.member_of(code).await;
            let claim = json!({ "claimedBenefit": (n * 10).to_string(), "coAuthors": [] });
            let sent = member.send_in(code, claim).await;
            if n % 4 == 0 {
                reviewer.act("initiativeApprove", &sent, json!({ "verifiedBenefit": "9" })).await.done();
            }
            if n % 6 == 0 {
                member.draft(code, json!({})).await;
            }
            let kind = if n % 4 == 0 { "GUIDELINE" } else { "REGISTERED" };
            let target = json!({ "unit": code, "programme": "SK", "kind": kind, "value": n });
            admin.mutate("targetSet", target, "target { id }").await.done();
            members.push(member.id().to_owned());
        }
        let pool = Pool { members, ..Pool::default() };
        World { app, dice, admin, pool, plans: Vec::new(), applied: 0, refused: 0, undone: 0 }
    }

    /// One plan from its draft to its end.
    async fn plan(&mut self, n: usize) {
        self.know().await;
        let code = format!("PLAN-{n}");
        let steps = self.pool.steps(&mut self.dice, n);
        let effective = self.pool.instant(&mut self.dice);
        let input = json!({ "code": code, "unit": ROOT, "name": "Sắp xếp", "reason": "Nghị quyết", "effectiveAt": effective, "steps": steps });
        let what = format!("{code} of this seed, at {effective}: {}", json!(steps));
        let before = self.app.dump(&BESIDE).await;
        let drafted = self.admin.mutate("reorganisationDraft", input, "reorganisation { version }").await;
        self.same(&before, &what).await;
        if !self.is_done(&drafted, steps.len(), &what) {
            return;
        }
        let tried =
            self.admin.mutate("reorganisationDryRun", json!({ "code": code }), "reorganisation { version }").await;
        self.same(&before, &what).await;
        let fits = self.is_done(&tried, steps.len(), &what);
        let known: Vec<String> = self.pool.units.iter().map(|unit| unit.code.clone()).collect();
        let (reported, current) = (self.numbers(&known, true).await, self.numbers(&known, false).await);
        let input = json!({ "code": code, "version": 1 });
        let applied = self.admin.mutate("reorganisationApply", input, "reorganisation { version state }").await;
        if !fits {
            assert_eq!(applied.user_errors(), tried.user_errors(), "{what}: {}", applied.body);
            self.same(&before, &what).await;
            return;
        }
        assert_eq!(applied.outcome(), Outcome::Done, "{what}: {}", applied.body);
        if applied.at("/reorganisationApply/reorganisation/state") == "SCHEDULED" {
            self.same(&before, &what).await;
            let input = json!({ "code": code, "version": 2 });
            self.admin.mutate("reorganisationDiscard", input, "reorganisation { state }").await.done();
            return;
        }
        self.applied += 1;
        self.kept(&reported, &current, &what).await;
        match self.dice.random_range(0..6) {
            0 | 1 => self.undo(&code, &known, &reported, &current, &what).await,
            2 => self.undo_an_old_one(&what).await,
            _ => self.plans.push(code),
        }
    }

    /// One that others have come after. It may go or not; whatever was reported stays.
    async fn undo_an_old_one(&mut self, what: &str) {
        if self.plans.is_empty() {
            return;
        }
        let code = self.plans[self.dice.random_range(0..self.plans.len())].clone();
        self.know().await;
        let known: Vec<String> = self.pool.units.iter().map(|unit| unit.code.clone()).collect();
        let (reported, current) = (self.numbers(&known, true).await, self.numbers(&known, false).await);
        let reply = self.admin.mutate("reorganisationUndo", json!({ "code": code }), "reorganisation { code }").await;
        let told = format!("{code} undone after {what}: {}", reply.body);
        match reply.outcome() {
            Outcome::Done => self.undone += 1,
            Outcome::Failed(_) => panic!("{told}"),
            Outcome::Refused(_) => {}
        }
        self.kept(&reported, &current, &told).await;
    }

    /// What there is now, for the next plan.
    async fn know(&mut self) {
        let document = "{ units(first: 100) { nodes { code kind parent { code } } } }";
        let listed = self.admin.query(document, json!({})).await.ok();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let alive: Vec<Known> = listed
            .list("/units/nodes")
            .iter()
            .map(|unit| Known {
                code: text(&unit["code"]),
                kind: text(&unit["kind"]),
                parent: text(&unit["parent"]["code"]),
            })
            .collect();
        self.pool.now(alive);
    }

    async fn same(&self, before: &crate::support::Dump, what: &str) {
        let found = differences(before, &self.app.dump(&BESIDE).await);
        assert!(found.is_empty(), "{what}\nchanged: {found:#?}");
    }

    /// Done, or refused with faults that name steps or the plan's own fields.
    fn is_done(&mut self, reply: &Reply, steps: usize, what: &str) -> bool {
        match reply.outcome() {
            Outcome::Done => return true,
            Outcome::Failed(code) => assert_eq!(code, "BAD_USER_INPUT", "{what}: {}", reply.body),
            Outcome::Refused(_) => {
                for (code, field) in reply.user_errors() {
                    let own = ["effectiveAt", "reason", "steps", "parts"].contains(&field.as_str());
                    let place =
                        field.strip_prefix("steps.").and_then(|rest| rest.split('.').next()?.parse::<usize>().ok());
                    assert!(
                        own || place.is_some_and(|place| place < steps),
                        "{code} at {field}: {what}: {}",
                        reply.body
                    );
                }
            }
        }
        self.refused += 1;
        false
    }

    /// The units' places and numbers: as they were reported, or as they are credited now.
    async fn numbers(&self, codes: &[String], reported: bool) -> Numbers {
        const MEASURES: &str = "submitted pending approved participants claimedBenefit verifiedBenefit";
        let (place, structure) =
            if reported { ("id", ", structure: AS_REPORTED") } else { ("name kind parent { code } dissolvedOn", "") };
        let asked: String = codes
            .iter()
            .enumerate()
            .map(|(i, code)| {
                format!(
                    "u{i}: unit(code: \"{code}\") {{ {place} rollup(programme: \"SK\"{structure}) {{ {MEASURES} }} }} "
                )
            })
            .collect();
        let reply = self.admin.query(&format!("{{ {asked} }}"), json!({})).await.ok();
        codes.iter().enumerate().map(|(i, code)| (code.clone(), reply.at(&format!("/u{i}")).clone())).collect()
    }

    /// Whatever was done: what was reported is as it was, the root has what it had, and everything stored follows from the events.
    async fn kept(&self, reported: &Numbers, current: &Numbers, what: &str) {
        banyan::ledger::fold_all(&self.app.app).await.unwrap();
        let codes: Vec<String> = reported.keys().cloned().collect();
        assert_eq!(&self.numbers(&codes, true).await, reported, "as reported, {what}");
        let root = |numbers: &Numbers| numbers.get(ROOT).map(|root| root["rollup"].clone());
        assert_eq!(root(&self.numbers(&[ROOT.to_owned()], false).await), root(current), "the root, {what}");
        assert_eq!(banyan::check::check(&self.app.app, false, &()).await.unwrap().problems, [], "{what}");
    }

    /// Nothing has happened since: it goes, unless drafts or members have come to what the plan made.
    async fn undo(&mut self, code: &str, known: &[String], reported: &Numbers, current: &Numbers, what: &str) {
        let before = self.app.dump(&BESIDE).await;
        let input = json!({ "code": code, "reason": "Nhầm" });
        let reply = self.admin.mutate("reorganisationUndo", input, "reorganisation { code }").await;
        match reply.outcome() {
            Outcome::Done => {
                self.undone += 1;
                self.kept(reported, current, what).await;
                assert_eq!(&self.numbers(known, false).await, current, "undone: {what}");
            }
            outcome => {
                assert_eq!(outcome, Outcome::refused(&["ILLEGAL_STATE"]), "undoing {what}: {}", reply.body);
                self.same(&before, what).await;
            }
        }
    }
}
