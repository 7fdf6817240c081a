//! Running a history: alone and at the same time, with comparisons in between.

use std::ops::Range;

use banyan::config::History as Kept;
use futures_util::future::join_all;
use serde_json::json;

use super::compare;
use super::history::Dice;
use super::instants::{DAYS, Past};
use super::model::Model;
use super::step::{Act, Deed, Step};
use crate::support::{Actor, Engine, Outcome, Reply, Setup, TestApp, run, wide};

/// When queued differences are folded; SQLite has no queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folding {
    AsTheyCome,
    Never,
    /// Now and then by the test, so that some are folded and later ones are not.
    Halfway,
}

#[test]
fn sqlite() {
    histories(Engine::Sqlite, Folding::AsTheyCome);
}

#[test]
fn postgres_folding() {
    histories(Engine::Postgres, Folding::AsTheyCome);
}

#[test]
fn postgres_unfolded() {
    histories(Engine::Postgres, Folding::Never);
}

#[test]
fn postgres_folded_halfway() {
    histories(Engine::Postgres, Folding::Halfway);
}

fn histories(engine: Engine, folding: Folding) {
    for seed in seeds() {
        // Shown where the test fails.
        println!("BANYAN_ORACLE_SEEDS={seed}..{}", seed + 1);
        let folder = folding == Folding::AsTheyCome;
        // So fine that a short history has marks in every grade.
        let kept = Kept { totals: 2, cells: 5, deep: 9 };
        let setup = Setup { folder, seed, limits: wide(), history: kept, ..Setup::default() };
        run(engine, setup, async |app: &TestApp| {
            let mut history = History::begin(app, seed).await;
            for (round, day) in DAYS.into_iter().enumerate() {
                if history.model.today != day {
                    app.set_clock(&format!("{day}T00:00:00+07:00"));
                    history.model.today = day;
                }
                history.alone(30).await;
                for _ in 0..4 {
                    history.at_the_same_time(8).await;
                }
                if folding == Folding::Halfway && round % 2 == 0 {
                    banyan::ledger::fold_all(&app.app).await.unwrap();
                }
                if folding != Folding::Never && round % 3 != 1 {
                    banyan::rollup::keep_up(&app.app).await.unwrap();
                }
                history.compare().await;
                history.remember().await;
                app.pass(1);
            }
            if folding == Folding::Never {
                banyan::ledger::fold_all(&app.app).await.unwrap();
                history.compare().await;
            }
            let report = banyan::check::check(&app.app, false, &()).await.unwrap();
            assert_eq!(report.problems, []);
        });
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("BANYAN_ORACLE_SEEDS") else { return 1..4 };
    let (from, to) = text.split_once("..").unwrap_or_else(|| panic!("BANYAN_ORACLE_SEEDS is {text}, not such as 5..9"));
    from.parse().unwrap()..to.parse().unwrap()
}

/// A model, and the people who do to the server what the model foretells.
pub struct History {
    pub model: Model,
    pub dice: Dice,
    pub actors: Vec<Actor>,
    pub ids: Vec<String>,
    pub pasts: Vec<Past>,
    pub cluster_version: i64,
    pub done: usize,
}

impl History {
    async fn send(&self, step: &Step) -> Reply {
        let (mutation, input, changed) = step.request(&self.model, &self.ids);
        self.actors[step.by].mutate(mutation, input, changed).await
    }

    async fn alone(&mut self, steps: usize) {
        for _ in 0..steps {
            let step = self.dice.step(&self.model);
            self.take(step).await;
        }
    }

    pub async fn take(&mut self, step: Step) {
        let expected = self.model.predict(&step);
        let reply = self.send(&step).await;
        self.settle(&step, &expected, &reply);
    }

    /// Holds the answer against what was expected, and remembers what was done.
    fn settle(&mut self, step: &Step, expected: &Outcome, reply: &Reply) {
        assert_eq!(&reply.outcome(), expected, "{step:?}: {}", reply.body);
        if *expected != Outcome::Done {
            return;
        }
        self.done += 1;
        self.model.apply(step, reply);
        if let Deed::Act { what, .. } = step.deed {
            let initiative = &self.model.initiatives[what];
            let payload = reply.at("").as_object().unwrap().values().next().unwrap();
            let now = json!({ "version": initiative.version, "state": initiative.state });
            assert_eq!(payload["initiative"], now, "{step:?}");
        }
        if matches!(step.deed, Deed::SetTarget { .. }) {
            self.dice.known_targets.push(reply.text("/targetSet/target/id").to_owned());
        }
    }

    /// Steps that do not depend on each other, all at once, and two people who decide on the same initiative as they saw it: one
    /// of them, and only one, has his way.
    async fn at_the_same_time(&mut self, steps: usize) {
        let rivals = self.rivals();
        let taken: Vec<usize> = rivals.iter().filter_map(what).collect();
        let steps = self.independent(steps, taken);
        let expected: Vec<Outcome> = steps.iter().map(|step| self.model.predict(step)).collect();
        let all: Vec<&Step> = rivals.iter().chain(&steps).collect();
        let mut replies = join_all(all.iter().map(|step| self.send(step))).await;
        let of_steps = replies.split_off(rivals.len());
        for ((step, expected), reply) in steps.iter().zip(&expected).zip(&of_steps) {
            self.settle(step, expected, reply);
        }
        let outcomes: Vec<Outcome> = replies.iter().map(Reply::outcome).collect();
        if let Some(winner) = outcomes.iter().position(|outcome| *outcome == Outcome::Done) {
            self.settle(&rivals[winner], &Outcome::Done, &replies[winner]);
            let loser = &outcomes[1 - winner];
            assert_eq!(loser, &Outcome::refused(&["STALE_VERSION"]), "{rivals:?}");
        } else {
            assert!(rivals.is_empty(), "nobody won: {rivals:?} {outcomes:?}");
        }
    }

    /// Two people, each of whom could act on the same version of an initiative; none where there is no such pair.
    fn rivals(&mut self) -> Vec<Step> {
        if self.model.initiatives.is_empty() {
            return Vec::new();
        }
        let mut first: Option<Step> = None;
        for _ in 0..300 {
            let step = self.dice.act(&self.model);
            if self.model.predict(&step) != Outcome::Done {
                continue;
            }
            match &first {
                None => first = Some(step),
                Some(one) if what(one) == what(&step) && one.by != step.by => return vec![one.clone(), step],
                Some(_) => {}
            }
        }
        Vec::new()
    }

    /// Steps of which none changes what becomes of another, with at most one among them that changes the tree.
    fn independent(&mut self, wanted: usize, mut taken: Vec<usize>) -> Vec<Step> {
        let tree = match self.dice.chance(50) {
            true => Some(self.dice.relocate(&self.model)),
            false => self.dice.chance(50).then(|| self.dice.found(&self.model)),
        };
        // What is sent in while its unit moves is reported by the one tree or the other.
        let moved = tree.as_ref().and_then(|step| match step.deed {
            Deed::Move { unit, .. } => Some(unit),
            _ => None,
        });
        let mut after = self.model.clone();
        if let Some(step) = tree.as_ref().filter(|step| self.model.predict(step) == Outcome::Done) {
            after.reshape(&step.deed);
        }
        let mut steps: Vec<Step> = tree.into_iter().collect();
        let mut cells = Vec::new();
        while steps.len() < wanted {
            let step = self.dice.step(&self.model);
            let free = match &step.deed {
                Deed::Found { .. } | Deed::Move { .. } | Deed::ClearTarget { .. } => false,
                Deed::SetTarget { cell, .. } => !cells.contains(cell),
                Deed::Draft(_) => true,
                Deed::Act { what, act, .. } => {
                    let unit = self.model.initiatives[*what].unit;
                    let moves = moved.is_some_and(|moved| self.model.is_in(unit, moved));
                    !(taken.contains(what) || moves && matches!(act, Act::Submit))
                }
            };
            if !free || self.model.predict(&step) != after.predict(&step) {
                continue;
            }
            taken.extend(what(&step));
            if let Deed::SetTarget { cell, .. } = step.deed {
                cells.push(cell);
            }
            steps.push(step);
        }
        steps
    }

    async fn compare(&mut self) {
        let mut differences = compare::units(&self.model, &self.actors[0], &mut self.dice).await;
        if !self.pasts.is_empty() {
            differences.extend(self.look_back().await);
        }
        differences.extend(compare::lists(&self.model, &self.actors, &mut self.dice).await);
        let n = differences.len();
        differences.truncate(8);
        assert!(n == 0, "{n} differences after {} steps:\n{}", self.done, differences.join("\n"));
    }
}

/// Which initiative a step is about.
fn what(step: &Step) -> Option<usize> {
    match step.deed {
        Deed::Act { what, .. } => Some(what),
        _ => None,
    }
}
