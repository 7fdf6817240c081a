//! A random federation: built through the API, remembered for the model.

use entity::enums::Role;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::model::{Cluster, Grant, Initiative, Nth, Person, Programme, Target, Unit, World};
use crate::access::{programme, sql};
use crate::support::{Actor, ROOT, TestApp};

pub struct Scene {
    pub world: World,
    /// One for each person of the world.
    pub actors: Vec<Actor>,
    /// Rows of API tokens, as they are made.
    pub known_tokens: Vec<i64>,
    dice: StdRng,
}

const WORDS: [&str; 4] = ["Thép", "May", "Cảng", "Than"];
const STATES: [&str; 7] = ["DRAFT", "SUBMITTED", "RETURNED", "APPROVED", "REJECTED", "WITHDRAWN", "REVOKED"];

/// People who stand there from the first: an admin, a reviewer and an operator of the root.
pub const TOP: Nth = 0;
pub const JUDGE: Nth = 1;
const OPERATOR: Nth = 2;

impl Scene {
    pub async fn build(app: &TestApp, seed: u64) -> Scene {
        let mut scene = Scene {
            world: World::default(),
            actors: Vec::new(),
            known_tokens: Vec::new(),
            dice: StdRng::seed_from_u64(seed),
        };
        let root = Unit { id: String::new(), code: ROOT.to_owned(), name: String::new(), parent: None };
        scene.world.units.push(root);
        for role in [Role::Admin, Role::Reviewer, Role::Operator] {
            scene.person(app, 0, &[(0, role)]).await;
        }
        scene.units().await;
        dress(app).await;
        scene.people(app).await;
        scene.programmes().await;
        for _ in 0..60 {
            scene.initiative().await;
        }
        scene.targets().await;
        scene.clusters().await;
        scene
    }

    fn unit(&mut self) -> Nth {
        self.dice.random_range(0..self.world.units.len())
    }

    async fn units(&mut self) {
        let top = self.actors[TOP].clone();
        let query = format!("{{ unit(code: \"{ROOT}\") {{ id name }} }}");
        let reply = top.query(&query, json!({})).await.ok();
        self.world.units[0].id = reply.text("/unit/id").to_owned();
        self.world.units[0].name = reply.text("/unit/name").to_owned();
        for n in 0..24 {
            let zones: Vec<Nth> =
                (1..self.world.units.len()).filter(|u| self.world.units[*u].code.starts_with('Z')).collect();
            let (letter, kind, parent) = match n {
                0..4 => ('P', "PROVINCIAL_FEDERATION", 0),
                4..9 => ('Z', "ZONE_UNION", self.dice.random_range(1..=4)),
                9..15 => ('G', "GRASSROOTS_UNION", self.dice.random_range(1..=4)),
                _ => ('G', "GRASSROOTS_UNION", *zones.choose(&mut self.dice).unwrap()),
            };
            let code = format!("{letter}{n:02}");
            let name = format!("{} {code}", WORDS.choose(&mut self.dice).unwrap());
            let input = json!({ "code": code, "name": name, "kind": kind, "parent": self.world.units[parent].code,
                                "establishedOn": "2001-02-03" });
            let reply = top.mutate("unitCreate", input, "unit { id }").await.done();
            let id = reply.text("/unitCreate/unit/id").to_owned();
            self.world.units.push(Unit { id, code, name, parent: Some(parent) });
        }
    }

    async fn people(&mut self, app: &TestApp) {
        const ROLES: [Role; 4] = [Role::Member, Role::Reviewer, Role::Analyst, Role::Admin];
        for n in 0..12 {
            let unit = self.unit();
            let mut grants = if n < 4 { vec![(unit, Role::Member)] } else { Vec::new() };
            for _ in 0..self.dice.random_range(0..3) {
                let grant = (self.unit(), *ROLES.choose(&mut self.dice).unwrap());
                if !grants.contains(&grant) {
                    grants.push(grant);
                }
            }
            self.person(app, unit, &grants).await;
        }
    }

    pub async fn person(&mut self, app: &TestApp, unit: Nth, grants: &[(Nth, Role)]) {
        let codes: Vec<(String, Role)> =
            grants.iter().map(|(unit, role)| (self.world.units[*unit].code.clone(), *role)).collect();
        let codes: Vec<(&str, Role)> = codes.iter().map(|(code, role)| (code.as_str(), *role)).collect();
        let actor = app.person(&self.world.units[unit].code, &codes).await;
        let (consent, email) = (self.dice.random_bool(0.3), format!("p{}@example.org", self.actors.len()));
        let id = banyan::graphql::account_id(actor.id()).unwrap();
        sql(
            app,
            &format!(
                "UPDATE account SET consent = {consent}, email = '{email}', phone = '+8491{:07}' WHERE id = {id}",
                self.actors.len()
            ),
        )
        .await;
        let reply = actor.query("{ viewer { grants { id role unit { code } } } }", json!({})).await.ok();
        let found = reply.list("/viewer/grants").iter().map(|grant| {
            let at = |(unit, role): &&(Nth, Role)| {
                grant["unit"]["code"] == self.world.units[*unit].code.as_str() && grant["role"] == name(*role)
            };
            let (unit, role) = *grants.iter().find(at).unwrap();
            Grant { id: grant["id"].as_str().unwrap().to_owned(), unit, role }
        });
        let grants: Vec<Grant> = found.collect();
        self.world.people.push(Person { id: actor.id().to_owned(), email, unit: Some(unit), consent, grants });
        self.actors.push(actor);
    }

    async fn programmes(&mut self) {
        let all = [
            ("CK", "PUBLIC", self.dice.random_range(0..2)),
            ("NB", "FEDERATION", self.dice.random_range(0..4)),
            ("RIENG", "SUBTREE", 2),
        ];
        for (code, visibility, level) in all {
            programme(&self.actors[OPERATOR], code, visibility, level).await;
            let reply =
                self.actors[TOP].query(&format!("{{ programme(code: \"{code}\") {{ id }} }}"), json!({})).await.ok();
            let id = reply.text("/programme/id").to_owned();
            self.world.programmes.push(Programme { id, code, visibility, level });
        }
    }

    async fn initiative(&mut self) {
        let members: Vec<(Nth, Nth)> = (0..self.world.people.len())
            .flat_map(|p| self.world.people[p].grants.iter().map(move |g| (p, g)))
            .filter(|(_, grant)| grant.role == Role::Member)
            .map(|(person, grant)| (person, grant.unit))
            .collect();
        let (author, top) = *members.choose(&mut self.dice).unwrap();
        let below: Vec<Nth> = (0..self.world.units.len()).filter(|unit| self.world.stands_in(*unit, top)).collect();
        let unit = *below.choose(&mut self.dice).unwrap();
        let programme = self.dice.random_range(0..self.world.programmes.len());
        let mut authors = vec![author];
        for _ in 0..self.dice.random_range(0..3) {
            let other = self.dice.random_range(0..self.world.people.len());
            // The judge decides, and nobody decides on his own.
            if other != JUDGE && !authors.contains(&other) {
                authors.push(other);
            }
        }
        let state = *STATES.choose(&mut self.dice).unwrap();
        let title = format!("Cải tiến {}", WORDS.choose(&mut self.dice).unwrap());
        let others: Vec<Value> =
            authors[1..].iter().map(|a| json!({ "account": self.world.people[*a].id, "share": 10 })).collect();
        let recognition = json!({ "number": "12/QĐ", "authority": "Giám đốc", "on": "2025-07-01" });
        let input = json!({ "programme": self.world.programmes[programme].code, "coAuthors": others, "title": title,
                            "summary": format!("Tóm tắt {state}"), "benefitNote": "Tính theo quý", "recognition": recognition });
        let mut sent = self.actors[author].draft(&self.world.units[unit].code, input).await;
        let mut by = vec![author];
        for (mutation, who, more) in steps(state) {
            let actor = if who { JUDGE } else { author };
            self.actors[actor].act(mutation, &sent, more).await.done();
            sent.version += 1;
            by.push(actor);
        }
        let query = "query($code: String!) { initiative(code: $code) { state events(first: 9) { nodes { id } } } }";
        let reply = self.actors[author].query(query, json!({ "code": sent.code })).await.ok();
        assert_eq!(reply.text("/initiative/state"), state);
        let events = reply.texts("/initiative/events/nodes", "id").into_iter().zip(by).collect();
        let (id, code) = (sent.id, sent.code);
        self.world.initiatives.push(Initiative { id, code, title, unit, programme, authors, state, events });
    }

    async fn targets(&mut self) {
        for unit in 0..self.world.units.len() {
            let programme = self.dice.random_range(0..self.world.programmes.len());
            let (phase, bloc) =
                if unit % 3 == 0 { (json!("1"), json!("ENTERPRISE")) } else { (Value::Null, Value::Null) };
            let input = json!({ "unit": self.world.units[unit].code, "programme": self.world.programmes[programme].code,
                                "kind": "REGISTERED", "value": 3, "phase": phase, "bloc": bloc });
            let reply = self.actors[TOP].mutate("targetSet", input, "target { id }").await.done();
            let id = reply.text("/targetSet/target/id").to_owned();
            self.world.targets.push(Target { id, unit, programme });
        }
    }
}

impl Scene {
    /// Clusters of the root over provinces and over anything, and one of a province over what stands below it; one has ended.
    async fn clusters(&mut self) {
        let all: Vec<Nth> = (1..self.world.units.len()).collect();
        let provinces = self.world.children(0);
        let province = *provinces.iter().max_by_key(|n| self.world.children(**n).len()).unwrap();
        let below = all.iter().copied().filter(|n| *n != province && self.world.stands_in(*n, province)).collect();
        for (code, owner, from) in
            [("C1", 0, provinces), ("C2", 0, all.clone()), ("C3", province, below), ("C4", 0, all)]
        {
            let members: Vec<Nth> = from.choose_multiple(&mut self.dice, 5).copied().collect();
            let mut input = json!({ "unit": self.world.units[owner].code, "code": code, "name": format!("Cụm {code}"),
                                    "members": members.iter().map(|n| &self.world.units[*n].code).collect::<Vec<_>>() });
            let reply = self.actors[TOP].mutate("clusterSet", input.clone(), "cluster { id }").await.done();
            let id = reply.text("/clusterSet/cluster/id").to_owned();
            let ended = code == "C4";
            if ended {
                input["version"] = json!(1);
                input["members"] = json!([]);
                self.actors[TOP].mutate("clusterSet", input, "cluster { id }").await.done();
            }
            let members = if ended { Vec::new() } else { members };
            self.world.clusters.push(Cluster { id, code: code.to_owned(), owner, members });
        }
    }
}

/// Whatever a unit can have that could be hidden, every unit has.
async fn dress(app: &TestApp) {
    let set = "name_en = 'Union ' || code, bloc = 'ENTERPRISE', sector = 'MAY', dissolved_on = '2026-01-31', \
               coordinator_id = (SELECT id FROM unit WHERE code = 'P02')";
    sql(app, &format!("UPDATE unit SET {set} WHERE parent_id IS NOT NULL")).await;
}

pub fn name(role: Role) -> String {
    sea_orm::ActiveEnum::to_value(&role)
}

/// What leads a draft to the state, and whether the judge does it.
fn steps(state: &str) -> Vec<(&'static str, bool, Value)> {
    let submit = ("initiativeSubmit", false, json!({}));
    let approve = ("initiativeApprove", true, json!({ "verifiedBenefit": 7 }));
    let refused = json!({ "reason": "NOT_NEW", "note": "Đã có từ trước" });
    match state {
        "DRAFT" => vec![],
        "SUBMITTED" => vec![submit],
        "RETURNED" => vec![submit, ("initiativeReturn", true, json!({ "note": "Sửa lại" }))],
        "APPROVED" => vec![submit, approve],
        "REJECTED" => vec![submit, ("initiativeReject", true, refused)],
        "WITHDRAWN" => vec![submit, ("initiativeWithdraw", false, json!({}))],
        _ => vec![submit, approve, ("initiativeRevoke", true, refused)],
    }
}
