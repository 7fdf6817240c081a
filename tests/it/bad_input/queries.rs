//! Arguments of queries.

use serde_json::{Value, json};

use super::counts;
use super::values::{TRICKY, hostile};
use crate::access::{Cast, Who};
use crate::support::{Setup, both};

/// A query with one variable of the named type.
#[rustfmt::skip]
const QUERIES: &[(&str, &str)] = &[
    ("ID", "query($x: ID!) { node(id: $x) { id } }"),
    ("ID", "query($x: ID!) { nodes(ids: [$x]) { id } }"),
    ("String", "query($x: String!) { unit(code: $x) { id } }"),
    ("String", "query($x: String!) { programme(code: $x) { id } }"),
    ("String", "query($x: String!) { initiative(code: $x) { id } }"),
    ("String", "query($x: String) { units(within: $x, first: 1) { totalCount } }"),
    ("String", "query($x: String) { units(search: $x, first: 1) { totalCount nodes { id } } }"),
    ("UnitKind", "query($x: [UnitKind!]) { units(kind: $x, first: 1) { totalCount } }"),
    ("UnitOrder", "query($x: UnitOrder) { units(orderBy: $x, first: 1) { totalCount } }"),
    ("Int", "query($x: Int) { units(first: $x) { totalCount } }"),
    ("Int", "query($x: Int) { programmes(last: $x) { totalCount } }"),
    ("String", "query($x: String) { units(first: 1, after: $x) { nodes { id } } }"),
    ("String", "query($x: String) { programmes(first: 1, after: $x) { nodes { id } } }"),
    ("String", "query($x: String) { initiatives(last: 1, before: $x) { nodes { id } } }"),
    ("String", "query($x: String) { initiatives(within: $x, first: 1) { totalCount } }"),
    ("String", "query($x: String) { initiatives(programme: $x, first: 1) { totalCount } }"),
    ("String", "query($x: String) { initiatives(search: $x, first: 1) { totalCount nodes { id } } }"),
    ("InitiativeState", "query($x: [InitiativeState!]) { initiatives(state: $x, first: 1) { totalCount } }"),
    ("BigInt", "query($x: BigInt) { initiatives(verifiedBenefitOver: $x, first: 1) { totalCount nodes { id } } }"),
    ("Slice", "query($x: Slice) { initiatives(slice: $x, first: 1) { totalCount } }"),
    ("String", "query($x: [String!]) { initiatives(slice: { phase: $x }, first: 1) { totalCount nodes { id } } }"),
    ("String", "query($x: [String!]) { initiatives(slice: { bloc: $x }, first: 1) { totalCount nodes { id } } }"),
    ("String", "query($x: String) { viewer { awaitingDecision(within: $x, first: 1) { totalCount } } }"),
    ("String", "query($x: String!) { unit(code: \"P01\") { targets(programme: $x) { id } } }"),
    ("String", "query($x: String!) { unit(code: \"P01\") { rollup(programme: $x) { submitted } } }"),
    ("String", "query($x: [String!]) { unit(code: \"P01\") { rollup(programme: \"SK\", slice: { group: $x }) { submitted } } }"),
    ("UnitKind", "query($x: [UnitKind!]) { unit(code: \"P01\") { rollup(programme: \"SK\", slice: { kind: $x }) { submitted } } }"),
    ("Measure", "query($x: Measure!) { unit(code: \"P01\") { ranking(programme: \"SK\", by: $x) { of } } }"),
    ("String", "query($x: String) { unit(code: \"P01\") { leaderboard(programme: \"SK\", first: 1, after: $x) { nodes { rank } } } }"),
    ("Depth", "query($x: Depth!) { unit(code: \"P01\") { leaderboard(programme: \"SK\", depth: $x, first: 1) { totalCount } } }"),
    ("String", "query($x: String) { unit(code: \"P01\") { children(first: 1, after: $x) { nodes { id } } } }"),
    ("String", "query($x: String) { unit(code: \"P01\") { descendants(first: 1, search: $x) { totalCount nodes { id } } } }"),
    ("String", "query($x: String) { unit(code: \"P01\") { officers(first: 1, after: $x) { nodes { id } } } }"),
    ("Dimension", "query($x: [Dimension!]!) { unit(code: \"P01\") { rollup(programme: \"SK\") { breakdown(by: $x) { submitted } } } }"),
    ("TargetKind", "query($x: TargetKind!) { unit(code: \"P01\") { rollup(programme: \"SK\") { target(kind: $x) } } }"),
];

both!(with Setup::unfolded(); async fn no_argument_brings_the_server_down(app: &TestApp) {
    let cast = Cast::assemble(app).await;
    let (admin, before) = (cast.get(Who::Top), counts(app).await);
    let mut wrong = Vec::new();
    for (ty, query) in QUERIES {
        let mut values = hostile(ty);
        values.extend([Value::Null, json!([]), json!([null]), json!([[1]]), json!("")]);
        if *ty == "String" {
            values.extend(TRICKY.map(Value::from));
            values.extend(["WyJ1bml0Lk5hbWVBc2MiXQ", "W10", "bnVsbA", "////", "W1tbW1tbW1tb"].map(Value::from));
        }
        for value in values {
            let reply = admin.query(query, json!({ "x": value })).await;
            let codes = reply.codes();
            // A value of another type is no GraphQL of this schema; any other is an answer, or says what is wrong with it.
            let clear = codes.iter().all(|code| matches!(*code, "BAD_USER_INPUT" | "NOT_FOUND" | "GRAPHQL_VALIDATION_FAILED"));
            if reply.status != 200 || !clear {
                let value: String = value.to_string().chars().take(60).collect();
                wrong.push(format!("{query} with {value}: {} {}", reply.status, reply.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(counts(app).await, before);
});

both!(with Setup::unfolded(); async fn each_wrong_argument_is_named(app: &TestApp) {
    let cast = Cast::assemble(app).await;
    let by_code = "{ units(first: 1, orderBy: CODE_ASC) { pageInfo { endCursor } } }";
    let admin = cast.get(Who::Top);
    let cursor = admin.query(by_code, json!({})).await.ok().text("/units/pageInfo/endCursor").to_owned();
    let board = |arguments: &str| format!("{{ unit(code: \"TLD\") {{ leaderboard(programme: \"SK\", {arguments}) {{ nodes {{ rank }} }} }} }}");
    let rollup = |arguments: &str, field: &str| {
        format!("{{ unit(code: \"P01\") {{ rollup(programme: \"SK\"{arguments}) {{ {field} }} }} }}")
    };
    for (query, named) in [
        ("{ units(first: 0) { totalCount } }".to_owned(), "first"),
        ("{ units(first: -1) { totalCount } }".to_owned(), "first"),
        ("{ units(first: 101) { totalCount } }".to_owned(), "first"),
        ("{ units(last: 0) { totalCount } }".to_owned(), "last"),
        ("{ units { totalCount } }".to_owned(), "exactly one of first and last"),
        ("{ units(first: 1, last: 1) { totalCount } }".to_owned(), "exactly one of first and last"),
        ("{ units(first: 1, after: \"x\") { totalCount } }".to_owned(), "after"),
        ("{ units(last: 1, before: \"\") { totalCount } }".to_owned(), "before"),
        // A cursor of another order, and of another list.
        (format!("{{ units(first: 1, after: \"{cursor}\") {{ totalCount }} }}"), "after"),
        (format!("{{ programmes(first: 1, after: \"{cursor}\") {{ totalCount }} }}"), "after"),
        (board(&format!("first: 1, after: \"{cursor}\"")), "after"),
        (board("first: 0"), "first"),
        (board("last: 1, first: 1"), "exactly one of first and last"),
        (format!("{{ units(search: \"{}\", first: 1) {{ totalCount }} }}", "x".repeat(201)), "search"),
        ("{ initiatives(slice: { phase: [] }, first: 1) { totalCount } }".to_owned(), "slice.phase"),
        (rollup(", slice: { phase: [] }", "submitted"), "slice.phase"),
        (rollup(", slice: { group: [] }", "submitted"), "slice.group"),
        (rollup(", slice: { bloc: [] }", "submitted"), "slice.bloc"),
        (rollup(", slice: { kind: [] }", "submitted"), "slice.kind"),
        (rollup(", slice: { phase: [\"9\"] }", "submitted"), "slice.phase"),
        (rollup(", slice: { group: [\"A\", \"Z\"] }", "submitted"), "slice.group"),
        (rollup(", slice: { bloc: [\"NOPE\"] }", "submitted"), "slice.bloc"),
        (rollup("", "breakdown(by: []) { submitted }"), "by"),
        (rollup("", "breakdown(by: [KIND, KIND]) { submitted }"), "by"),
        (rollup("", "breakdown(by: [KIND, LEVEL, PHASE]) { submitted }"), "by"),
        (rollup("", "completion(of: VERIFIED_BENEFIT) { ratio }"), "of"),
        (rollup("", "unitsOverTarget(of: COMPLETION) { over }"), "of"),
        (format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"x\" ".repeat(101)), "ids"),
    ] {
        let reply = admin.query(&query, json!({})).await;
        assert_eq!(reply.codes(), ["BAD_USER_INPUT"], "{query}: {}", reply.body);
        let message = reply.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(named), "{query}: {message}");
    }
});
