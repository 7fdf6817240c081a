//! Completing a response as the specification says: fields in the order of the query, null where a field failed, and a null that
//! may not stand handed up to the nearest place where one may.
//!
//! The executor answers fields in the order in which they were ready and leaves out those that failed, whatever their type.

use std::collections::HashSet;

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
    let completer = Completer { types, document, failed };
    let fields = match data {
        Value::Object(fields) => fields,
        // Every root field failed.
        _ => IndexMap::new(),
    };
    completer.object(fields, &[(selection, Some(root))], &mut Vec::new()).unwrap_or(Value::Null)
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
}

struct Completer<'a> {
    types: &'a FieldTypes,
    document: &'a ExecutableDocument,
    failed: Failures,
}

/// A selection set together with the type that it is on.
type On<'a> = (&'a SelectionSet, Option<&'a str>);

/// A field of a response: its key, the type that it was selected on, and all selections merged under the key.
struct Selected<'a> {
    key: &'a str,
    parent: Option<&'a str>,
    fields: Vec<&'a Field>,
}

impl<'a> Completer<'a> {
    /// The object in order; `None` where a null below may not stand there.
    fn object(&self, mut found: IndexMap<Name, Value>, on: &[On<'a>], path: &mut Vec<String>) -> Option<Value> {
        let mut selected = IndexMap::new();
        for (selection, parent) in on {
            self.collect(selection, *parent, &mut selected);
        }
        let mut object = IndexMap::with_capacity(found.len());
        for field in selected.into_values() {
            path.push(field.key.to_owned());
            let value = found.swap_remove(field.key);
            let failed = self.failed.at.contains(path.as_slice()) || self.failed.above.contains(path.as_slice());
            // Neither answered nor failed: skipped, or of a fragment on another type.
            if let Some(value) = value.or(failed.then_some(Value::Null)) {
                let name = field.fields.first().map_or("", |field| field.name.node.as_str());
                let ty = self.types.of_field(field.parent, name);
                let completed = self.value(value, ty, &field.fields, path);
                path.pop();
                object.insert(Name::new(field.key), completed?);
            } else {
                path.pop();
            }
        }
        Some(Value::Object(object))
    }

    /// The value completed; `None` where it is null and may not be.
    fn value(&self, value: Value, ty: Option<&Type>, fields: &[&'a Field], path: &mut Vec<String>) -> Option<Value> {
        let failed_below = self.failed.above.contains(path.as_slice());
        let composite = fields.iter().any(|field| !field.selection_set.node.items.is_empty());
        let completed = match value {
            Value::List(items) => self.list(items, ty, fields, path),
            Value::Object(found) if composite => self.object(found, &self.below(fields, ty), path),
            // An object of which nothing was answered comes as null.
            Value::Null if composite && failed_below => self.object(IndexMap::new(), &self.below(fields, ty), path),
            Value::Null if composite && required(ty) && !self.failed.at.contains(path.as_slice()) => {
                Some(Value::Object(IndexMap::new()))
            }
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
        ty: Option<&Type>,
        fields: &[&'a Field],
        path: &mut Vec<String>,
    ) -> Option<Value> {
        let inner = match ty.map(|ty| &ty.base) {
            Some(BaseType::List(inner)) => Some(inner.as_ref()),
            _ => None,
        };
        let mut completed = Vec::with_capacity(items.len());
        for (i, item) in items.into_iter().enumerate() {
            path.push(i.to_string());
            let item = self.value(item, inner, fields, path);
            path.pop();
            completed.push(item?);
        }
        Some(Value::List(completed))
    }

    /// The selections below some fields, on the type that they are of.
    fn below(&self, fields: &[&'a Field], ty: Option<&Type>) -> Vec<On<'a>> {
        let name = ty.and_then(named).and_then(|name| self.types.known(name));
        fields.iter().map(|field| (&field.selection_set.node, name)).collect()
    }

    fn collect(&self, set: &'a SelectionSet, parent: Option<&'a str>, into: &mut IndexMap<&'a str, Selected<'a>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    if key == OCCUPANT {
                        continue;
                    }
                    let merged = into.entry(key).or_insert_with(|| Selected { key, parent, fields: Vec::new() });
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
