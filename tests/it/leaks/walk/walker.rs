//! Goes through an answer beside the query that it answers, and compares every field with its rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::ActiveEnum;
use serde_json::{Map, Value};

use super::data::{Data, gid};
use super::documents::{Selection, node};
use super::rules;
use super::schema::Schema;
use super::things::{Answer, Ask, Rule, Thing};
use crate::leaks::model::Viewer;

/// What is kept from walk to walk.
pub struct Walks<'a> {
    pub schema: &'a Schema,
    pub data: &'a Data,
    rules: HashMap<&'static str, Rule>,
    /// What the first one was told, by thing, field and arguments; whoever sees everything is asked first.
    truth: HashMap<String, Value>,
    /// Every id that anybody saw, and what it is.
    pub ids: BTreeMap<String, Thing>,
    /// Fields that told somebody something, and fields that told somebody nothing.
    pub told: BTreeSet<String>,
    pub silent: BTreeSet<String>,
    pub compared: u64,
}

/// One walk: an answer to somebody.
struct Walk<'w, 'a> {
    kept: &'w mut Walks<'a>,
    viewer: Viewer,
    failures: BTreeSet<String>,
    wrong: Vec<String>,
}

impl<'a> Walks<'a> {
    pub fn new(schema: &'a Schema, data: &'a Data) -> Walks<'a> {
        let (rules, truth, ids) = (rules::all(), HashMap::new(), BTreeMap::new());
        let (told, silent) = (BTreeSet::new(), BTreeSet::new());
        Walks { schema, data, rules, truth, ids, told, silent, compared: 0 }
    }

    pub fn has_rule(&self, field: &str) -> bool {
        self.rules.contains_key(field)
    }

    pub fn ruled(&self) -> impl Iterator<Item = &&'static str> {
        self.rules.keys()
    }

    /// What is wrong with an answer to the viewer, from a root on; the first few things.
    pub fn compare(&mut self, viewer: Viewer, root: &Thing, selections: &[Selection], body: &Value) -> Vec<String> {
        let (failures, wrong) = (BTreeSet::new(), Vec::new());
        let mut walk = Walk { kept: self, viewer, failures, wrong };
        match &body["data"] {
            Value::Null => walk.lost(root, selections, "data"),
            data => walk.object(root, selections, data, "data"),
        }
        let errors = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or("no code").to_owned();
        let failed: BTreeSet<String> = errors.iter().map(code).collect();
        if failed != walk.failures {
            walk.wrong.push(format!("errors {errors:?}, expected {:?}", walk.failures));
        }
        walk.wrong
    }
}

impl Walk<'_, '_> {
    fn fail(&mut self, path: &str, expected: impl std::fmt::Debug, found: &Value) {
        if self.wrong.len() < 10 {
            let found: String = found.to_string().chars().take(400).collect();
            self.wrong.push(format!("{path}: {found}, expected {expected:?}"));
        }
    }

    fn ask(&self, thing: &Thing, selection: &Selection) -> Answer {
        let field = format!("{}.{}", thing.ty(), selection.field);
        let rule = self.kept.rules.get(field.as_str()).unwrap_or_else(|| panic!("no rule for {field}"));
        rule(&Ask { data: self.kept.data, viewer: self.viewer, thing, arguments: &selection.arguments })
    }

    /// An object that an error took away: one of its fields failed, and cannot be null.
    fn lost(&mut self, thing: &Thing, selections: &[Selection], path: &str) {
        let mut failed = false;
        for selection in self.of(thing.ty(), selections) {
            if let Answer::Failed(code) = self.ask(thing, selection) {
                failed |= selection.ty.required;
                self.failures.insert(code.to_owned());
            }
        }
        if !failed {
            self.fail(path, thing, &Value::Null);
        }
    }

    fn of<'s>(&self, ty: &str, selections: &'s [Selection]) -> Vec<&'s Selection> {
        selections.iter().filter(|selection| self.kept.schema.is(ty, &selection.of)).collect()
    }

    fn object(&mut self, thing: &Thing, selections: &[Selection], found: &Value, path: &str) {
        let ty = thing.ty();
        let Some(object) = found.as_object() else { return self.fail(path, thing, found) };
        // A subscription's root has one field.
        if *thing != Thing::Subscription && object["__typename"] != ty {
            self.fail(path, ty, found);
            return;
        }
        let id = thing.id();
        if id.is_some() && object.get("_id").and_then(Value::as_str) != id.as_deref() {
            self.fail(path, thing, found);
            return;
        }
        if let Some(id) = id {
            self.kept.ids.insert(id, thing.clone());
        }
        for selection in self.of(ty, selections) {
            let path = format!("{path} > {ty}.{}{}", selection.field, Value::Object(selection.arguments.clone()));
            let Some(value) = object.get(&selection.key) else {
                self.fail(&path, "a field", found);
                continue;
            };
            self.kept.compared += 1;
            let coordinate = format!("{ty}.{}", selection.field);
            let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if nothing { &mut self.kept.silent } else { &mut self.kept.told }.insert(coordinate);
            if let Thing::Plain(_, values) = thing {
                let values: Map<String, Value> = serde_json::from_str(values).unwrap();
                if values.get(&selection.field) != Some(value) {
                    self.fail(&path, values, value);
                }
                continue;
            }
            let answer = self.ask(thing, selection);
            self.answer(thing, selection, answer, value, &path);
        }
    }

    fn answer(&mut self, thing: &Thing, selection: &Selection, answer: Answer, value: &Value, path: &str) {
        match answer {
            Answer::Is(expected) => {
                if *value != expected {
                    self.fail(path, expected, value);
                }
            }
            Answer::At(expected) => {
                let instant = value.as_str().map(|text| chrono::DateTime::parse_from_rfc3339(text).unwrap());
                if instant.map(|instant| instant.timestamp_millis()) != expected {
                    self.fail(path, expected, value);
                }
            }
            Answer::Moment => {}
            Answer::Known => {
                self.known(thing, selection, value, path);
            }
            Answer::KnownObject(below) => {
                if self.known(thing, selection, &Value::Bool(value.is_null()), path) && !value.is_null() {
                    self.object(&below, &selection.below, value, path);
                }
            }
            Answer::One(None) => {
                if !value.is_null() {
                    self.fail(path, (), value);
                }
            }
            Answer::One(Some(below)) => match value {
                Value::Null => self.lost(&below, &selection.below, path),
                _ => self.object(&below, &selection.below, value, path),
            },
            Answer::Slots(slots) => {
                let found = value.as_array().map(Vec::as_slice).unwrap_or_default();
                if found.len() != slots.len() || !value.is_array() {
                    return self.fail(path, slots, value);
                }
                for (slot, value) in slots.into_iter().zip(found) {
                    self.answer(thing, selection, Answer::One(slot), value, path);
                }
            }
            Answer::Many(things) => {
                let found = value.as_array().map(Vec::as_slice).unwrap_or_default();
                if found.len() != things.len() || !value.is_array() {
                    return self.fail(path, things, value);
                }
                self.members(things, &selection.below, &found.iter().collect::<Vec<_>>(), path);
            }
            Answer::Page(things) => match value {
                Value::Object(page) => {
                    let all = things.len();
                    self.page(things, all, selection, page, path);
                }
                _ => self.fail(path, things, value),
            },
            Answer::Behind(things, all) => match value {
                Value::Object(page) => self.page(things, all, selection, page, path),
                _ => self.fail(path, things, value),
            },
            Answer::KnownList(ty) => {
                let found = value.as_array().map(Vec::as_slice).unwrap_or_default();
                if self.known(thing, selection, &Value::from(found.len()), path) {
                    let place = format!("{thing:?} {}", Value::Object(selection.arguments.clone()));
                    for (i, value) in found.iter().enumerate() {
                        self.object(&Thing::Under(ty, format!("{place} {i}")), &selection.below, value, path);
                    }
                }
            }
            Answer::Parts(shows) => self.parts(thing, selection, shows, value, path),
            Answer::Failed(code) => {
                self.failures.insert(code.to_owned());
                if !value.is_null() {
                    self.fail(path, code, value);
                }
            }
        }
    }

    /// Compares with what others were told before: it is the same for everybody whom it shows to.
    fn known(&mut self, thing: &Thing, selection: &Selection, value: &Value, path: &str) -> bool {
        let key = format!("{thing:?} {} {}", selection.field, Value::Object(selection.arguments.clone()));
        match self.kept.truth.get(&key).cloned() {
            Some(truth) if truth == *value => true,
            None => {
                self.kept.truth.insert(key, value.clone());
                true
            }
            truth => {
                self.fail(path, truth, value);
                false
            }
        }
    }

    /// Objects of a list: different ones, each among those that show.
    fn members(&mut self, things: Vec<Thing>, below: &[Selection], found: &[&Value], path: &str) {
        let mut left: HashMap<String, Thing> = things.into_iter().map(|thing| (thing.tells(), thing)).collect();
        for value in found {
            let tells = match value["__typename"].as_str() {
                Some("Ranking") => &value["_unit"]["_id"],
                _ => &value["_id"],
            };
            match left.remove(tells.as_str().unwrap_or_default()) {
                Some(thing) => self.object(&thing, below, value, path),
                None => self.fail(path, "something that shows, once", value),
            }
        }
    }

    /// `all`: how many there are with those that do not show.
    fn page(&mut self, things: Vec<Thing>, all: usize, selection: &Selection, page: &Map<String, Value>, path: &str) {
        let (total, ty) = (things.len(), &selection.ty.name);
        let count = |name| selection.arguments.get(name).and_then(Value::as_u64).map(|n| n as usize);
        let (first, size) = (count("first").is_some(), count("first").or(count("last")).unwrap().min(total));
        for selection in &selection.below {
            let value = &page[&selection.key];
            self.kept.told.insert(format!("{ty}.{}", selection.field));
            match selection.field.as_str() {
                "totalCount" if *value == all => {}
                "hiddenCount" if *value == all - total => {}
                "nodes" | "edges" => {
                    let found = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    if found.len() != size {
                        self.fail(path, (size, total), value);
                    }
                    let edges = selection.field == "edges";
                    if edges && size > 0 {
                        let edge = &selection.ty.name;
                        self.kept.told.extend(["cursor", "node"].map(|field| format!("{edge}.{field}")));
                    }
                    if let Some(state) = selection.below.iter().find(|below| edges && below.field == "stateAsOf") {
                        self.states(state, &selection.below, found, path);
                    }
                    let nodes: Vec<(&[Selection], &Value)> = found
                        .iter()
                        .map(|value| if edges { node(&selection.below, value) } else { (&selection.below[..], value) })
                        .collect();
                    let below = nodes.first().map(|(below, _)| *below).unwrap_or_default();
                    let nodes: Vec<&Value> = nodes.into_iter().map(|(_, value)| value).collect();
                    self.members(things.clone(), below, &nodes, path);
                }
                "pageInfo" => {
                    let more = total > size;
                    for selection in &selection.below {
                        self.kept.told.insert(format!("PageInfo.{}", selection.field));
                        let value = &value[&selection.key];
                        let right = match selection.field.as_str() {
                            "hasNextPage" => *value == (first && more),
                            "hasPreviousPage" => *value == (!first && more),
                            _ => value.is_string() == (size > 0),
                        };
                        if !right {
                            self.fail(path, (total, size), value);
                        }
                    }
                }
                _ => self.fail(path, (selection.field.as_str(), total), value),
            }
        }
    }

    /// The states in which initiatives were counted: their own, as it is now that counts.
    fn states(&mut self, state: &Selection, below: &[Selection], found: &[Value], path: &str) {
        for edge in found {
            self.kept.told.insert(format!("{}.stateAsOf", state.of));
            let id = node(below, edge).1["_id"].as_str().unwrap_or_default();
            let row = self.kept.data.initiatives.values().find(|row| gid('i', row.id) == id);
            let expected = row.map(|row| row.state.to_value());
            if edge[&state.key].as_str() != expected.as_deref() {
                self.fail(path, expected, &edge[&state.key]);
            }
        }
    }

    fn parts(&mut self, thing: &Thing, selection: &Selection, shows: bool, value: &Value, path: &str) {
        let found = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if !shows {
            if *value != Value::Array(Vec::new()) {
                self.fail(path, "no parts", value);
            }
            return;
        }
        let text = |key: &Value| key["value"].as_str().unwrap_or("-").to_owned();
        let keys = |part: &Value| -> Vec<String> { part["_keys"].as_array().unwrap().iter().map(text).collect() };
        let all: Vec<Vec<String>> = found.iter().map(keys).collect();
        if !self.known(thing, selection, &serde_json::to_value(&all).unwrap(), path) {
            return;
        }
        let by = selection.arguments["by"].as_array().unwrap();
        let by: Vec<String> = by.iter().map(|by| by.as_str().unwrap().to_owned()).collect();
        for (part, keys) in found.iter().zip(all) {
            let below = Thing::Part(Box::new(thing.clone()), by.clone(), keys);
            self.object(&below, &selection.below, part, path);
        }
    }
}
