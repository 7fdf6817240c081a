//! Who walks: everybody of the federation by everything that one can come in by; and who cannot come in any more.

use banyan::access::Roles;
use banyan::account::{NewToken, make};
use entity::enums::Role;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::Iterable;
use serde_json::json;

use super::super::model::{Grant, Nth, Pass, Person, Token, Viewer};
use super::super::scene::{JUDGE, Scene, TOP};
use super::data::{gid, raw};
use crate::access::sql;
use crate::support::{Actor, TestApp};

pub struct Asker {
    pub viewer: Viewer,
    pub actor: Actor,
    pub name: String,
}

/// Somebody of the scene whose account is erased: he is an author, and did things.
const ERASED: Nth = 3;

/// Adds to the scene whoever is no plain account, and answers who may ask (who sees everything first), and who may not.
pub async fn assemble(app: &TestApp, scene: &mut Scene, seed: u64) -> (Vec<Asker>, Vec<Actor>) {
    let mut dice = StdRng::seed_from_u64(seed ^ 0x70_6b);
    let unit = dice.random_range(0..scene.world.units.len());
    scene.person(app, unit, &[]).await;
    // A token of an account that is gone is gone too.
    let gone = app.api_token(&scene.actors[ERASED], Roles::ALL, None).await;
    erase(scene).await;
    // Somebody is refused, and somebody denied.
    let name = json!({ "unit": scene.world.units[1].code, "name": "" });
    for person in [TOP, JUDGE] {
        scene.actors[person].mutate("unitRename", name.clone(), "unit { id }").await;
    }
    sql(app, "UPDATE session SET name = 'Firefox'").await;
    sql(app, "UPDATE programme SET name_en = 'Programme ' || code").await;
    invite(app, scene, &mut dice).await;

    let mut askers = Vec::new();
    for (n, actor) in scene.actors.iter().enumerate().filter(|(n, _)| *n != ERASED) {
        askers.push(Asker { viewer: Viewer::of(n), actor: actor.clone(), name: format!("person {n}") });
    }
    askers.push(Asker { viewer: Viewer::NOBODY, actor: app.anonymous(), name: "nobody".to_owned() });
    let people: Vec<Nth> = (0..scene.actors.len()).filter(|n| *n != ERASED).collect();
    for n in 0..6 {
        let person = match n {
            0 => TOP,
            1 => JUDGE,
            _ => *people.choose(&mut dice).unwrap(),
        };
        let mut roles: Vec<Role> = Role::iter().filter(|_| dice.random_bool(0.6)).collect();
        if n < 2 {
            roles = Role::iter().collect();
        }
        let within = dice.random_bool(0.6).then(|| dice.random_range(0..scene.world.units.len()));
        askers.push(token(app, scene, person, roles, within).await);
    }
    for person in [people[4], people[6]] {
        let actor = whole_token(app, &scene.actors[person]).await;
        scene.known_tokens.push(newest(app, scene).await);
        let viewer = Viewer { person: Some(person), pass: Pass::CommandLine };
        askers.push(Asker { viewer, actor, name: format!("the command line's token of person {person}") });
    }
    let mut dead = vec![scene.actors[ERASED].clone(), gone];
    for set in ["revoked_at = 1", "expires_at = 1"] {
        let actor = app.api_token(&scene.actors[TOP], Roles::ALL, None).await;
        let id = newest(app, scene).await;
        assert_eq!(sql(app, &format!("UPDATE token SET {set} WHERE id = {id}")).await, 1);
        scene.known_tokens.push(id);
        dead.push(actor);
    }
    (askers, dead)
}

async fn erase(scene: &mut Scene) {
    let person = &scene.world.people[ERASED];
    let input = json!({ "id": person.id, "evenIfLast": true });
    scene.actors[TOP].mutate("accountErase", input, "id").await.done();
    let id = person.id.clone();
    scene.world.people[ERASED] = Person { id, email: String::new(), unit: None, consent: false, grants: Vec::new() };
}

/// Somebody who has not come yet: his account waits, with roles and addresses.
async fn invite(app: &TestApp, scene: &mut Scene, dice: &mut StdRng) {
    let unit = dice.random_range(0..scene.world.units.len());
    let input = json!({ "displayName": "Khách", "unit": scene.world.units[unit].code, "roles": ["MEMBER", "REVIEWER"],
                        "email": "khach@example.org", "phone": "0911222333" });
    let reply = scene.actors[TOP].mutate("accountInvite", input, "account { id }").await.done();
    let id = reply.text("/accountInvite/account/id").to_owned();
    let tx = app.app.store.read().await.unwrap();
    let rows = format!("SELECT * FROM role_grant WHERE account_id = {}", raw(&id));
    let rows: Vec<entity::role_grant::Model> = tx.all(tx.sql(rows)).await.unwrap();
    let grants = rows.iter().map(|row| Grant { id: gid('g', row.id), unit, role: row.role }).collect();
    let email = "khach@example.org".to_owned();
    scene.world.people.push(Person { id, email, unit: Some(unit), consent: false, grants });
}

async fn newest(app: &TestApp, scene: &Scene) -> i64 {
    let tx = app.app.store.read().await.unwrap();
    let all = tx.ids(tx.sql("SELECT id FROM token WHERE kind = 'API'")).await.unwrap();
    all.into_iter().find(|id| !scene.known_tokens.contains(id)).unwrap()
}

async fn token(app: &TestApp, scene: &mut Scene, person: Nth, roles: Vec<Role>, within: Option<Nth>) -> Asker {
    let unit = within.map(|unit| scene.world.units[unit].code.clone());
    let actor = app.api_token(&scene.actors[person], Roles::of(&roles), unit.as_deref()).await;
    let id = newest(app, scene).await;
    scene.known_tokens.push(id);
    let name = format!("a token of person {person} with {roles:?} within {unit:?}");
    scene.world.tokens.push(Token { id: gid('k', id), roles, within });
    let viewer = Viewer { person: Some(person), pass: Pass::Token(scene.world.tokens.len() - 1) };
    Asker { viewer, actor, name }
}

/// The token that the command line makes where it is told neither roles nor a unit.
pub async fn whole_token(app: &TestApp, of: &Actor) -> Actor {
    let account = raw(of.id());
    let tx = app.app.store.write().await.unwrap();
    let expires_at = app.app.now() + 24 * 3_600_000;
    let new = NewToken { account, name: "máy".to_owned(), roles: Roles::ALL, unit: None, made_by: None, expires_at };
    let (_, token) = make(&app.app, &tx, new).await.unwrap();
    tx.commit().await.unwrap();
    app.bearer(&token.secret)
}
