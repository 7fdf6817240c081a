//! The one root field of a subscription (specification, section 5.2.4).

use std::collections::{BTreeMap, HashSet};

use async_graphql::Positioned;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql_value::Value;

use crate::text::{Message, message};

/// Checks that the operation, a subscription, selects one root field, whatever fragments it stands in, and puts that field, its
/// selections merged, in the operation itself: the executor looks nowhere else. `Err` says what is wrong.
pub fn single_root(document: &mut ExecutableDocument, name: Option<&str>) -> Result<(), Message> {
    let mut found: Vec<Positioned<Field>> = Vec::new();
    let mut kept: Vec<Positioned<Selection>> = Vec::new();
    for (operation_name, operation) in document.operations.iter() {
        if name.is_none_or(|name| operation_name.is_some_and(|own| own == name)) {
            let set = &operation.node.selection_set.node;
            collect(document, set, &mut found, &mut HashSet::new())?;
            // Fragments stay where they are: the validation wants each to be used.
            kept = set.items.iter().filter(|item| !matches!(item.node, Selection::Field(_))).cloned().collect();
        }
    }
    let Some(field) = merged(found)? else { return Err(message!("a subscription selects one field")) };
    kept.insert(0, Positioned::new(Selection::Field(field.clone()), field.pos));
    let operation = match (&mut document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get_mut(name),
        (DocumentOperations::Multiple(operations), None) => operations.values_mut().next(),
    };
    if let Some(operation) = operation {
        operation.node.selection_set.node.items = kept;
    }
    Ok(())
}

fn collect<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    found: &mut Vec<Positioned<Field>>,
    seen: &mut HashSet<&'a str>,
) -> Result<(), Message> {
    for selection in &set.items {
        let directives = selection.node.directives();
        if directives.iter().any(|directive| matches!(directive.node.name.node.as_str(), "skip" | "include")) {
            return Err(message!("at the root of a subscription nothing can be skipped or included"));
        }
        match &selection.node {
            Selection::Field(field) => found.push(field.clone()),
            Selection::InlineFragment(fragment) => {
                collect(document, &fragment.node.selection_set.node, found, seen)?;
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                let fragment = document.fragments.get(name).filter(|_| seen.insert(name));
                if let Some(fragment) = fragment {
                    collect(document, &fragment.node.selection_set.node, found, seen)?;
                }
            }
        }
    }
    Ok(())
}

/// All of them as one field, where they answer under one key.
fn merged(found: Vec<Positioned<Field>>) -> Result<Option<Positioned<Field>>, Message> {
    let mut found = found.into_iter();
    let Some(mut first) = found.next() else { return Ok(None) };
    for other in found {
        if other.node.response_key().node != first.node.response_key().node {
            return Err(message!("a subscription selects one field, and this one selects several"));
        }
        let same = other.node.name.node == first.node.name.node && arguments(&other.node) == arguments(&first.node);
        if !same {
            return Err(message!("a subscription selects one field, and this one selects it in two ways"));
        }
        first.node.selection_set.node.items.extend(other.node.selection_set.node.items);
    }
    if first.node.name.node.starts_with("__") {
        return Err(message!("a subscription selects one field, and no introspection"));
    }
    Ok(Some(first))
}

fn arguments(field: &Field) -> BTreeMap<&str, &Value> {
    field.arguments.iter().map(|(name, value)| (name.node.as_str(), &value.node)).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn single(document: &str) -> Result<String, String> {
        let mut document = parse_query(document).unwrap();
        single_root(&mut document, None).map_err(|message| message.english())?;
        let DocumentOperations::Single(operation) = &document.operations else { panic!("one operation") };
        let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!("a field first") };
        Ok(format!("{} {}", field.node.response_key().node, field.node.selection_set.node.items.len()))
    }

    #[test]
    fn one_field_in_whatever_fragments() {
        assert_eq!(single("subscription { a { b } }").unwrap(), "a 1");
        assert_eq!(single("subscription { x: a { b } x: a { c } }").unwrap(), "x 2");
        assert_eq!(single("subscription { ...F ... on S { a { c } } } fragment F on S { a { b } }").unwrap(), "a 2");
    }

    #[test]
    fn several_fields_or_none_are_refused() {
        for document in [
            "subscription { a { b } c { d } }",
            "subscription { a { b } ...F } fragment F on S { c { d } }",
            "subscription { a { b } x: a { b } }",
            "subscription { x: a(u: 1) { b } x: a(u: 2) { b } }",
            "subscription { __typename }",
            "subscription { ...F }",
            "subscription($no: Boolean!) { a @skip(if: $no) { b } }",
            "subscription { ... @include(if: true) { a { b } } }",
        ] {
            assert!(single(document).is_err(), "{document}");
        }
    }
}
