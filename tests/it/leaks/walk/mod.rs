//! The walk: generated queries over the whole schema, as everybody, compared field by field with the model. What a field shows to
//! whom is told by one rule (`rules`); a field without a rule fails, and so does one that no walk reached.
//!
//! `BANYAN_LEAKS_SEED=7` walks another federation by other queries.

mod cast;
mod data;
mod documents;
mod pages;
mod rules;
mod schema;
mod things;
mod walker;

use std::collections::BTreeSet;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::scene::Scene;
use crate::subscriptions::events::open;
use crate::support::{ROOT, Setup, both, wide};
use cast::Asker;
use data::Data;
use documents::{Generator, Pool, Selection, Width, document, is_page_field, subscription};
use schema::Schema;
use things::Thing;
use walker::Walks;

/// Fields that tell nobody anything in this federation, each with its reason.
const UNTOLD: &[(&str, &str)] = &[
    ("Subscription.initiativeChanged", "tells changes, not what stands: tests/it/access/subscriptions.rs"),
    ("Ranking.previousRank", "nothing is compared with another instant here: tests/it/instants.rs"),
    ("Ranking.change", "nothing is compared with another instant here: tests/it/instants.rs"),
];

both!(
    with Setup { limits: wide(), ..Setup::default() };
    async fn the_whole_schema_shows_what_the_rules_say(app: &TestApp) {
        let seed = std::env::var("BANYAN_LEAKS_SEED").map_or(1, |text| text.parse().unwrap());
        let mut scene = Scene::build(app, seed).await;
        let (askers, dead) = cast::assemble(app, &mut scene, seed).await;
        let data = Data::read(app, scene.world).await;
        let schema = Schema::of(&app.anonymous()).await;
        let mut walks = Walks::new(&schema, &data);
        every_field_has_a_rule(&schema, &walks);

        let pool = pool(&data);
        let mut generator = Generator::new(&schema, &pool, StdRng::seed_from_u64(seed));
        let mut queries = roots(&mut generator);
        let all: Vec<String> = data.things().iter().filter_map(Thing::id).collect();
        queries.extend(by_ids(&mut generator, &all));
        for (n, query) in queries.iter().enumerate() {
            everybody(&mut walks, &askers, query, &format!("query {n} of seed {seed}")).await;
        }
        // Whatever anybody has seen, everybody asks for.
        let known: BTreeSet<String> = all.into_iter().collect();
        let harvested: Vec<String> = walks.ids.keys().filter(|id| !known.contains(*id)).cloned().collect();
        assert!(!harvested.is_empty());
        let some: Vec<String> = harvested.choose_multiple(&mut generator.dice, 8).cloned().collect();
        let again = harvested.chunks(100).map(|ids| nodes(&mut generator, ids, 0));
        let mut again: Vec<Selection> = again.collect();
        again.push(nodes(&mut generator, &some, 2));
        for query in again {
            everybody(&mut walks, &askers, &[query], &format!("harvested ids of seed {seed}")).await;
        }
        for query in rollups(&mut generator) {
            streamed(&mut walks, &askers, &query, seed).await;
        }
        pages::turn(&walks, &askers, &pool).await;
        // A long document would be refused while it is still being sent.
        let short: Vec<String> = queries.iter().map(|query| document(&schema, query)).filter(|text| text.len() < 4_000).collect();
        for actor in &dead {
            for text in &short[..5] {
                let reply = actor.query(text, json!({})).await;
                assert_eq!((reply.status, reply.codes()), (401, vec!["UNAUTHENTICATED"]));
                assert!(reply.body.get("data").is_none());
            }
        }
        every_field_was_reached(&schema, &walks);
        println!("{} fields told something, {} values compared", walks.told.len(), walks.compared);
    }
);

async fn everybody(walks: &mut Walks<'_>, askers: &[Asker], query: &[Selection], what: &str) {
    let text = document(walks.schema, query);
    let replies = join_all(askers.iter().map(|asker| asker.actor.query(&text, json!({})))).await;
    for (asker, reply) in askers.iter().zip(replies) {
        let wrong = walks.compare(asker.viewer, &Thing::Query, query, &reply.body);
        assert!(wrong.is_empty(), "{what} for {}:\n{}\n{text}", asker.name, wrong.join("\n"));
    }
}

/// Subscriptions to roll-ups, whose first value comes at once.
fn rollups(generator: &mut Generator) -> Vec<[Selection; 1]> {
    let units: Vec<&String> = generator.pool.units.choose_multiple(&mut generator.dice, 2).collect();
    let pairs = [("CK", units[0].as_str()), ("NB", units[1]), ("RIENG", ROOT)];
    let of = |(programme, unit)| {
        [on(generator, "Subscription", "rollupChanged", json!({ "unit": unit, "programme": programme }), 1)]
    };
    pairs.map(of).into()
}

async fn streamed(walks: &mut Walks<'_>, askers: &[Asker], query: &[Selection], seed: u64) {
    let text = subscription(walks.schema, query);
    for asker in askers {
        let event = open(&asker.actor, &text, json!({})).await.next().await;
        let wrong = walks.compare(asker.viewer, &Thing::Subscription, query, &event);
        assert!(wrong.is_empty(), "a subscription of seed {seed} for {}:\n{}\n{text}", asker.name, wrong.join("\n"));
    }
}

fn pool(data: &Data) -> Pool {
    let mut units: Vec<String> = data.units.values().map(|row| row.code.clone()).collect();
    let mut initiatives: Vec<String> = data.initiatives.values().map(|row| row.code.clone()).collect();
    let mut accounts: Vec<String> = data.accounts.keys().map(|id| data::gid('a', *id)).collect();
    units.sort();
    initiatives.sort();
    accounts.sort();
    let clusters = data.world.clusters.iter().map(|cluster| cluster.code.clone()).collect();
    Pool { units, initiatives, accounts, clusters }
}

/// A root field with these arguments.
fn root(generator: &mut Generator, name: &str, arguments: Value, depth: u32) -> Selection {
    on(generator, "Query", name, arguments, depth)
}

fn on(generator: &mut Generator, of: &str, name: &str, arguments: Value, depth: u32) -> Selection {
    let schema = generator.schema;
    let field = schema.types[of].fields.iter().find(|field| field.name == name).unwrap();
    let Value::Object(arguments) = arguments else { unreachable!() };
    generator.selected(of, field, arguments, depth, if depth > 1 { Width::Whole } else { Width::Some })
}

fn nodes(generator: &mut Generator, ids: &[String], depth: u32) -> Selection {
    root(generator, "nodes", json!({ "ids": ids }), depth)
}

/// Queries from every root field; those that fail for somebody stand alone.
fn roots(generator: &mut Generator) -> Vec<Vec<Selection>> {
    let pool = generator.pool;
    let mut queries = Vec::new();
    queries.push(vec![root(generator, "viewer", json!({}), 3)]);
    let fields: Vec<_> = generator.schema.types["Query"].fields.clone();
    for field in fields.iter().filter(|field| field.ty.name.ends_with("Connection")) {
        for depth in [1, 1, 2] {
            queries.push(vec![generator.field("Query", field, depth, Width::Whole)]);
        }
    }
    for code in ["CK", "NB", "RIENG", "KHONG"] {
        queries.push(vec![root(generator, "programme", json!({ "code": code }), 2)]);
        queries.push(vec![root(generator, "initiatives", json!({ "programme": code, "first": 100 }), 0)]);
        let mut unit = root(generator, "unit", json!({ "code": pool.units[0] }), 0);
        unit.below.push(on(generator, "Unit", "initiatives", json!({ "programme": code, "first": 3 }), 0));
        let mut viewer = root(generator, "viewer", json!({}), 0);
        viewer.below.push(on(generator, "Viewer", "initiatives", json!({ "programme": code, "first": 3 }), 0));
        queries.extend([vec![unit], vec![viewer]]);
        let some = generator.dice.random_range(0..pool.units.len());
        for unit in [ROOT, &pool.units[some]] {
            let mut unit = root(generator, "unit", json!({ "code": unit }), 0);
            let mut rollup = on(generator, "Unit", "rollup", json!({ "programme": code }), 0);
            rollup.below.push(on(generator, "Rollup", "breakdown", json!({ "by": ["CHILD"] }), 1));
            unit.below.push(rollup);
            queries.push(vec![unit]);
        }
    }
    let some: Vec<&String> = pool.units.choose_multiple(&mut generator.dice, 3).collect();
    for code in some {
        queries.push(vec![root(generator, "unit", json!({ "code": code }), 2)]);
        for list in ["units", "initiatives"] {
            queries.push(vec![root(generator, list, json!({ "within": code, "first": 100 }), 0)]);
        }
        let mut viewer = root(generator, "viewer", json!({}), 0);
        viewer.below.push(on(generator, "Viewer", "awaitingDecision", json!({ "within": code, "last": 3 }), 0));
        queries.push(vec![viewer]);
    }
    let some: Vec<&String> = pool.initiatives.choose_multiple(&mut generator.dice, 4).collect();
    let mut records: Vec<Selection> =
        some.into_iter().map(|code| root(generator, "initiative", json!({ "code": code }), 2)).collect();
    for (root_field, code) in [("unit", "X1"), ("initiative", "X2")] {
        records.push(root(generator, root_field, json!({ "code": code }), 0));
    }
    queries.push(records);
    queries
}

/// Queries for every id that there is, and deep ones for some; several by `node`.
fn by_ids(generator: &mut Generator, all: &[String]) -> Vec<Vec<Selection>> {
    let mut queries: Vec<Vec<Selection>> = all.chunks(100).map(|ids| vec![nodes(generator, ids, 0)]).collect();
    for _ in 0..2 {
        let some: Vec<String> = all.choose_multiple(&mut generator.dice, 15).cloned().collect();
        queries.push(vec![nodes(generator, &some, 2)]);
        let garbled = "x".to_owned();
        let alone = some.iter().chain([&garbled]).map(|id| root(generator, "node", json!({ "id": id }), 0));
        queries.push(alone.collect());
    }
    queries
}

/// A new field is invisible until a rule says otherwise, and a rule of nothing is forgotten.
fn every_field_has_a_rule(schema: &Schema, walks: &Walks) {
    let fields = fields(schema);
    let missing: Vec<&String> = fields.iter().filter(|field| !walks.has_rule(field) && !is_page_field(field)).collect();
    let gone: Vec<_> = walks.ruled().filter(|rule| !fields.contains(**rule)).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a rule: {missing:?}; rules of nothing: {gone:?}");
}

fn every_field_was_reached(schema: &Schema, walks: &Walks) {
    let fields = fields(schema);
    let untold: BTreeSet<&str> = UNTOLD.iter().map(|(field, _)| *field).chain(rules::UNTOLD.iter().copied()).collect();
    let missing: Vec<_> =
        fields.iter().filter(|field| !walks.told.contains(*field) && !untold.contains(field.as_str())).collect();
    let told: Vec<_> = untold.iter().filter(|field| walks.told.contains(**field)).collect();
    assert!(missing.is_empty() && told.is_empty(), "told nobody anything: {missing:?}; reasons for nothing: {told:?}");
}

/// Every field of every type that reading and subscribing reach. What mutations answer is read under the same rules, and what they
/// alone answer (payloads, secrets shown once) goes to whoever did it: tests/it/access/writes.rs says who.
fn fields(schema: &Schema) -> BTreeSet<String> {
    let reached: BTreeSet<&str> =
        ["Query", "Subscription"].into_iter().flat_map(|root| schema.reachable(root)).collect();
    let objects = reached.into_iter().filter(|name| schema.types[*name].kind == "OBJECT");
    let fields = |name: &str| -> Vec<String> {
        schema.types[name].fields.iter().map(|field| format!("{name}.{}", field.name)).collect()
    };
    objects.flat_map(fields).collect()
}
