//! What every history begins with: people, two programmes, some units.

use entity::enums::Role;
use serde_json::json;

use super::history::Dice;
use super::model::{Model, Person, Phase, Programme, Unit};
use super::run::History;
use super::step::{Deed, Step};
use crate::support::{ROOT, TestApp};

impl History {
    pub async fn begin(app: &TestApp, seed: u64) -> History {
        let mut history = History {
            model: Model { today: "2026-03-02", ..Model::default() },
            dice: Dice::new(seed),
            actors: Vec::new(),
            ids: Vec::new(),
            pasts: Vec::new(),
            cluster_version: 0,
            done: 0,
        };
        let root = Unit {
            code: ROOT.to_owned(),
            kind: "NATIONAL_CONFEDERATION".to_owned(),
            parent: None,
            bloc: None,
            sector: None,
        };
        history.model.units.push(root);
        history.open(app, vec![(0, Role::Admin), (0, Role::Operator), (0, Role::Analyst)]).await;
        history.open(app, vec![(0, Role::Reviewer)]).await;
        for programme in programmes() {
            let operator = &history.actors[0];
            operator.mutate("programmeCreate", programme_input(&programme), "programme { code }").await.done();
            history.model.programmes.push(programme);
        }
        history.plant().await;
        for _ in 0..14 {
            let grants = history.dice.grants(&history.model);
            history.open(app, grants).await;
        }
        history
    }

    async fn open(&mut self, app: &TestApp, grants: Vec<(usize, Role)>) {
        let codes: Vec<(&str, Role)> =
            grants.iter().map(|(unit, role)| (self.model.units[*unit].code.as_str(), *role)).collect();
        let actor = app.person(codes[0].0, &codes).await;
        self.ids.push(actor.id().to_owned());
        self.actors.push(actor);
        self.model.people.push(Person { grants });
    }

    /// Some units of the second level, and whatever stands below them.
    async fn plant(&mut self) {
        let second = ["PROVINCIAL_FEDERATION", "PROVINCIAL_FEDERATION", "CENTRAL_SECTOR_UNION", "CORPORATION_UNION"];
        for (i, kind) in second.into_iter().enumerate() {
            let deed = Deed::Found {
                code: format!("S{i}"),
                kind: kind.to_owned(),
                parent: 0,
                coordinator: None,
                bloc: None,
                sector: None,
            };
            self.take(Step { by: 0, deed }).await;
        }
        while self.model.units.len() < 26 {
            let step = Step { by: 0, ..self.dice.found(&self.model) };
            self.take(step).await;
        }
    }
}

/// Two programmes; the first has a phase that closes and one that opens in the middle of a history.
fn programmes() -> [Programme; 2] {
    let phase = |code, applied, entered| Phase { code, applied, entered };
    let ever = ["2025-01-01", "2026-12-31"];
    [
        Programme {
            code: "SK",
            phases: vec![
                phase("1", ["2025-01-01", "2025-12-31"], ["2026-01-01", "2026-04-01"]),
                phase("2", ever, ever),
                phase("3", ["2025-09-09", "2026-01-31"], ["2026-04-02", "2026-12-31"]),
            ],
            groups: vec!["A", "B", "C"],
            blocs: vec!["ENTERPRISE", "PUBLIC"],
        },
        Programme {
            code: "KHAC",
            phases: vec![phase("2", ever, ever), phase("1", ever, ever)],
            groups: vec!["Z", "A"],
            blocs: vec!["COOP", "ENTERPRISE"],
        },
    ]
}

fn programme_input(programme: &Programme) -> serde_json::Value {
    let phases = programme.phases.iter().map(|phase| {
        json!({ "code": phase.code, "name": phase.code, "appliedFrom": phase.applied[0], "appliedTo": phase.applied[1],
                "enteredFrom": phase.entered[0], "enteredTo": phase.entered[1] })
    });
    let public = programme.code == "SK";
    json!({
        "code": programme.code, "name": programme.code, "startsOn": "2025-01-01", "planEndsOn": "2026-12-31",
        "visibility": if public { "PUBLIC" } else { "SUBTREE" }, "publicLevel": if public { 1 } else { 4 },
        "phases": phases.collect::<Vec<_>>(), "blocs": programme.blocs,
        "groups": programme.groups.iter().map(|group| json!({ "code": group, "name": group })).collect::<Vec<_>>(),
    })
}
