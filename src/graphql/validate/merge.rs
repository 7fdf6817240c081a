//! Fields that answer under one key must be one (specification, section 5.3.2): of the same shape everywhere, and on the same type
//! the same field with the same arguments, whatever selections and fragments they come from.

use std::collections::{BTreeMap, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type};
use async_graphql_value::Value;

use crate::graphql::types::{FieldTypes, named};
use crate::text::{Message, message};

pub fn check(types: &FieldTypes, document: &ExecutableDocument) -> Result<(), Message> {
    let merger = Merger { types, document };
    for (_, operation) in document.operations.iter() {
        let root = crate::graphql::limits::root(operation.node.ty);
        merger.sets(&[(&operation.node.selection_set.node, Some(root))])?;
    }
    Ok(())
}

struct Merger<'a> {
    types: &'a FieldTypes,
    document: &'a ExecutableDocument,
}

type On<'a> = (&'a SelectionSet, Option<&'a str>);

/// A field, and the type that it is selected on; none inside introspection.
#[derive(Clone, Copy)]
struct Chosen<'a> {
    field: &'a Field,
    parent: Option<&'a str>,
}

impl<'a> Merger<'a> {
    /// Whether everything in these selection sets, which answer one object, can be merged. Each expanded selection is looked at a
    /// bounded number of times: what is merged here is not looked at apart again.
    fn sets(&self, sets: &[On<'a>]) -> Result<(), Message> {
        let mut found: IndexMap<&'a str, Vec<Chosen<'a>>> = IndexMap::new();
        let mut seen = HashSet::new();
        for (set, parent) in sets {
            self.collect(set, *parent, &mut found, &mut seen);
        }
        for (key, fields) in &found {
            self.shape(key, fields)?;
            for group in self.groups(fields) {
                self.same(key, &group)?;
                let below: Vec<On<'a>> = group.iter().filter_map(|chosen| self.below(*chosen)).collect();
                if !below.is_empty() {
                    self.sets(&below)?;
                }
            }
        }
        Ok(())
    }

    fn below(&self, chosen: Chosen<'a>) -> Option<On<'a>> {
        let set = &chosen.field.selection_set.node;
        let ty = self.types.named_type_of(chosen.parent, chosen.field.name.node.as_str());
        (!set.items.is_empty()).then_some((set, ty))
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        parent: Option<&'a str>,
        found: &mut IndexMap<&'a str, Vec<Chosen<'a>>>,
        seen: &mut HashSet<&'a str>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    found.entry(key).or_default().push(Chosen { field: &field.node, parent });
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.collect(&fragment.node.selection_set.node, on.or(parent), found, seen);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    // A second time adds nothing to one object.
                    if let Some(fragment) = self.document.fragments.get(name)
                        && seen.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(&fragment.node.selection_set.node, Some(on), found, seen);
                    }
                }
            }
        }
    }

    /// Fields that may be of one object: those on interfaces with those on each type.
    fn groups(&self, fields: &[Chosen<'a>]) -> Vec<Vec<Chosen<'a>>> {
        let is_object = |chosen: &Chosen| chosen.parent.is_some_and(|parent| !self.types.is_abstract(parent));
        let (concrete, open): (Vec<Chosen>, Vec<Chosen>) = fields.iter().partition(|chosen| is_object(chosen));
        let mut by_type: BTreeMap<&str, Vec<Chosen>> = BTreeMap::new();
        for chosen in concrete {
            by_type.entry(chosen.parent.unwrap_or_default()).or_insert_with(|| open.clone()).push(chosen);
        }
        if by_type.is_empty() { vec![open] } else { by_type.into_values().collect() }
    }

    fn same(&self, key: &str, group: &[Chosen<'a>]) -> Result<(), Message> {
        let Some((first, rest)) = group.split_first() else { return Ok(()) };
        for other in rest {
            let (one, two) = (&first.field.name.node, &other.field.name.node);
            if one != two {
                return Err(message!(
                    "\"{key}\" would be {one} and {two} at once: give one of them an alias",
                    key = crate::error::clip(key),
                    one = one,
                    two = two
                ));
            }
            if arguments(first.field) != arguments(other.field) {
                return Err(message!(
                    "\"{key}\" is asked for with different arguments at once: give one of them an alias",
                    key = crate::error::clip(key)
                ));
            }
        }
        Ok(())
    }

    /// Whether all of them, of one object or not, answer values of one shape.
    fn shape(&self, key: &str, fields: &[Chosen<'a>]) -> Result<(), Message> {
        let known = |chosen: &Chosen<'a>| self.types.of_field(chosen.parent, chosen.field.name.node.as_str());
        let mut types = fields.iter().filter_map(known);
        let Some(first) = types.next() else { return Ok(()) };
        if types.all(|other| self.alike(first, other)) {
            return Ok(());
        }
        let key = crate::error::clip(key);
        Err(message!("\"{key}\" would have values of different types: give one of them an alias", key))
    }

    fn alike(&self, one: &Type, other: &Type) -> bool {
        let inner = match (&one.base, &other.base) {
            (BaseType::List(one), BaseType::List(other)) => self.alike(one, other),
            (BaseType::Named(_), BaseType::Named(_)) => {
                let (one, other) = (named(one).unwrap_or_default(), named(other).unwrap_or_default());
                let composite = |name: &str| self.types.known(name).is_some();
                one == other || (composite(one) && composite(other))
            }
            _ => false,
        };
        inner && one.nullable == other.nullable
    }
}

fn arguments(field: &Field) -> BTreeMap<&str, &Value> {
    field.arguments.iter().map(|(name, value)| (name.node.as_str(), &value.node)).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "type Query { u(c: Int): U v: U n: N ns: [N!]! } interface N { id: ID! } \
                       type U implements N { id: ID! x: Int y: Int k(i: [Int]): U s: String } type P implements N { id: ID! x: String y: Int k: U }";

    fn said(query: &str) -> Option<String> {
        let document = parse_query(query).unwrap();
        check(&FieldTypes::of(SDL), &document).err().map(|message| message.english())
    }

    #[test]
    fn what_cannot_be_merged_is_refused() {
        for query in [
            "{ u { x } u: v { x } }",
            "{ u { a: x } u { a: y } }",
            "{ u(c: 1) { x } u { x } }",
            "{ u { k(i: [1]) { x } } ...F } fragment F on Query { u { k(i: [2]) { x } } }",
            "{ u { k { k { a: x } } } u { k { k { ...F } } } } fragment F on U { a: y }",
            "{ n { ... on U { a: x } ... on P { a: x } } }",
            "{ n { ... on U { k { a: x } } ... on P { k { a: s } } } n { ... on U { a: id } ... on P { a: y } } }",
            "{ n { id ... on U { id: x } } }",
        ] {
            assert!(said(query).is_some(), "{query}");
        }
    }

    #[test]
    fn what_can_be_merged_passes() {
        for query in [
            "{ u { x } u { y x } }",
            "query($c: Int) { u(c: $c) { x } u(c: $c) { y } }",
            "{ u { k(i: [1, 2]) { x } } u { k(i: [1, 2]) { y } } }",
            "{ n { ... on U { a: y } ... on P { a: y } } }",
            "{ n { ... on U { k { a: x } } ... on P { k { b: s } } id } ns { id } }",
            "{ __schema { types { name } } __schema { types { kind } } u { __typename } u { __typename } }",
        ] {
            assert_eq!(said(query), None, "{query}");
        }
    }
}
