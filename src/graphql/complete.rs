//! Completing a response as the specification says: fields in the order of the query, null where a field failed, and a null that
//! may not stand handed up to the nearest place where one may.
//!
//! The executor answers fields in the order in which they were ready and leaves out those that failed, whatever their type.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type};
use async_graphql::{Name, PathSegment, ServerError, Value};

use super::types::{FieldTypes, named};
use super::validate::OCCUPANT;

/// The data of an executed operation, completed.
pub fn complete(
    types: &FieldTypes,
    document: &ExecutableDocument,
    selection: &SelectionSet,
    root: &str,
    data: Value,
    errors: &[ServerError],
) -> Value {
    let mut failed = Failures::default();
    for error in errors {
        failed.add(&error.path);
    }
    let completer = Completer { types, document, failed, plans: RefCell::default() };
    let fields = match data {
        Value::Object(fields) => fields,
        // Every root field failed.
        _ => IndexMap::new(),
    };
    let plan = completer.plan_of(&[(selection, Some(root))]);
    completer.object(fields, &plan, &mut Vec::new()).unwrap_or(Value::Null)
}

/// Where errors are, and everything above them.
#[derive(Default)]
struct Failures {
    at: HashSet<Vec<String>>,
    above: HashSet<Vec<String>>,
}

impl Failures {
    fn add(&mut self, path: &[PathSegment]) {
        let path: Vec<String> = path
            .iter()
            .map(|segment| match segment {
                PathSegment::Field(name) => name.clone(),
                PathSegment::Index(i) => i.to_string(),
            })
            .collect();
        for end in 0..path.len() {
            self.above.insert(path[..end].to_vec());
        }
        self.at.insert(path);
    }

    /// Nothing failed: nobody needs to know where he is.
    fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    fn at(&self, path: &[Segment<'_>]) -> bool {
        !self.is_empty() && self.at.contains(&text(path))
    }

    fn above(&self, path: &[Segment<'_>]) -> bool {
        !self.is_empty() && self.above.contains(&text(path))
    }
}

/// A step of a path.
#[derive(Clone, Copy)]
enum Segment<'a> {
    Key(&'a str),
    Index(usize),
}

fn text(path: &[Segment<'_>]) -> Vec<String> {
    let text = |segment: &Segment<'_>| match segment {
        Segment::Key(key) => (*key).to_owned(),
        Segment::Index(i) => i.to_string(),
    };
    path.iter().map(text).collect()
}

struct Completer<'a> {
    types: &'a FieldTypes,
    document: &'a ExecutableDocument,
    failed: Failures,
    /// What has been found out of a selection set on a type: the objects of a list have the same.
    plans: RefCell<HashMap<Place<'a>, Rc<Plan<'a>>>>,
}

/// A selection set together with the type that it is on.
type On<'a> = (&'a SelectionSet, Option<&'a str>);

/// The same, to be looked up.
type Place<'a> = (*const SelectionSet, Option<&'a str>);

/// The fields of an object's answer, in order.
type Plan<'a> = Vec<Selected<'a>>;

/// A field of a response: its key and type, and all selections merged under the key.
struct Selected<'a> {
    key: &'a str,
    ty: Option<&'a Type>,
    fields: Vec<&'a Field>,
    composite: bool,
}

impl<'a> Completer<'a> {
    /// The object in order; `None` where a null below may not stand there.
    fn object(&self, mut found: IndexMap<Name, Value>, plan: &Plan<'a>, path: &mut Vec<Segment<'a>>) -> Option<Value> {
        // Mostly everything was answered, and in order.
        let whole = self.failed.is_empty() && found.len() == plan.len();
        if whole && found.keys().zip(plan).all(|(key, selected)| key == selected.key) {
            for (value, selected) in found.values_mut().zip(plan) {
                if selected.composite || matches!(value, Value::Null) {
                    path.push(Segment::Key(selected.key));
                    let completed = self.value(std::mem::take(value), selected.ty, selected, path);
                    path.pop();
                    *value = completed?;
                }
            }
            return Some(Value::Object(found));
        }
        let mut object = IndexMap::with_capacity(found.len());
        for selected in plan {
            path.push(Segment::Key(selected.key));
            let value = found.swap_remove(selected.key);
            let failed = self.failed.at(path) || self.failed.above(path);
            // Neither answered nor failed: skipped, or of a fragment on another type.
            if let Some(value) = value.or(failed.then_some(Value::Null)) {
                let completed = self.value(value, selected.ty, selected, path);
                path.pop();
                object.insert(Name::new(selected.key), completed?);
            } else {
                path.pop();
            }
        }
        Some(Value::Object(object))
    }

    /// The value completed; `None` where it is null and may not be.
    fn value(
        &self,
        value: Value,
        ty: Option<&'a Type>,
        selected: &Selected<'a>,
        path: &mut Vec<Segment<'a>>,
    ) -> Option<Value> {
        let composite = selected.composite;
        let completed = match value {
            Value::List(items) => self.list(items, ty, selected, path),
            Value::Object(found) if composite => self.object(found, &self.plan_below(selected, ty), path),
            // An object of which nothing was answered comes as null.
            Value::Null if composite && self.failed.above(path) => {
                self.object(IndexMap::new(), &self.plan_below(selected, ty), path)
            }
            Value::Null if composite && required(ty) && !self.failed.at(path) => Some(Value::Object(IndexMap::new())),
            other => Some(other),
        };
        match completed.unwrap_or(Value::Null) {
            Value::Null if required(ty) => None,
            value => Some(value),
        }
    }

    fn list(
        &self,
        items: Vec<Value>,
        ty: Option<&'a Type>,
        selected: &Selected<'a>,
        path: &mut Vec<Segment<'a>>,
    ) -> Option<Value> {
        let inner = match ty.map(|ty| &ty.base) {
            Some(BaseType::List(inner)) => Some(inner.as_ref()),
            _ => None,
        };
        let mut completed = Vec::with_capacity(items.len());
        for (i, item) in items.into_iter().enumerate() {
            path.push(Segment::Index(i));
            let item = self.value(item, inner, selected, path);
            path.pop();
            completed.push(item?);
        }
        Some(Value::List(completed))
    }

    /// The plan of what is selected below a field, on the type that it is of.
    fn plan_below(&self, selected: &Selected<'a>, ty: Option<&Type>) -> Rc<Plan<'a>> {
        let name = ty.and_then(named).and_then(|name| self.types.known(name));
        let on = |field: &&'a Field| (&field.selection_set.node, name);
        let [one] = selected.fields.as_slice() else {
            return Rc::new(self.plan_of(&selected.fields.iter().map(on).collect::<Vec<_>>()));
        };
        let key = (std::ptr::from_ref(&one.selection_set.node), name);
        if let Some(plan) = self.plans.borrow().get(&key) {
            return plan.clone();
        }
        let plan = Rc::new(self.plan_of(&[on(one)]));
        self.plans.borrow_mut().insert(key, plan.clone());
        plan
    }

    fn plan_of(&self, on: &[On<'a>]) -> Plan<'a> {
        let mut selected = IndexMap::new();
        for (selection, parent) in on {
            self.collect(selection, *parent, &mut selected);
        }
        selected.into_values().collect()
    }

    fn collect(&self, set: &'a SelectionSet, parent: Option<&'a str>, into: &mut IndexMap<&'a str, Selected<'a>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    if key == OCCUPANT {
                        continue;
                    }
                    let merged = into.entry(key).or_insert_with(|| {
                        let ty = self.types.of_field(parent, field.node.name.node.as_str());
                        Selected { key, ty, fields: Vec::new(), composite: false }
                    });
                    merged.composite |= !field.node.selection_set.node.items.is_empty();
                    merged.fields.push(&field.node);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.collect(&fragment.node.selection_set.node, on.or(parent), into);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(&fragment.node.selection_set.node, Some(on), into);
                    }
                }
            }
        }
    }
}

fn required(ty: Option<&Type>) -> bool {
    ty.is_some_and(|ty| !ty.nullable)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::DocumentOperations;

    use super::*;

    const SDL: &str = "type Query { a: A, b: A!, list: [A!]!, n: Int }  type A { x: Int!, y: Int, c: A, d: A! }";

    fn completed(query: &str, data: serde_json::Value, failed: &[&[&str]]) -> String {
        let document = parse_query(query).unwrap();
        let errors: Vec<ServerError> = failed
            .iter()
            .map(|path| {
                let mut error = ServerError::new("failed", None);
                error.path = path
                    .iter()
                    .map(|part| match part.parse() {
                        Ok(i) => PathSegment::Index(i),
                        Err(_) => PathSegment::Field((*part).to_owned()),
                    })
                    .collect();
                error
            })
            .collect();
        let DocumentOperations::Single(operation) = &document.operations else { panic!("one operation") };
        let selection = &operation.node.selection_set.node;
        let data = Value::from_json(data).unwrap();
        let completed = complete(&FieldTypes::of(SDL), &document, selection, "Query", data, &errors);
        serde_json::to_string(&completed).unwrap()
    }

    /// Text, because a comparison of JSON values would not see the order.
    #[test]
    fn fields_come_in_the_order_of_the_query() {
        let data = serde_json::json!({"n": 1, "a": {"y": 2, "x": 1}});
        assert_eq!(completed("{ n a { y ...F } } fragment F on A { x }", data, &[]), r#"{"n":1,"a":{"y":2,"x":1}}"#);
    }

    #[test]
    fn a_failed_field_is_null_where_it_may_be_and_its_parent_where_not() {
        let data = || serde_json::json!({"a": {"x": 1}, "n": 5});
        assert_eq!(completed("{ n a { x y } }", data(), &[&["a", "y"]]), r#"{"n":5,"a":{"x":1,"y":null}}"#);
        let data = || serde_json::json!({"a": {"y": 1}, "n": 5});
        assert_eq!(completed("{ n a { x y } }", data(), &[&["a", "x"]]), r#"{"n":5,"a":null}"#);
        let data = || serde_json::json!({"a": {"y": 1, "c": null}, "n": 5});
        assert_eq!(
            completed("{ a { y c { d { x } } } n }", data(), &[&["a", "c", "d", "x"]]),
            r#"{"a":{"y":1,"c":null},"n":5}"#
        );
    }

    #[test]
    fn a_failure_in_a_required_place_takes_everything() {
        assert_eq!(completed("{ n b { x } }", serde_json::json!({"n": 5}), &[&["b", "x"]]), "null");
        let data = serde_json::json!({"n": 5, "list": [{"x": 1}, {"y": 2}]});
        assert_eq!(completed("{ n list { x y } }", data, &[&["list", "1", "x"]]), "null");
    }
}
