//! Tests of measuring and pricing, without a server.

use async_graphql::parser::types::DocumentOperations;
use serde_json::json;

use super::*;

fn limiter(limits: Limits) -> Limiter {
    Limiter::new(&limits, Arc::new(FieldTypes::of(&crate::graphql::sdl())))
}

fn admitted_by(limits: Limits, document: &str, variables: serde_json::Value) -> Result<u64, Refusal> {
    let limiter = limiter(limits);
    let document = limiter.read(document)?.unwrap();
    let operation = match &document.operations {
        DocumentOperations::Single(operation) => operation,
        DocumentOperations::Multiple(operations) => operations.values().next().unwrap(),
    };
    let admitted = limiter.admit(&document, &operation.node, &Variables::from_json(variables));
    admitted.map(|admitted| admitted.cost)
}

fn cost(document: &str) -> u64 {
    admitted_by(Limits { max_cost: u64::MAX, ..Limits::default() }, document, json!({})).unwrap()
}

/// What is said against it; nothing where it is admitted.
fn said(document: &str) -> String {
    admitted_by(Limits::default(), document, json!({}))
        .map_or_else(|refusal| refusal.message.english(), |_| String::new())
}

fn chain(length: usize, spread: &str) -> String {
    let links =
        (0..length).map(|n| format!("fragment F{n} on Query {{ {} }} ", spread.replace('#', &(n + 1).to_string())));
    format!("{}fragment F{length} on Query {{ __typename }}", links.collect::<String>())
}

#[test]
fn a_chain_of_fragments_is_as_deep_as_it_is_long() {
    assert_eq!(said(&format!("{{ ...F0 }} {}", chain(40, "...F#"))), "");
    assert!(said(&format!("{{ ...F0 }} {}", chain(100, "...F#"))).contains("nests"));
    // Whether anything spreads it or not.
    assert!(said(&format!("{{ __typename }} {}", chain(150, "...F#"))).contains("nests"));
    assert!(
        said("{ ...A } fragment A on Query { ...B } fragment B on Query { unit(code: \"a\") { ...A } }")
            .contains("spreads itself")
    );
}

#[test]
fn a_fragment_counts_as_often_as_it_is_spread() {
    assert_eq!(said(&format!("{{ ...F0 }} {}", chain(3, "...F# ...F#"))), "");
    assert!(said(&format!("{{ ...F0 }} {}", chain(30, "...F# ...F#"))).contains("at most"));
    let pages = "{ units(first: 10) { ...P } } fragment P on UnitConnection { nodes { ...U ...U } } fragment U on Unit { name }";
    assert_eq!(cost(pages), 20 + 10 * 2);
}

#[test]
fn pages_multiply() {
    assert_eq!(cost("{ unit(code: \"a\") { name } }"), 5 + 1);
    assert_eq!(cost("{ units(first: 10) { totalCount nodes { name code } } }"), 20 + 10 + 10 * 2);
    assert_eq!(cost("{ units(last: 10) { edges { cursor node { name } } } }"), 20 + 10 * (1 + 1 + 1));
    // No size: the largest.
    assert_eq!(cost("{ units { nodes { name } } }"), 20 + 100);
    let nested = "{ units(first: 10) { nodes { children(first: 20) { nodes { name } } } } }";
    assert_eq!(cost(nested), 20 + 10 * (5 + 20));
    let inline =
        "{ node(id: \"x\") { ... on Unit { children(first: 7) { ... on UnitConnection { nodes { name } } } } } }";
    assert_eq!(cost(inline), 5 + 5 + 7);
    assert_eq!(cost("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }"), 5 + 3);
    let breakdown = "{ unit(code: \"a\") { rollup(programme: \"p\") { breakdown(by: [CHILD, PHASE]) { approved } } } }";
    assert_eq!(cost(breakdown), 5 + 3 + 20 + 90 * 8);
}

#[test]
fn variables_and_their_defaults_are_page_sizes() {
    let document = "query($n: Int = 30, $by: [Dimension!]!, $ids: [ID!]!) { units(first: $n) { nodes { name } } nodes(ids: $ids) { id }
        unit(code: \"a\") { rollup(programme: \"p\") { breakdown(by: $by) { approved } } } }";
    let cost = |variables| admitted_by(Limits::default(), document, variables).unwrap();
    let rest = 20 + 5 + 5 + 3 + 20;
    assert_eq!(cost(json!({ "by": ["PHASE"], "ids": ["a"] })), rest + 30 + 1 + 8);
    assert_eq!(cost(json!({ "n": 3, "by": ["KIND"], "ids": ["a", "b"] })), rest + 3 + 2 + 20);
}

#[test]
fn no_product_wraps() {
    let deep = (0..15).fold("id".to_owned(), |inner, _| format!("children(first: 100) {{ nodes {{ {inner} }} }}"));
    let limits = Limits { max_depth: 50, max_cost: u64::MAX, ..Limits::default() };
    let all = admitted_by(limits, &format!("{{ unit(code: \"a\") {{ {deep} }} }}"), json!({})).unwrap();
    assert_eq!(all, u64::MAX);
}

#[test]
fn the_costliest_field_is_named() {
    let document = "{ unit(code: \"a\") { name few: children(first: 2) { nodes { id } }
        many: children(first: 90) { nodes { children(first: 80) { nodes { children(first: 70) { nodes { name } } } } } } } }";
    let refusal = admitted_by(Limits::default(), document, json!({})).unwrap_err();
    assert_eq!(refusal.code, COST_EXCEEDED);
    assert!(
        refusal.message.english().contains("unit.many.nodes.children.nodes.children.nodes costs most"),
        "{}",
        refusal.message.english()
    );
}

#[test]
fn floods_are_refused_and_say_why() {
    let aliases = (0..101).map(|n| format!("a{n}: __typename ")).collect::<String>();
    assert!(said(&format!("{{ {aliases} }}")).contains("101 fields at its top level"));
    assert!(said(&format!("{{ unit(code: \"a\") {{ {aliases} }} }}")).contains("101 aliases"));
    assert!(said(&format!("{{ {} }}", "__typename ".repeat(500))).contains("500 fields at its top level"));
    assert!(said("{ __typename @a @a @a @a @a @a }").contains("one place of the document has 6 directives"));
    let many = "__typename @a @b @c ".repeat(40);
    assert!(said(&format!("{{ {many} }}")).contains("120 directives"));
    let arguments = (0..41).map(|n| format!("x{n}: 1 ")).collect::<String>();
    assert!(said(&format!("{{ unit({arguments}) {{ id }} }}")).contains("41 arguments"));
    let deep = (0..21).fold("id".to_owned(), |inner, _| format!("parent {{ {inner} }}"));
    assert!(said(&format!("{{ unit(code: \"a\") {{ {deep} }} }}")).contains("the fields nest 23 deep"));
    let wide = format!("{{ unit(code: \"a\") {{ {} }} }}", "id ".repeat(1_400));
    assert_eq!(said(&wide), "");
    let wider = format!(
        "{{ ...A ...A ...A ...A ...A }} fragment A on Query {{ unit(code: \"a\") {{ {} }} }}",
        "id ".repeat(1_200)
    );
    assert!(said(&wider).contains("selects 6010 fields"));
}

#[test]
fn a_large_variable_weighs_at_each_use() {
    let uses = (0..30).map(|n| format!("a{n}: nodes(ids: $ids) {{ id }} ")).collect::<String>();
    let ids: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    let document = format!("query($ids: [ID!]!) {{ {uses} }}");
    assert_eq!(admitted_by(Limits::default(), &document, json!({ "ids": ids[..10] })).map(|_| ()), Ok(()));
    let uses = (0..50).map(|n| format!("a{n}: nodes(ids: $ids) {{ id }} ")).collect::<String>();
    let refusal = admitted_by(Limits::default(), &format!("query($ids: [ID!]!) {{ {uses} }}"), json!({ "ids": ids }));
    assert!(refusal.unwrap_err().message.english().contains("the arguments of the document come to"));
}

#[test]
fn introspection_passes_unless_it_goes_in_circles() {
    let circle = "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }";
    assert!(said(circle).contains("the introspection nests 3 lists"));
    let through = "{ __schema { types { ...T } } } fragment T on __Type { fields { type { ...U } } } fragment U on __Type { fields { type { ...V } } }
        fragment V on __Type { interfaces { name } }";
    assert!(said(through).contains("the introspection nests 3 lists"));
    assert!(said("{ __type(name: \"Unit\") { fields { type { fields { name } } } } }").is_empty());
    assert_eq!(cost("{ __type(name: \"Unit\") { name } }"), 20);
}
