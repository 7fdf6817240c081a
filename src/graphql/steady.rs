//! What of an answer tells that something has changed: all of it but the instants at which it was read.

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Response, Value};
use sha2::{Digest, Sha256};

use super::prepare::Prepared;

/// Fields that differ each time they are read.
const INSTANTS: [&str; 2] = ["asOf", "computedAt"];

/// The same for answers that tell the same.
pub fn digest(prepared: &Prepared, response: &Response) -> [u8; 32] {
    let sets: Vec<&SelectionSet> = prepared.operation().map(|op| &op.selection_set.node).into_iter().collect();
    let data = steady(&prepared.document, &sets, &response.data);
    let errors = serde_json::to_string(&response.errors).unwrap_or_default();
    Sha256::digest(format!("{data}\n{errors}")).into()
}

fn steady(document: &ExecutableDocument, sets: &[&SelectionSet], value: &Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(|item| steady(document, sets, item)).collect()),
        Value::Object(object) => {
            let mut fields = Vec::new();
            for set in sets {
                collect(document, set, &mut fields);
            }
            let kept = object.iter().filter_map(|(key, value)| {
                let of_key: Vec<&Field> = fields.iter().copied().filter(|field| key_of(field) == key).collect();
                if of_key.iter().any(|field| INSTANTS.contains(&field.name.node.as_str())) {
                    return None;
                }
                let below: Vec<&SelectionSet> = of_key.iter().map(|field| &field.selection_set.node).collect();
                Some((key.clone(), steady(document, &below, value)))
            });
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

fn collect<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, into: &mut Vec<&'a Field>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => into.push(&field.node),
            Selection::InlineFragment(fragment) => collect(document, &fragment.node.selection_set.node, into),
            // No fragment is in a circle: the document has been measured.
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, into);
                }
            }
        }
    }
}

fn key_of(field: &Field) -> &async_graphql::Name {
    field.alias.as_ref().map_or(&field.name.node, |alias| &alias.node)
}
