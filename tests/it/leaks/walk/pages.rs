//! Connections from end to end, and with other people's cursors: a page shows nothing that the whole list does not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::cast::Asker;
use super::documents::Pool;
use super::rules;
use super::things::{Answer, Ask, Thing};
use super::walker::Walks;

/// Lists: the way to each, its owner, and its field.
fn lists(walks: &Walks, pool: &Pool) -> Vec<(String, Thing, String)> {
    let mut found = Vec::new();
    for (of, ty) in &walks.schema.types {
        for field in ty.fields.iter().filter(|field| field.ty.name.ends_with("Connection")) {
            match of.as_str() {
                "Query" => found.push((String::new(), Thing::Query, field.name.clone())),
                // What is behind a number hangs on arguments: the walk asks for it.
                "Rollup" => {}
                "Viewer" => found.push(("viewer".to_owned(), Thing::Viewer, field.name.clone())),
                _ => {
                    let mut all: Vec<Thing> =
                        walks.data.things().into_iter().filter(|thing| thing.ty() == of).collect();
                    // Of units the root, which holds the most.
                    let root =
                        |thing: &Thing| matches!(thing, Thing::Unit(id) if walks.data.units[id].parent_id.is_none());
                    let at = all.iter().position(root).unwrap_or(pool.units.len() % all.len());
                    let owner = all.swap_remove(at);
                    let way = format!("node(id: \"{}\") {{ ... on {of}", owner.id().unwrap());
                    found.push((way, owner, field.name.clone()));
                }
            }
        }
    }
    found
}

pub async fn turn(walks: &Walks<'_>, askers: &[Asker], pool: &Pool) {
    let rules = rules::all();
    for (way, owner, field) in lists(walks, pool) {
        // A board's programme is required.
        let programme = if field == "leaderboard" { json!({ "programme": "CK" }) } else { json!({}) };
        let Value::Object(arguments) = programme else { unreachable!() };
        let mut foreign = Value::Null;
        for asker in askers.iter().step_by(3) {
            let ask = Ask { data: walks.data, viewer: asker.viewer, thing: &owner, arguments: &arguments };
            let shows = match &owner {
                Thing::Query => true,
                Thing::Viewer => asker.viewer.person.is_some(),
                _ => rules::node(&ask, &owner.id().unwrap()).is_some(),
            };
            let expected: BTreeSet<String> = match rules[format!("{}.{field}", owner.ty()).as_str()](&ask) {
                Answer::Page(things) if shows => things.iter().map(Thing::tells).collect(),
                _ => BTreeSet::new(),
            };
            for (size, cursor, end, more) in
                [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
            {
                let (mut found, mut at) = (BTreeSet::new(), Value::Null);
                loop {
                    let page = page(asker, &way, &field, &arguments, [size, cursor], &at).await;
                    let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
                    for node in &nodes {
                        assert!(found.insert(tells(node)), "{way} {field} tells twice to {}: {node}", asker.name);
                    }
                    at = page["pageInfo"][end].clone();
                    if page["pageInfo"][more] != true || found.len() > expected.len() {
                        break;
                    }
                    if foreign.is_null() {
                        foreign = at.clone();
                    }
                }
                assert_eq!(found, expected, "{way} {field} by {size} for {}", asker.name);
            }
            let page = page(asker, &way, &field, &arguments, ["first", "after"], &foreign).await;
            let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
            let beyond: Vec<String> = nodes.iter().map(tells).filter(|node| !expected.contains(node)).collect();
            assert!(beyond.is_empty(), "{way} {field} after another's cursor shows {beyond:?} to {}", asker.name);
        }
    }
}

async fn page(
    asker: &Asker,
    way: &str,
    field: &str,
    arguments: &Map<String, Value>,
    [size, cursor]: [&str; 2],
    at: &Value,
) -> Value {
    let more: String = arguments.iter().map(|(name, value)| format!("{name}: {value}, ")).collect();
    let node = if field == "leaderboard" { "unit { id }" } else { "id" };
    let list = format!(
        "found: {field}({more}{size}: 40, {cursor}: $at) {{ nodes {{ {node} }}
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"
    );
    let open = way.matches('{').count();
    let text = match way {
        "" => format!("query($at: String) {{ {list} }}"),
        _ => format!("query($at: String) {{ way: {way} {{ {list} }} {} }}", "}".repeat(open)),
    };
    let reply = asker.actor.query(&text, json!({ "at": at })).await.ok();
    let data = &reply.body["data"];
    if way.is_empty() { data["found"].clone() } else { data["way"]["found"].clone() }
}

fn tells(node: &Value) -> String {
    node["id"].as_str().or(node["unit"]["id"].as_str()).unwrap().to_owned()
}
