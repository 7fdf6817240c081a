//! The server's answers against the model's, for every unit.

use rand::Rng;
use serde_json::{Map, Value, json};

use super::contests::{boarded, ranked};
use super::history::Dice;
use super::model::{Model, Slice, kinds};
use super::parts::Days;
use crate::support::Actor;

const MEASURES: &str = "submitted pending returned approved rejected revoked claimedBenefit verifiedBenefit \
                        benefitNotComputable participants";
pub const BY: [&str; 10] = [
    "SUBMITTED",
    "PENDING",
    "RETURNED",
    "APPROVED",
    "REJECTED",
    "REVOKED",
    "CLAIMED_BENEFIT",
    "VERIFIED_BENEFIT",
    "PARTICIPANTS",
    "COMPLETION",
];
const COUNTS: [&str; 4] = ["SUBMITTED", "APPROVED", "PENDING", "PARTICIPANTS"];
const DIMENSIONS: [&str; 11] =
    ["CHILD", "LEVEL", "KIND", "PHASE", "GROUP", "BLOC", "SECTOR", "STATE", "DAY", "WEEK", "MONTH"];
/// Days within and beside the histories.
const DAYS: [&str; 5] = ["2026-02-27", "2026-03-03", "2026-03-31", "2026-04-02", "2026-04-07"];
const TARGETS: [&str; 3] = ["GUIDELINE", "REGISTERED", "PLANNED"];

/// Something asked of each unit.
pub struct Question<'a> {
    /// The field with its arguments and selection.
    pub field: String,
    pub expected: Box<dyn Fn(usize) -> Value + 'a>,
    /// Into the form of `expected`.
    pub read: fn(&Value) -> Value,
}

/// Asks everything of every unit, and answers what differs.
pub async fn units(model: &Model, reader: &Actor, dice: &mut Dice) -> Vec<String> {
    let questions = questions(model, dice);
    ask(model, reader, &questions, (0..model.units.len()).collect()).await
}

/// The same of another instant, or through another tree, which `view` says as arguments and `model` is made for; of these units.
pub async fn through(model: &Model, view: &str, reader: &Actor, dice: &mut Dice, units: Vec<usize>) -> Vec<String> {
    let mut questions = Vec::new();
    let programme = dice.rng.random_range(0..model.programmes.len());
    for slice in [Slice::default(), slice(model, programme, dice)] {
        rolled_up(&mut questions, model, programme, slice.clone(), view, dice);
        behind(&mut questions, model, programme, slice.clone(), view, dice);
        happened(&mut questions, model, programme, slice.clone(), view, dice);
        ranked(&mut questions, model, programme, slice.clone(), view, dice.one(&BY));
        boarded(&mut questions, model, programme, slice.clone(), view, dice);
        let (first, second) = (dice.one(&DIMENSIONS), dice.one(&DIMENSIONS));
        for by in [vec!["CHILD"], vec![first], vec![second, first]] {
            if by.len() == 1 || first != second {
                broken_down(&mut questions, model, programme, slice.clone(), view, by);
            }
        }
    }
    ask(model, reader, &questions, units).await
}

/// A unit's place then, and at an instant that it is compared with.
pub async fn ranks(now: &Model, then: &Model, arguments: &str, reader: &Actor, dice: &mut Dice) -> Vec<String> {
    let by = dice.one(&BY);
    let slice = &slice(now, 0, dice);
    let field = |more: &str| {
        let arguments = format!("{}, by: {by}, {arguments}{more}", self::arguments(now, 0, slice));
        format!("ranking({arguments}) {{ rank previousRank change }}")
    };
    let places = move |unit: usize, cluster: &dyn Fn(&Model) -> Vec<usize>| {
        let rank = |model: &Model| {
            let board = model.board(&cluster(model), 0, slice, by);
            let own = board.into_iter().find(|line| line["unit"]["code"] == now.units[unit].code);
            own.and_then(|line| line["rank"].as_i64())
        };
        let (rank, previous) = (rank(now), rank(then));
        json!({ "rank": rank, "previousRank": previous, "change": previous.zip(rank).map(|(was, is)| was - is) })
    };
    let among_siblings = move |unit: usize| {
        let cluster = now.units[unit].parent.map_or_else(|| vec![unit], |parent| now.children(parent));
        places(unit, &|model| cluster.iter().copied().filter(|unit| *unit < model.alive).collect())
    };
    let in_the_cluster = move |unit: usize| {
        if now.cluster.contains(&unit) { places(unit, &|model| model.cluster.clone()) } else { Value::Null }
    };
    let questions = [
        Question { field: field(""), expected: Box::new(among_siblings), read: Value::clone },
        Question { field: field(", among: \"K\""), expected: Box::new(in_the_cluster), read: Value::clone },
    ];
    ask(now, reader, &questions, (0..now.alive).collect()).await
}

async fn ask(model: &Model, reader: &Actor, questions: &[Question<'_>], all: Vec<usize>) -> Vec<String> {
    let fields = questions.iter().enumerate().map(|(i, question)| format!("q{i}: {} ", question.field));
    let fragment = format!("fragment F on Unit {{ {} }}", fields.collect::<String>());
    let mut differences = Vec::new();
    for units in all.chunks(16) {
        let aliases =
            units.iter().map(|unit| format!("u{unit}: unit(code: \"{}\") {{ ...F }} ", model.units[*unit].code));
        let document = format!("{{ {} }} {fragment}", aliases.collect::<String>());
        let reply = reader.query(&document, json!({})).await.ok();
        for unit in units {
            for (i, question) in questions.iter().enumerate() {
                let answered = (question.read)(reply.at(&format!("/u{unit}/q{i}")));
                let expected = (question.expected)(*unit);
                if answered != expected {
                    let code = &model.units[*unit].code;
                    differences
                        .push(format!("{code}: {}\n  expected {expected}\n  answered {answered}", question.field));
                }
            }
        }
    }
    differences
}

fn questions<'a>(model: &'a Model, dice: &mut Dice) -> Vec<Question<'a>> {
    let mut questions = Vec::new();
    for programme in 0..model.programmes.len() {
        rolled_up(&mut questions, model, programme, Slice::default(), "", dice);
        for dimension in DIMENSIONS {
            broken_down(&mut questions, model, programme, Slice::default(), "", vec![dimension]);
        }
        for _ in 0..3 {
            let slice = slice(model, programme, dice);
            rolled_up(&mut questions, model, programme, slice.clone(), "", dice);
            behind(&mut questions, model, programme, slice.clone(), "", dice);
            happened(&mut questions, model, programme, slice.clone(), "", dice);
            let (first, second) = (dice.one(&DIMENSIONS), dice.one(&DIMENSIONS));
            broken_down(&mut questions, model, programme, slice.clone(), "", vec![first]);
            if first != second {
                let slice = if dice.chance(50) { Slice::default() } else { slice };
                broken_down(&mut questions, model, programme, slice, "", vec![first, second]);
            }
        }
    }
    for by in BY {
        ranked(&mut questions, model, 0, Slice::default(), "", by);
    }
    for _ in 0..2 {
        let programme = dice.rng.random_range(0..model.programmes.len());
        let slice = slice(model, programme, dice);
        ranked(&mut questions, model, programme, slice.clone(), "", dice.one(&BY));
        boarded(&mut questions, model, programme, slice, "", dice);
        boarded(&mut questions, model, programme, Slice::default(), "", dice);
    }
    questions
}

fn rolled_up<'a>(
    all: &mut Vec<Question<'a>>,
    model: &'a Model,
    programme: usize,
    slice: Slice,
    view: &str,
    dice: &mut Dice,
) {
    let kind = dice.chance(60).then(|| dice.one(&TARGETS));
    let of = dice.one(&COUNTS);
    let named = kind.map_or_else(String::new, |kind| format!(", kind: {kind}"));
    let targets = TARGETS.map(|kind| format!("{}: target(kind: {kind}) ", kind.to_lowercase())).concat();
    let field = format!(
        "rollup({}{view}) {{ {MEASURES} {targets} target registeredBelow completion {{ numerator target kind ratio }} \
         named: completion(of: {of}{named}) {{ numerator target kind ratio }} \
         unitsOverTarget {{ over withTarget total }} over: unitsOverTarget(of: {of}{named}) {{ over withTarget total }} }}",
        arguments(model, programme, &slice)
    );
    let expected = move |unit: usize| {
        let mut whole = super::model::measures(&model.counted(unit, programme, &slice));
        for kind in TARGETS {
            whole[kind.to_lowercase()] = json!(model.target(unit, programme, &slice, kind));
        }
        whole["target"] = json!(model.target(unit, programme, &slice, "GUIDELINE"));
        whole["registeredBelow"] = model.registered_below(unit, programme, &slice);
        whole["completion"] = model.completion(unit, programme, &slice, "APPROVED", None);
        whole["named"] = model.completion(unit, programme, &slice, of, kind);
        whole["unitsOverTarget"] = model.units_over(unit, programme, &slice, "APPROVED", None);
        whole["over"] = model.units_over(unit, programme, &slice, of, kind);
        whole
    };
    all.push(Question { field, expected: Box::new(expected), read: Value::clone });
}

fn broken_down<'a>(
    all: &mut Vec<Question<'a>>,
    model: &'a Model,
    programme: usize,
    slice: Slice,
    view: &str,
    by: Vec<&'static str>,
) {
    let arguments = arguments(model, programme, &slice);
    // Distinct persons are counted only where they are selected: half of the questions leave them out.
    let counts_persons = all.len().is_multiple_of(2);
    let measures = if counts_persons { MEASURES } else { MEASURES.trim_end_matches(" participants") };
    let field =
        format!("rollup({arguments}{view}) {{ breakdown(by: [{}]) {{ keys {{ value }} {measures} }} }}", by.join(" "));
    let expected = move |unit| {
        let mut parts = model.breakdown(unit, programme, &slice, &by);
        if !counts_persons {
            parts.as_object_mut().unwrap().values_mut().for_each(|part| {
                part.as_object_mut().unwrap().remove("participants");
            });
        }
        parts
    };
    all.push(Question { field, expected: Box::new(expected), read: parts });
}

/// The initiatives behind a number, and those over an amount.
fn behind<'a>(
    all: &mut Vec<Question<'a>>,
    model: &'a Model,
    programme: usize,
    slice: Slice,
    view: &str,
    dice: &mut Dice,
) {
    let measure = dice.one(&["SUBMITTED", "PENDING", "RETURNED", "APPROVED", "REJECTED", "REVOKED"]);
    let threshold = dice.one(&[0, 1_000_000, 250_000_000]);
    let arguments = arguments(model, programme, &slice);
    let field = format!(
        "rollup({arguments}{view}) {{ benefitOver(threshold: \"{threshold}\") \
         initiatives(measure: {measure}, first: 100) {{ totalCount hiddenCount edges {{ stateAsOf node {{ id }} }} }} }}"
    );
    let expected = move |unit: usize| {
        let counted = model.counted(unit, programme, &slice);
        let over =
            counted.iter().filter(|i| i.state == "APPROVED" && i.verified.is_some_and(|v| v > threshold)).count();
        let state = if measure == "PENDING" { "SUBMITTED" } else { measure };
        let behind = counted.iter().filter(|i| measure == "SUBMITTED" || i.state == state);
        let mut edges: Vec<String> = behind.map(|i| json!([i.id, i.state]).to_string()).collect();
        edges.sort();
        json!({ "over": over, "total": edges.len(), "hidden": 0, "edges": edges })
    };
    let read = |rollup: &Value| {
        let list = &rollup["initiatives"];
        let edges = list["edges"].as_array().unwrap().iter();
        let mut edges: Vec<String> =
            edges.map(|edge| json!([edge["node"]["id"], edge["stateAsOf"]]).to_string()).collect();
        edges.sort();
        json!({ "over": rollup["benefitOver"], "total": list["totalCount"], "hidden": list["hiddenCount"], "edges": edges })
    };
    all.push(Question { field, expected: Box::new(expected), read });
}

fn happened<'a>(
    all: &mut Vec<Question<'a>>,
    model: &'a Model,
    programme: usize,
    slice: Slice,
    view: &str,
    dice: &mut Dice,
) {
    let by = dice.one(&["DAY", "WEEK", "MONTH"]);
    let days = if dice.chance(50) { (None, None) } else { days(dice) };
    let during = if days == (None, None) { String::new() } else { format!(", during: {}", range(days)) };
    let field = format!(
        "rollup({}{view}) {{ activity(by: {by}{during}) {{ key {{ value }} submitted approved rejected returned withdrawn revoked }} }}",
        arguments(model, programme, &slice)
    );
    let expected = move |unit| json!({ "activity": model.activity(unit, programme, &slice, by, days) });
    all.push(Question { field, expected: Box::new(expected), read: Value::clone });
}

/// The parts by their keys. One that stands twice shows as a text in its place.
fn parts(rollup: &Value) -> Value {
    let mut found = Map::new();
    for part in rollup["breakdown"].as_array().unwrap() {
        let mut part = part.as_object().unwrap().clone();
        let keys = part.remove("keys").unwrap();
        let values: Vec<&Value> = keys.as_array().unwrap().iter().map(|key| &key["value"]).collect();
        let key = json!(values).to_string();
        if found.insert(key.clone(), Value::Object(part)).is_some() {
            found.insert(key, json!("stands twice"));
        }
    }
    Value::Object(found)
}

fn slice(model: &Model, programme: usize, dice: &mut Dice) -> Slice {
    let definition = &model.programmes[programme];
    let phases: Vec<_> = definition.phases.iter().map(|phase| phase.code).collect();
    let mut some = |percent: u32, all: &[&'static str]| -> Option<Vec<&'static str>> {
        let n = dice.one(&[1, 1, 2, 3]);
        dice.chance(percent).then(|| (0..n).map(|_| dice.one(all)).collect())
    };
    let (phase, group, bloc) = (some(50, &phases), some(40, &definition.groups), some(40, &definition.blocs));
    let all: Vec<&'static str> = kinds().iter().map(|kind| kind.code.as_str()).collect();
    let kind = some(20, &all).map(|kinds| kinds.into_iter().map(str::to_owned).collect());
    let during = dice.chance(25).then(|| days(dice));
    Slice { phase, group, bloc, kind, during }
}

/// Some days in order, perhaps open at an end.
fn days(dice: &mut Dice) -> Days {
    let (a, b) = (dice.one(&DAYS), dice.one(&DAYS));
    match dice.rng.random_range(0..4) {
        0 => (Some(a), None),
        1 => (None, Some(b)),
        _ => (Some(a.min(b)), Some(a.max(b))),
    }
}

fn range((from, to): Days) -> String {
    let end = |name: &str, day: Option<&str>| day.map(|day| format!("{name}: \"{day}\" ")).unwrap_or_default();
    format!("{{ {}{}}}", end("from", from), end("to", to))
}

pub fn arguments(model: &Model, programme: usize, slice: &Slice) -> String {
    let mut members = Vec::new();
    for (name, codes) in [("phase", &slice.phase), ("group", &slice.group), ("bloc", &slice.bloc)] {
        members.extend(codes.as_ref().map(|codes| format!("{name}: {}", json!(codes))));
    }
    members.extend(slice.kind.as_ref().map(|kinds| format!("kind: [{}]", kinds.join(" "))));
    members.extend(slice.during.map(|days| format!("during: {}", range(days))));
    let slice = if members.is_empty() { String::new() } else { format!(", slice: {{ {} }}", members.join(", ")) };
    format!("programme: \"{}\"{slice}", model.programmes[programme].code)
}

/// Lists of initiatives as different people see them: how many there are.
pub async fn lists(model: &Model, people: &[Actor], dice: &mut Dice) -> Vec<String> {
    let mut differences = Vec::new();
    for _ in 0..6 {
        let person = dice.rng.random_range(0..people.len());
        let programme = dice.rng.random_range(0..model.programmes.len());
        let slice = slice(model, programme, dice);
        let seen: Vec<usize> = (0..model.units.len()).filter(|unit| model.sees(person, *unit)).collect();
        let within = dice.one(&seen);
        let state = dice.one(&["DRAFT", "SUBMITTED", "APPROVED", "RETURNED", "WITHDRAWN", "REVOKED"]);
        let (arguments, code) = (arguments(model, programme, &slice), &model.units[within].code);
        let programme_code = model.programmes[programme].code;
        let document = format!(
            "{{ all: initiatives(first: 1) {{ totalCount }} \
             some: initiatives({arguments}, within: \"{code}\", first: 1) {{ totalCount }} \
             unit(code: \"{code}\") {{ state: initiatives({arguments}, state: [{state}], first: 1) {{ totalCount }} }} \
             viewer {{ initiatives(programme: \"{programme_code}\", first: 1) {{ totalCount }} \
             awaitingDecision(within: \"{code}\", first: 1) {{ totalCount }} }} }}"
        );
        let reply = people[person].query(&document, json!({})).await.ok();
        let count =
            |wanted: &dyn Fn(&super::model::Initiative) -> bool| model.initiatives.iter().filter(|i| wanted(i)).count();
        let sliced = |i: &super::model::Initiative| {
            model.reads(person, i)
                && i.programme == programme
                && model.is_in(i.unit, within)
                && model.selects(&slice, i)
        };
        let mine = |i: &super::model::Initiative| i.now.authors.contains(&person);
        let expected = json!({
            "all": { "totalCount": count(&|i| model.reads(person, i)) },
            "some": { "totalCount": count(&sliced) },
            "unit": { "state": { "totalCount": count(&|i| sliced(i) && i.state == state) } },
            "viewer": {
                "initiatives": { "totalCount": count(&|i| mine(i) && i.programme == programme) },
                "awaitingDecision": { "totalCount": count(&|i| {
                    let decides = model.holds_over(person, i.unit, &[entity::enums::Role::Reviewer]);
                    i.state == "SUBMITTED" && decides && !mine(i) && model.is_in(i.unit, within)
                }) },
            },
        });
        if reply.at("") != &expected {
            differences
                .push(format!("person {person}: {document}\n  expected {expected}\n  answered {}", reply.at("")));
        }
    }
    differences
}
