//! What fields cost: the one table, completed by rules and compared with the schema by a test.
//!
//! A field costs its price and what is selected below it, that times the number of objects it may answer with. Without an entry: 1.

use std::collections::HashMap;

use async_graphql::parser::types::BaseType;

use crate::graphql::types::{FieldTypes, named};

/// How many objects a field answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    One,
    /// About so many: a list whose length the facts bound.
    About(u64),
    /// A connection: `first` or `last`.
    Page,
    /// The edges or nodes of a connection: as many as its page.
    Rows,
    /// As many as the list has items that the argument is, or that stands in it (`input.items`).
    Argument(&'static str),
    /// The parts of a breakdown by the dimensions of the argument.
    Parts(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    pub price: u64,
    pub size: Size,
}

/// A page of a connection that names no size.
pub const PAGE: u64 = 100;

/// Each field below `__schema` or `__type`: the types of a schema are some hundreds.
pub const INTROSPECTION: u64 = 20;

/// A change: a transaction, and the reading of what it changed.
const MUTATION: u64 = 50;

const fn of(price: u64) -> Weight {
    Weight { price, size: Size::One }
}

const fn list(price: u64, size: Size) -> Weight {
    Weight { price, size }
}

/// By type and field. Prices are relative to a column that is read with its row; what takes a statement of its own for each page,
/// searches, or counts, costs more.
const TABLE: &[(&str, &str, Weight)] = &[
    ("ApiToken", "roles", list(0, Size::About(2))),
    ("AuditEntry", "changes", list(1, Size::About(5))),
    ("AuditEntry", "codes", of(0)),
    ("Cluster", "members", list(3, Size::About(20))),
    ("Initiative", "authors", list(2, Size::About(3))),
    ("Initiative", "viewerCan", of(2)),
    ("InitiativesApprovePayload", "results", list(0, Size::One)),
    ("InitiativesRejectPayload", "results", list(0, Size::One)),
    ("Mutation", "initiativesApprove", list(MUTATION, Size::Argument("input.items"))),
    ("Mutation", "initiativesReject", list(MUTATION, Size::Argument("input.items"))),
    ("Programme", "blocs", of(2)),
    ("Programme", "groups", list(1, Size::About(5))),
    ("Programme", "phases", list(1, Size::About(10))),
    ("Query", "initiative", of(5)),
    ("Query", "initiatives", list(20, Size::Page)),
    ("Query", "node", of(5)),
    ("Query", "nodes", list(5, Size::Argument("ids"))),
    ("Query", "programme", of(5)),
    ("Query", "unit", of(5)),
    ("Query", "units", list(20, Size::Page)),
    ("Reorganisation", "conservation", list(1, Size::About(5))),
    ("Reorganisation", "faults", list(1, Size::About(5))),
    ("Reorganisation", "steps", list(2, Size::About(50))),
    ("ReorganisationPart", "initiatives", of(0)),
    ("ReorganisationPart", "units", of(0)),
    ("ReorganisationReport", "units", list(1, Size::About(100))),
    ("ReorganisationStep", "parts", list(0, Size::About(3))),
    ("ReorganisationStep", "restated", list(0, Size::About(3))),
    ("ReorganisationStep", "units", of(0)),
    ("Rollup", "activity", list(50, Size::Parts("by"))),
    ("Rollup", "benefitOver", of(20)),
    ("Rollup", "breakdown", list(20, Size::Parts("by"))),
    ("Rollup", "completion", of(3)),
    ("Rollup", "daysAheadOfPlan", of(50)),
    ("Rollup", "initiatives", list(50, Size::Page)),
    ("Rollup", "registeredBelow", of(5)),
    ("Rollup", "target", of(3)),
    ("Rollup", "targetReachedAt", of(50)),
    ("Rollup", "unitsOverTarget", of(20)),
    ("RollupPart", "keys", list(0, Size::About(2))),
    ("Subscription", "initiativeChanged", of(5)),
    ("Subscription", "rollupChanged", of(5)),
    ("Unit", "ancestors", list(3, Size::About(6))),
    ("Unit", "audit", list(20, Size::Page)),
    ("Unit", "descendants", list(20, Size::Page)),
    ("Unit", "history", list(3, Size::About(3))),
    ("Unit", "initiatives", list(20, Size::Page)),
    ("Unit", "leaderboard", list(50, Size::Page)),
    ("Unit", "predecessors", list(2, Size::About(3))),
    ("Unit", "ranking", of(20)),
    ("Unit", "rollup", of(3)),
    ("Unit", "successors", list(2, Size::About(3))),
    ("Unit", "targets", list(3, Size::About(20))),
    ("Unit", "viewerCan", of(2)),
    ("UnitsTold", "codes", of(0)),
    ("UserError", "field", of(0)),
    ("Viewer", "awaitingDecision", list(20, Size::Page)),
    ("Viewer", "grants", list(3, Size::About(5))),
    ("Viewer", "initiatives", list(20, Size::Page)),
    ("Viewer", "sessions", list(5, Size::About(5))),
    ("Viewer", "tokens", list(10, Size::Page)),
];

/// How many parts a dimension has, about.
pub fn parts(dimension: &str) -> u64 {
    match dimension {
        "DAY" => 400,
        "CHILD" => 90,
        "WEEK" => 60,
        "MONTH" => 15,
        "KIND" | "SECTOR" => 20,
        "BLOC" => 2,
        "GROUP" => 4,
        "LEVEL" | "STATE" => 6,
        _ => 8,
    }
}

/// What every field of the schema costs, by type, then by field.
pub struct Weights(HashMap<String, HashMap<String, Weight>>);

impl Weights {
    pub fn of(types: &FieldTypes) -> Weights {
        let mut all: HashMap<String, HashMap<String, Weight>> = HashMap::new();
        for (parent, fields) in types.all() {
            let weights = fields.iter().map(|(field, ty)| {
                let connection = named(ty).is_some_and(|name| name.ends_with("Connection"));
                (field.clone(), by_rule(parent, field, connection, matches!(ty.base, BaseType::List(_))))
            });
            all.insert(parent.clone(), weights.collect());
        }
        for (parent, field, weight) in TABLE {
            all.entry((*parent).to_owned()).or_default().insert((*field).to_owned(), *weight);
        }
        Weights(all)
    }

    /// What a field costs; what the schema does not know costs 1, and will be refused.
    pub fn weight(&self, parent: Option<&str>, field: &str) -> Weight {
        let fields = parent.and_then(|parent| self.0.get(parent));
        fields.and_then(|fields| fields.get(field)).copied().unwrap_or(of(1))
    }
}

fn by_rule(parent: &str, field: &str, connection: bool, is_list: bool) -> Weight {
    match field {
        _ if parent == "Mutation" => of(MUTATION),
        "totalCount" => of(10),
        "nodes" | "edges" if parent.ends_with("Connection") => list(0, Size::Rows),
        "userErrors" => list(0, Size::About(1)),
        _ if connection => list(5, Size::Page),
        // The test below asks for an entry.
        _ if is_list => list(1, Size::About(PAGE)),
        _ => of(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types() -> FieldTypes {
        FieldTypes::of(&crate::graphql::sdl())
    }

    #[test]
    fn every_list_of_the_schema_has_a_weight() {
        let types = types();
        for (parent, fields) in types.all() {
            for (field, ty) in fields {
                let by_rule = matches!(field.as_str(), "userErrors")
                    || (parent.ends_with("Connection") && matches!(field.as_str(), "nodes" | "edges"));
                let in_table = TABLE.iter().any(|(p, f, _)| p == parent && f == field);
                let is_list = matches!(ty.base, BaseType::List(_));
                assert!(!is_list || by_rule || in_table, "{parent}.{field} is a list: give it a line in TABLE");
            }
        }
    }

    #[test]
    fn the_table_is_of_this_schema_and_in_order() {
        let types = types();
        for (parent, field, weight) in TABLE {
            let ty = types.of_field(Some(parent), field);
            let ty = ty.unwrap_or_else(|| panic!("the schema has no {parent}.{field}"));
            let connection = named(ty).is_some_and(|name| name.ends_with("Connection"));
            assert_eq!(connection, weight.size == Size::Page, "{parent}.{field}: a connection is priced by its page");
        }
        assert!(TABLE.is_sorted_by_key(|(parent, field, _)| (*parent, *field)), "TABLE is in alphabetical order");
    }
}
