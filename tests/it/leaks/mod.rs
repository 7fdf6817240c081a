//! Nothing leaks, and nothing is kept back: in a random federation everything that the server answers to each account is
//! compared with a model that knows the rules and nothing of the server, both ways.

mod model;
mod scene;
mod units;
mod walk;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Actor, both};
use model::{Aggregates, Viewer, World};
use scene::{Scene, TOP};

both!(
    async fn everybody_sees_what_the_rules_say(app: &TestApp) {
        // Another one is tried by naming it in the environment.
        let seed = std::env::var("BANYAN_LEAKS_SEED").map_or(1, |text| text.parse().unwrap());
        let scene = Scene::build(app, seed).await;
        let world = &scene.world;
        let rollups = harvest_rollups(world, &scene.actors[TOP]).await;
        let mut viewers: Vec<(Viewer, Actor)> =
            scene.actors.iter().cloned().enumerate().map(|(n, a)| (Viewer::of(n), a)).collect();
        viewers.push((Viewer::NOBODY, app.anonymous()));
        for (viewer, actor) in viewers {
            let who = format!("{:?} of seed {seed}", viewer.person);
            nodes(world, viewer, &actor, &rollups, &who).await;
            units::compare(world, viewer, &actor, &who).await;
            initiatives(world, viewer, &actor, &who).await;
            lists(world, viewer, &actor, &who).await;
        }
    }
);

/// Ids of the roll-ups of every unit in every programme, by somebody who sees them all.
async fn harvest_rollups(world: &World, top: &Actor) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (unit, row) in world.units.iter().enumerate() {
        for (programme, definition) in world.programmes.iter().enumerate() {
            let query =
                format!("{{ unit(code: \"{}\") {{ rollup(programme: \"{}\") {{ id }} }} }}", row.code, definition.code);
            let reply = top.query(&query, json!({})).await.ok();
            found.push((reply.text("/unit/rollup/id").to_owned(), unit, programme));
        }
    }
    found
}

/// Every id that exists, asked for at once and one by one.
async fn nodes(world: &World, viewer: Viewer, actor: &Actor, rollups: &[(String, usize, usize)], who: &str) {
    let mut all: Vec<(String, &str, bool)> = Vec::new();
    for (n, unit) in world.units.iter().enumerate() {
        all.push((unit.id.clone(), "Unit", world.exists(viewer, n)));
    }
    for (n, programme) in world.programmes.iter().enumerate() {
        all.push((programme.id.clone(), "Programme", world.sees_programme(viewer, n)));
    }
    for (n, person) in world.people.iter().enumerate() {
        all.push((person.id.clone(), "Account", world.opens(viewer, n)));
        for grant in &person.grants {
            all.push((grant.id.clone(), "Grant", world.sees_grant(viewer, n, grant)));
        }
    }
    for initiative in &world.initiatives {
        let reads = world.reads(viewer, initiative);
        all.push((initiative.id.clone(), "Initiative", reads));
        all.extend(initiative.events.iter().map(|(id, _)| (id.clone(), "InitiativeEvent", reads)));
    }
    let shown = |unit, programme| world.aggregates(viewer, unit, programme) != Aggregates::None;
    for target in &world.targets {
        all.push((target.id.clone(), "Target", shown(target.unit, target.programme)));
    }
    for (id, unit, programme) in rollups {
        all.push((id.clone(), "Rollup", shown(*unit, *programme)));
    }
    for chunk in all.chunks(100) {
        let ids: Vec<&str> = chunk.iter().map(|(id, ..)| id.as_str()).collect();
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let reply = actor.query(query, json!({ "ids": ids })).await.ok();
        for ((id, kind, shows), found) in chunk.iter().zip(reply.list("/nodes")) {
            let expected = if *shows { json!({ "__typename": kind, "id": id }) } else { Value::Null };
            assert_eq!(*found, expected, "{kind} {id} for {who}");
        }
    }
    // Alone an id answers as it does among others.
    for (id, kind, shows) in all.iter().step_by(17) {
        let reply = actor.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await.ok();
        assert_eq!(!reply.at("/node").is_null(), *shows, "{kind} {id} for {who}");
    }
}

/// Every initiative by its code: whether it shows, and whose names do.
async fn initiatives(world: &World, viewer: Viewer, actor: &Actor, who: &str) {
    let query = "query($code: String!) { initiative(code: $code) { state unit { code } authors { account { id email } }
        events(first: 9) { nodes { by { id } } } } initiatives(search: $code, first: 9) { totalCount nodes { code } } }";
    for initiative in &world.initiatives {
        let reply = actor.query(query, json!({ "code": initiative.code })).await.ok();
        let account = |person: usize| match (world.names(viewer, person), world.opens(viewer, person)) {
            (true, true) => json!({ "id": world.people[person].id, "email": world.people[person].email }),
            (true, false) => json!({ "id": world.people[person].id, "email": null }),
            _ => Value::Null,
        };
        let by = |person: usize| {
            if world.names(viewer, person) { json!({ "id": world.people[person].id }) } else { Value::Null }
        };
        let authors: Vec<Value> = initiative.authors.iter().map(|a| json!({ "account": account(*a) })).collect();
        let events: Vec<Value> = initiative.events.iter().map(|(_, person)| json!({ "by": by(*person) })).collect();
        let whole = json!({ "state": initiative.state, "unit": { "code": world.units[initiative.unit].code }, "authors": authors,
                            "events": { "nodes": events } });
        let reads = world.reads(viewer, initiative);
        assert_eq!(*reply.at("/initiative"), if reads { whole } else { Value::Null }, "{} for {who}", initiative.code);
        let found: Vec<Value> = if reads { vec![json!({ "code": initiative.code })] } else { vec![] };
        let found = json!({ "totalCount": found.len(), "nodes": found });
        assert_eq!(*reply.at("/initiatives"), found, "{} searched by {who}", initiative.code);
    }
}

/// The lists that hang on nothing, from end to end and by search.
async fn lists(world: &World, viewer: Viewer, actor: &Actor, who: &str) {
    let units = |wanted: &dyn Fn(usize) -> bool| -> BTreeSet<String> {
        let all = world.units.iter().enumerate();
        all.filter(|(n, _)| world.whole(viewer, *n) && wanted(*n)).map(|(_, unit)| unit.code.clone()).collect()
    };
    let records = |wanted: &dyn Fn(&model::Initiative) -> bool| -> BTreeSet<String> {
        let all = world.initiatives.iter().filter(|initiative| world.reads(viewer, initiative) && wanted(initiative));
        all.map(|initiative| initiative.code.clone()).collect()
    };
    let mine = |i: &model::Initiative| world.authored(viewer, i);
    let waits = |i: &model::Initiative| {
        i.state == "SUBMITTED" && world.covers(viewer, i.unit, &[entity::enums::Role::Reviewer]) && !mine(i)
    };
    let programmes = (0..world.programmes.len()).filter(|n| world.sees_programme(viewer, *n));
    let mut expected = vec![
        ("units", "", units(&|_| true)),
        ("units", "search: \"thep\"", units(&|n| world.units[n].name.contains("Thép"))),
        ("initiatives", "", records(&|_| true)),
        ("initiatives", "search: \"cang\", orderBy: TITLE_ASC", records(&|i| i.title.contains("Cảng"))),
        (
            "initiatives",
            "state: [APPROVED], programme: \"CK\"",
            records(&|i| i.state == "APPROVED" && i.programme == 0),
        ),
        ("programmes", "", programmes.map(|n| world.programmes[n].code.to_owned()).collect()),
    ];
    if viewer.person.is_some() {
        expected.push(("viewer/initiatives", "", records(&mine)));
        expected.push(("viewer/awaitingDecision", "", records(&waits)));
    }
    for (field, arguments, expected) in expected {
        let (found, total) = paged(actor, field, arguments).await;
        assert_eq!(found, expected, "{field} {arguments} for {who}");
        assert_eq!(total, expected.len(), "{field} {arguments} for {who}");
    }
    for (n, unit) in world.units.iter().enumerate().step_by(6) {
        let within = format!("within: \"{}\"", unit.code);
        if world.exists(viewer, n) {
            let (found, _) = paged(actor, "initiatives", &within).await;
            assert_eq!(found, records(&|i| world.stands_in(i.unit, n)), "{} for {who}", unit.code);
            let (found, _) = paged(actor, "units", &within).await;
            assert_eq!(found, units(&|below| world.stands_in(below, n)), "{} for {who}", unit.code);
        } else {
            let reply =
                actor.query(&format!("{{ initiatives({within}, first: 1) {{ totalCount }} }}"), json!({})).await;
            assert_eq!(reply.codes(), ["NOT_FOUND"], "{} for {who}", unit.code);
        }
    }
}

/// The codes in a connection, read seven at a time to its end, and its totalCount.
async fn paged(actor: &Actor, field: &str, arguments: &str) -> (BTreeSet<String>, usize) {
    let (above, field) = field.split_once('/').unwrap_or(("", field));
    let (open, close) = if above.is_empty() { (String::new(), "") } else { (format!("{above} {{ "), " }") };
    let query = format!(
        "query($after: String) {{ {open}{field}({arguments} first: 7, after: $after) {{ totalCount nodes {{ code }}
        pageInfo {{ hasNextPage endCursor }} }}{close} }}"
    );
    let at = if above.is_empty() { format!("/{field}") } else { format!("/{above}/{field}") };
    let (mut found, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let reply = actor.query(&query, json!({ "after": after })).await.ok();
        for code in reply.texts(&format!("{at}/nodes"), "code") {
            assert!(found.insert(code.clone()), "{code} stands twice in {field}");
        }
        after = reply.at(&format!("{at}/pageInfo/endCursor")).clone();
        if reply.at(&format!("{at}/pageInfo/hasNextPage")) == &json!(false) {
            return (found, reply.int(&format!("{at}/totalCount")) as usize);
        }
    }
}
