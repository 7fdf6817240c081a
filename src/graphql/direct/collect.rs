//! Collecting the fields of a selection: fragments opened, equal keys merged, what is skipped left out.
//!
//! In the order in which [`complete`](crate::graphql::complete) puts an answer: keys that are skipped in one place keep it for others.

use async_graphql::parser::types::{Directive, Field, Selection, SelectionSet};
use async_graphql::{Positioned, Value};

use super::arguments::Given;
use crate::graphql::validate::OCCUPANT;

/// A selection set, and whether it is there at all.
pub type Set<'a> = (&'a SelectionSet, bool);

/// All that is selected under one key of an answer.
pub struct Merged<'a> {
    pub key: &'a str,
    /// The field, and where it is selected.
    pub field: &'a Field,
    pub sets: Vec<Set<'a>>,
    live: bool,
}

/// The fields of an object of the type that are to be answered, in order; none where something in it is not understood.
pub fn collect<'a>(given: &Given<'a>, sets: &[Set<'a>], ty: &str) -> Option<Vec<Merged<'a>>> {
    let mut found = Vec::new();
    for (set, live) in sets {
        into(given, set, *live, ty, &mut found)?;
    }
    found.retain(|merged| merged.live);
    Some(found)
}

fn into<'a>(given: &Given<'a>, set: &'a SelectionSet, live: bool, ty: &str, found: &mut Vec<Merged<'a>>) -> Option<()> {
    for selection in &set.items {
        let live = live && shows(given, selection.node.directives())?;
        let (on, inner) = match &selection.node {
            Selection::Field(field) => {
                add(&field.node, live, found)?;
                continue;
            }
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                (on, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = given.document.fragments.get(&spread.node.fragment_name.node)?;
                (Some(fragment.node.type_condition.node.on.node.as_str()), &fragment.node.selection_set.node)
            }
        };
        // On another type, or on an interface: not by hand.
        if on.is_some_and(|on| on != ty) {
            return None;
        }
        into(given, inner, live, ty, found)?;
    }
    Some(())
}

fn add<'a>(field: &'a Field, live: bool, found: &mut Vec<Merged<'a>>) -> Option<()> {
    let key = field.response_key().node.as_str();
    if key == OCCUPANT {
        return Some(());
    }
    let set = (&field.selection_set.node, live);
    match found.iter_mut().find(|merged| merged.key == key) {
        Some(merged) => {
            // Validation has seen that they are the same field with the same arguments.
            merged.live |= live;
            merged.sets.push(set);
        }
        None => found.push(Merged { key, field, sets: vec![set], live }),
    }
    Some(())
}

/// Whether `@skip` and `@include` let it be answered.
fn shows(given: &Given<'_>, directives: &[Positioned<Directive>]) -> Option<bool> {
    let mut shows = true;
    for directive in directives {
        let directive = &directive.node;
        let when = directive.arguments.iter().find(|(name, _)| name.node == "if").map(|(_, value)| &value.node)?;
        let Value::Boolean(when) = given.value(when)? else { return None };
        shows &= match directive.name.node.as_str() {
            "skip" => !when,
            "include" => when,
            _ => return None,
        };
    }
    Some(shows)
}
