//! Every unit by its code, with everything that hangs on it.

use serde_json::{Value, json};

use super::model::{Aggregates, Viewer, World};
use super::scene::name;
use crate::support::Actor;

const UNIT: &str = "code name kind establishedOn viewerCan parent { code } ancestors { code }
    children(first: 99, orderBy: CODE_ASC) { totalCount nodes { code } }
    descendants(first: 99, orderBy: CODE_ASC) { totalCount nodes { code } }
    initiatives(first: 99, orderBy: TITLE_ASC) { totalCount nodes { code } }
    officers(first: 99) { totalCount nodes { role account { id } } }";

/// Compares what each unit answers with the model. One query for each, so that a failure names it.
pub async fn compare(world: &World, viewer: Viewer, actor: &Actor, who: &str) {
    let programmes: Vec<String> = world.programmes.iter().map(|programme| aggregates(programme.code)).collect();
    let query = format!("query($code: String!) {{ unit(code: $code) {{ {UNIT} {} }} }}", programmes.join(" "));
    for (n, unit) in world.units.iter().enumerate() {
        let reply = actor.query(&query, json!({ "code": unit.code })).await.ok();
        let mut found = reply.at("/unit").clone();
        let expected = if world.exists(viewer, n) { expected(world, viewer, n) } else { Value::Null };
        if let Some(unit) = found.as_object_mut() {
            sort_nodes(&mut unit["initiatives"]["nodes"]);
            sort_nodes(&mut unit["officers"]["nodes"]);
            for programme in &world.programmes {
                if let Some(parts) = unit[programme.code].get_mut("child") {
                    sort_nodes(parts);
                }
            }
        }
        assert_eq!(found.is_null(), expected.is_null(), "{} for {who}", unit.code);
        for (name, expected) in expected.as_object().into_iter().flatten() {
            assert_eq!(found[name], *expected, "{name} of {} for {who}", unit.code);
        }
    }
}

fn aggregates(code: &str) -> String {
    format!(
        "{code}: rollup(programme: \"{code}\") {{ submitted one: breakdown(by: [STATE]) {{ submitted }}
         two: breakdown(by: [PHASE, GROUP]) {{ submitted }} child: breakdown(by: [CHILD]) {{ submitted unit {{ code }} }} }}
         {code}_targets: targets(programme: \"{code}\") {{ id }}
         {code}_ranking: ranking(programme: \"{code}\") {{ of }}
         {code}_board: leaderboard(programme: \"{code}\", first: 99) {{ totalCount }}
         {code}_deep: leaderboard(programme: \"{code}\", depth: DESCENDANTS, first: 99) {{ totalCount }}"
    )
}

fn sort_nodes(nodes: &mut Value) {
    nodes.as_array_mut().unwrap().sort_by_key(Value::to_string);
}

fn connection(nodes: Vec<Value>) -> Value {
    json!({ "totalCount": nodes.len(), "nodes": nodes })
}

fn expected(world: &World, viewer: Viewer, n: usize) -> Value {
    let unit = &world.units[n];
    let code = |n: usize| json!({ "code": world.units[n].code });
    let mut by_code: Vec<usize> = (0..world.units.len()).collect();
    by_code.sort_by_key(|n| &world.units[*n].code);
    let listed =
        |wanted: &dyn Fn(usize) -> bool| connection(by_code.iter().copied().filter(|n| wanted(*n)).map(code).collect());
    let mut records: Vec<Value> = world
        .initiatives
        .iter()
        .filter(|initiative| world.stands_in(initiative.unit, n) && world.reads(viewer, initiative))
        .map(|initiative| json!({ "code": initiative.code }))
        .collect();
    records.sort_by_key(Value::to_string);
    let mut officers: Vec<Value> = Vec::new();
    for (holder, person) in world.people.iter().enumerate() {
        let here = person.grants.iter().filter(|grant| grant.unit == n && world.sees_grant(viewer, holder, grant));
        officers.extend(here.map(|grant| json!({ "role": name(grant.role), "account": { "id": person.id } })));
    }
    officers.sort_by_key(Value::to_string);
    let mut above: Vec<usize> = world.way_up(n)[1..].to_vec();
    above.reverse();
    let mut found = json!({
        "code": unit.code, "name": unit.name,
        "establishedOn": if world.whole(viewer, n) && n > 0 { json!("2001-02-03") } else { Value::Null },
        "viewerCan": world.unit_actions(viewer, n),
        // What stands above a unit that exists for somebody exists for him.
        "parent": unit.parent.map_or(Value::Null, code),
        "ancestors": above.into_iter().map(code).collect::<Vec<_>>(),
        "children": listed(&|child| world.units[child].parent == Some(n) && world.exists(viewer, child)),
        "descendants": listed(&|below| below != n && world.stands_in(below, n) && world.whole(viewer, below)),
        "initiatives": connection(records), "officers": connection(officers),
    });
    for programme in 0..world.programmes.len() {
        add_aggregates(world, viewer, n, programme, &mut found);
    }
    found
}

fn add_aggregates(world: &World, viewer: Viewer, n: usize, programme: usize, found: &mut Value) {
    let code = world.programmes[programme].code;
    let shown = world.aggregates(viewer, n, programme);
    let (children, submitted) = (world.children(n), world.submitted(n, programme));
    let below: Vec<usize> = (0..world.units.len()).filter(|unit| *unit != n && world.stands_in(*unit, n)).collect();
    let siblings = world.units[n].parent.map_or(vec![n], |parent| world.children(parent));
    let whole = shown == Aggregates::Whole;

    found[code] = Value::Null;
    if shown != Aggregates::None {
        let counted = |state: &str| {
            let all = world.initiatives.iter().filter(|i| i.programme == programme && i.state == state);
            all.filter(|i| world.stands_in(i.unit, n)).count()
        };
        let states = ["SUBMITTED", "RETURNED", "APPROVED", "REJECTED", "REVOKED"];
        let two = if whole && submitted > 0 { json!([{ "submitted": submitted }]) } else { json!([]) };
        let part = |unit: usize| json!({ "submitted": world.submitted(unit, programme), "unit": { "code": world.units[unit].code } });
        let mut parts: Vec<Value> = children.iter().map(|child| part(*child)).collect();
        let inside: usize = children.iter().map(|child| world.submitted(*child, programme)).sum();
        parts.push(json!({ "submitted": submitted - inside, "unit": null }));
        parts.sort_by_key(Value::to_string);
        // The level decides, and a unit without sub-units has the level all the same.
        let level = world.depth(n) < world.programmes[programme].level;
        let parts = if whole || level { json!(parts) } else { json!([]) };
        found[code] = json!({ "submitted": submitted, "one": states.map(|state| json!({ "submitted": counted(state) })),
                              "two": two, "child": parts });
    }
    let targets = world.targets.iter().filter(|t| t.unit == n && t.programme == programme && shown != Aggregates::None);
    found[format!("{code}_targets")] = targets.map(|target| json!({ "id": target.id })).collect();
    let shows = |cluster: &[usize]| shown != Aggregates::None && world.all_show(viewer, cluster, programme);
    found[format!("{code}_ranking")] = if shows(&siblings) { json!({ "of": siblings.len() }) } else { Value::Null };
    // A board of what stands below is a list of it: it needs the level too, or a scope.
    let level = whole || world.depth(n) < world.programmes[programme].level;
    let board = |cluster: &[usize], open: bool| if open { json!({ "totalCount": cluster.len() }) } else { Value::Null };
    found[format!("{code}_board")] = board(&children, shown != Aggregates::None && level && shows(&children));
    found[format!("{code}_deep")] = board(&below, whole);
}
