//! Random reorganisations over random records, backdated and undone ones among them, held against the model through every lens.

use banyan::config::History as Kept;
use entity::enums::Role;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::deeds::{Deed, is_legal};
use super::model::{Initiative, Lens, Model, Past, Unit, children, is_alive, way_up};
use super::seeds::seeds;
use crate::support::{Actor, Engine, Outcome, ROOT, Sent, Setup, TestApp, run, wide};

const PHASES: [&str; 2] = ["1", "2"];
const GROUPS: [&str; 2] = ["A", "B"];

#[test]
fn sqlite() {
    histories(Engine::Sqlite, true);
}

#[test]
fn postgres() {
    histories(Engine::Postgres, true);
}

#[test]
fn postgres_unfolded() {
    histories(Engine::Postgres, false);
}

fn histories(engine: Engine, folder: bool) {
    for seed in seeds(1..4) {
        println!("BANYAN_REORGANISATION_SEEDS={seed}..{}", seed + 1);
        let history = Kept { totals: 2, cells: 5, deep: 9 };
        let setup = Setup { folder, seed, limits: wide(), history, ..Setup::default() };
        run(engine, setup, async |app: &TestApp| {
            let mut world = World::begin(app, seed).await;
            for round in 0..8 {
                for _ in 0..6 {
                    world.send_in().await;
                }
                for _ in 0..4 {
                    world.decide().await;
                }
                world.remember().await;
                app.pass(60);
                for _ in 0..3 {
                    world.reorganise().await;
                }
                if round % 3 == 1 {
                    world.undo().await;
                }
                if round % 2 == 0 {
                    banyan::rollup::keep_up(&app.app).await.unwrap();
                }
                world.compare(round).await;
                app.pass(60);
            }
            assert!(world.done > 8, "only {} reorganisations were done", world.done);
            banyan::ledger::fold_all(&app.app).await.unwrap();
            world.compare(99).await;
            let report = banyan::check::check(&app.app, false, &()).await.unwrap();
            assert_eq!(report.problems, []);
        });
    }
}

/// The last thing done, as it can be undone.
struct Done {
    plan: String,
    before: Model,
    records: usize,
}

struct World {
    model: Model,
    dice: StdRng,
    admin: Actor,
    reviewer: Actor,
    members: Vec<Actor>,
    sent: Vec<Sent>,
    pasts: Vec<Past>,
    last: Option<Done>,
    next: usize,
    done: usize,
}

impl World {
    async fn begin(app: &TestApp, seed: u64) -> World {
        app.programme().await;
        let admin = app.person(ROOT, &[(ROOT, Role::Admin), (ROOT, Role::Operator), (ROOT, Role::Analyst)]).await;
        let reviewer = app.reviewer_of(ROOT).await;
        let mut members = Vec::new();
        for _ in 0..5 {
            members.push(app.member_of(ROOT).await);
        }
        let mut world = World {
            model: Model::default(),
            dice: StdRng::seed_from_u64(seed),
            admin,
            reviewer,
            members,
            sent: Vec::new(),
            pasts: Vec::new(),
            last: None,
            next: 0,
            done: 0,
        };
        let root = Unit { code: ROOT.to_owned(), kind: "NATIONAL_CONFEDERATION", parent: None, seat: 0, of: None };
        world.model.tree.push(Some(root));
        for (kind, n) in [
            ("PROVINCIAL_FEDERATION", 3),
            ("DISTRICT_FEDERATION", 4),
            ("GRASSROOTS_UNION", 9),
            ("MEMBER_GRASSROOTS_UNION", 4),
        ] {
            for _ in 0..n {
                let tree = &world.model.tree;
                let parents: Vec<usize> = (0..tree.len())
                    .filter(|unit| super::deeds::legal(kind, tree[*unit].as_ref().unwrap().kind))
                    .collect();
                let parent = parents[world.dice.random_range(0..parents.len())];
                let code = world.code();
                let above = world.model.tree[parent].as_ref().unwrap().code.clone();
                app.plant(&[(&code, kind, &above)]).await;
                let seat = world.model.tree.len();
                world.model.tree.push(Some(Unit { code, kind, parent: Some(parent), seat, of: None }));
            }
        }
        world
    }

    fn code(&mut self) -> String {
        self.next += 1;
        format!("U{:02}", self.next)
    }

    fn index(&mut self, n: usize) -> usize {
        self.dice.random_range(0..n)
    }

    fn any_alive(&mut self) -> usize {
        loop {
            let unit = self.index(self.model.tree.len());
            if unit > 0 && is_alive(&self.model.tree, unit) {
                return unit;
            }
        }
    }

    async fn send_in(&mut self) {
        let (unit, by, other) = (self.any_alive(), self.index(5), self.index(5));
        let (phase, group) = (PHASES[self.index(2)], GROUPS[self.index(2)]);
        let claim = 1 + self.index(1_000) as i64;
        let mut authors = std::collections::BTreeSet::from([by]);
        let mut co_authors = json!([]);
        if other != by {
            authors.insert(other);
            co_authors = json!([{ "account": self.members[other].id(), "share": 20 }]);
        }
        let code = self.model.tree[unit].as_ref().unwrap().code.clone();
        let applied = if phase == "1" { "2025-06-15" } else { "2026-01-15" };
        let input = json!({ "phase": phase, "group": group, "claimedBenefit": claim.to_string(), "coAuthors": co_authors,
                            "appliedOn": applied });
        let sent = self.members[by].send_in(&code, input).await;
        let way = way_up(&self.model.tree, unit);
        self.model.initiatives.push(Initiative { unit, way, authors, phase, group, claim, approved: false });
        self.sent.push(sent);
    }

    async fn decide(&mut self) {
        let which = self.index(self.sent.len());
        if self.model.initiatives[which].approved {
            return;
        }
        let claim = self.model.initiatives[which].claim;
        let input = json!({ "verifiedBenefit": claim.to_string() });
        self.reviewer.act("initiativeApprove", &self.sent[which], input).await.done();
        self.sent[which].version += 1;
        self.model.initiatives[which].approved = true;
    }

    async fn remember(&mut self) {
        let document = "{ unit(code: \"TLD\") { rollup(programme: \"SK\") { asOf } } }";
        let at = self.admin.query(document, json!({})).await.ok().text("/unit/rollup/asOf").to_owned();
        let (initiatives, tree) = (self.model.initiatives.clone(), self.model.tree.clone());
        self.pasts.push(Past { at, initiatives, tree });
    }

    fn deed(&mut self) -> Deed {
        let alive = self.any_alive();
        match self.index(6) {
            0 => Deed::Move { unit: alive, parent: self.index(self.model.tree.len()) },
            1 => Deed::Merge { units: vec![alive], into: self.any_alive() },
            2 => {
                let mut units = vec![alive, self.any_alive()];
                units.dedup();
                Deed::Found { units, code: self.code() }
            }
            3 => Deed::Dissolve { unit: alive, into: self.index(self.model.tree.len()) },
            4 => {
                let below = children(&self.model.tree, alive);
                let some = below.into_iter().filter(|_| self.dice.random_range(0..2) == 0).collect();
                let mut own: Vec<(usize, String)> = Vec::new();
                for (i, initiative) in self.model.initiatives.iter().enumerate() {
                    if initiative.unit == alive && self.dice.random_range(0..2) == 0 {
                        own.push((i, self.sent[i].code.clone()));
                    }
                }
                Deed::Part { unit: alive, to: self.any_alive(), children: some, records: own }
            }
            _ => Deed::Recode { unit: alive, code: self.code() },
        }
    }

    /// Something that the model takes for legal, now or since some past; the server agrees, unless something has happened since.
    async fn reorganise(&mut self) {
        let deed = loop {
            let deed = self.deed();
            if is_legal(&deed, &self.model.tree) {
                break deed;
            }
        };
        let recodes = matches!(deed, Deed::Recode { .. });
        let backdated = !self.pasts.is_empty() && !recodes && self.index(4) == 0;
        let since = backdated.then(|| self.index(self.pasts.len()));
        let at = since.map(|past| self.pasts[past].at.clone());
        let before = self.model.clone();
        let (mutation, input) = deed.request(&self.model.tree, at.as_deref());
        let reply = self.admin.mutate(mutation, input, "unit { code }").await;
        if let (Some(_), Outcome::Refused(codes)) = (since, reply.outcome()) {
            assert_eq!(codes, ["OUT_OF_PERIOD"].map(str::to_owned).into_iter().collect(), "{deed:?}: {}", reply.body);
            return;
        }
        assert_eq!(reply.outcome(), Outcome::Done, "{deed:?} since {at:?}: {}", reply.body);
        self.done += 1;
        let made = self.model.tree.len();
        self.carve(&deed, made);
        deed.apply(&mut self.model.tree, made);
        self.model.lineage.extend(deed.lineage(made));
        let changed = since.map_or(0, |past| self.pasts.len() - past);
        for past in self.pasts.iter_mut().rev().take(changed) {
            deed.apply(&mut past.tree, made);
        }
        self.last = None;
        if !recodes && !matches!(deed, Deed::Move { .. }) {
            // The test's clock stands still: the newest is the one that was recorded last.
            let document = "{ reorganisations(first: 50) { nodes { code state appliedAt conservation { holds } } } }";
            let listed = self.admin.query(document, json!({})).await.ok();
            let plans = listed.list("/reorganisations/nodes").iter();
            let newest = plans.max_by_key(|plan| plan["appliedAt"].to_string()).unwrap();
            assert_eq!(newest["state"], "APPLIED");
            assert!(newest["conservation"].as_array().unwrap().iter().all(|statement| statement["holds"] == true));
            let plan = newest["code"].as_str().unwrap().to_owned();
            self.last = Some(Done { plan, records: before.initiatives.len(), before });
        }
    }

    /// Records that go somewhere by themselves are credited alike from now on, wherever that is.
    fn carve(&mut self, deed: &Deed, made: usize) {
        let Deed::Part { unit, records, .. } = deed else { return };
        if records.is_empty() {
            return;
        }
        super::deeds::carve(&mut self.model.tree, *unit, made);
        let came: Vec<usize> = self.model.lineage.iter().filter(|(_, to)| to == unit).map(|(from, _)| *from).collect();
        self.model.lineage.extend(came.into_iter().map(|from| (from, made)));
        records.iter().for_each(|(i, _)| self.model.initiatives[*i].unit = made);
        for past in &mut self.pasts {
            super::deeds::carve(&mut past.tree, *unit, made);
            for (i, _) in records {
                if let Some(initiative) = past.initiatives.get_mut(*i) {
                    initiative.unit = made;
                }
            }
        }
    }

    /// Takes the last one back, where nothing stands against it.
    async fn undo(&mut self) {
        let Some(last) = self.last.take() else { return };
        assert_eq!(last.records, self.model.initiatives.len());
        let input = json!({ "code": last.plan, "reason": "Thu hồi" });
        self.admin.mutate("reorganisationUndo", input, "reorganisation { state undoes { state } }").await.done();
        let made: Vec<Option<Unit>> = self.model.tree[last.before.tree.len()..].to_vec();
        let ended = |unit: Option<Unit>| unit.map(|unit| Unit { seat: unit.of.or(unit.parent).unwrap(), ..unit });
        self.model.tree = last.before.tree;
        self.model.tree.extend(made.into_iter().map(ended));
        let of_records = |to: usize| self.model.tree[to].as_ref().is_some_and(|unit| unit.of.is_some());
        self.model.lineage.retain(|pair| of_records(pair.1) || last.before.lineage.contains(pair));
    }

    async fn compare(&mut self, round: usize) {
        let mut differences = Vec::new();
        let mut instants: Vec<Option<usize>> = vec![None];
        instants.extend((0..2).map(|_| Some(self.index(self.pasts.len()))));
        for instant in instants {
            let tree = self.index(self.pasts.len());
            let as_of = instant.map(|past| format!(", asOf: \"{}\"", self.pasts[past].at)).unwrap_or_default();
            let then = format!(", structure: AT, structureAt: \"{}\"", self.pasts[tree].at);
            for (lens, structure) in [
                (Lens::Current, ""),
                (Lens::Reported, ", structure: AS_REPORTED"),
                (Lens::At(&self.pasts[tree].tree), then.as_str()),
            ] {
                let initiatives = instant.map_or(&self.model.initiatives, |past| &self.pasts[past].initiatives);
                differences.extend(self.look(initiatives, lens, &format!("{as_of}{structure}")).await);
            }
        }
        let n = differences.len();
        differences.truncate(10);
        assert!(n == 0, "{n} differences in round {round}:\n{}", differences.join("\n"));
    }

    /// Asks of every unit that there ever was.
    async fn look(&self, initiatives: &[Initiative], lens: Lens<'_>, view: &str) -> Vec<String> {
        const MEASURES: &str = "submitted approved participants claimedBenefit verifiedBenefit";
        let mut document = String::from("{");
        let units: Vec<(usize, &Unit)> =
            self.model.tree.iter().enumerate().filter_map(|(i, unit)| Some((i, unit.as_ref()?))).collect();
        let units: Vec<(usize, &Unit)> = units.into_iter().filter(|(_, unit)| unit.of.is_none()).collect();
        for (i, unit) in &units {
            let code = &unit.code;
            document += &format!(
                " u{i}: unit(code: \"{code}\") {{ a: rollup(programme: \"SK\"{view}) {{ {MEASURES} \
                 breakdown(by: [CHILD]) {{ unit {{ code }} {MEASURES} }} }} \
                 b: rollup(programme: \"SK\", slice: {{ phase: [\"1\"] }}{view}) {{ {MEASURES} }} \
                 c: rollup(programme: \"SK\", slice: {{ group: [\"B\"], phase: [\"2\"] }}{view}) {{ {MEASURES} }} \
                 r: ranking(programme: \"SK\", by: SUBMITTED{view}) {{ rank of amount }} }}"
            );
        }
        document += " }";
        let reply = self.admin.query(&document, json!({})).await.ok();
        let mut differences = Vec::new();
        for (i, unit) in units {
            // As reported, siblings are who was recorded as one by then: the model's past trees are as known today.
            if let Some(expected) = self.model.place_of(initiatives, i, lens) {
                let answered = reply.at(&format!("/u{i}/r"));
                if answered != &expected {
                    differences.push(format!("{} ranking{view}: {answered} expected {expected}", unit.code));
                }
            }
            let at = |alias: &str| {
                let mut answer = reply.at(&format!("/u{i}/{alias}")).clone();
                answer.as_object_mut().unwrap_or_else(|| panic!("{}: {}", unit.code, reply.body)).remove("breakdown");
                answer
            };
            let expected: [(&str, Value); 3] = [
                ("a", self.model.measures(initiatives, i, lens, |_| true)),
                ("b", self.model.measures(initiatives, i, lens, |one| one.phase == "1")),
                ("c", self.model.measures(initiatives, i, lens, |one| one.group == "B" && one.phase == "2")),
            ];
            for (alias, expected) in expected {
                if at(alias) != expected {
                    differences.push(format!("{} {alias}{view}: {} expected {expected}", unit.code, at(alias)));
                }
            }
            let mut parts: Vec<(Option<String>, Value)> = Vec::new();
            for part in reply.list(&format!("/u{i}/a/breakdown")) {
                let mut measures = part.clone();
                let child = measures.as_object_mut().unwrap().remove("unit").unwrap();
                if measures["submitted"] != json!(0) {
                    parts.push((child["code"].as_str().map(str::to_owned), measures));
                }
            }
            parts.sort_by(|a, b| a.0.cmp(&b.0));
            let expected = self.model.children(initiatives, i, lens);
            if parts != expected {
                differences.push(format!("{} by CHILD{view}: {parts:?} expected {expected:?}", unit.code));
            }
        }
        differences
    }
}
