//! What is invisible answers as what does not exist: the same words, by the same number of statements.

use serde_json::{Value, json};

use super::{Cast, Who};
use crate::support::{Actor, Reply, both};

use Who::*;

/// A query with `$it` for the code or id, the name of something hidden, and who asks.
const PAIRS: &[(&str, &str, Who)] = &[
    ("query($it: String!) { unit(code: $it) { id } }", "G1", SiblingAdmin),
    ("query($it: String!) { unit(code: $it) { id } }", "G1", Nobody),
    ("query($it: String!) { units(within: $it, first: 5) { nodes { id } } }", "G1", SiblingReviewer),
    ("query($it: String!) { initiatives(within: $it, first: 5) { nodes { id } } }", "G1", SiblingReviewer),
    (
        "query($it: String!) { viewer { awaitingDecision(within: $it, first: 5) { nodes { id } } } }",
        "G1",
        SiblingReviewer,
    ),
    ("query($it: String!) { initiative(code: $it) { id } }", "<sent.code>", SiblingAdmin),
    ("query($it: String!) { initiative(code: $it) { id } }", "<draft.code>", Top),
    (
        "query($it: String!) { initiatives(search: $it, first: 5) { totalCount nodes { id } } }",
        "<sent.code>",
        SiblingAdmin,
    ),
    ("query($it: String!) { units(search: $it, first: 5) { totalCount nodes { id } } }", "G1", SiblingAdmin),
    ("query($it: String!) { programme(code: $it) { id } }", "NB", Nobody),
    ("query($it: String!) { initiatives(programme: $it, first: 5) { nodes { id } } }", "RIENG", Nobody),
    ("query($it: String!) { unit(code: \"P01\") { rollup(programme: $it) { submitted } } }", "NB", Nobody),
    ("query($it: String!) { unit(code: \"P01\") { ranking(programme: $it) { of } } }", "NB", Nobody),
    ("query($it: String!) { unit(code: \"P01\") { targets(programme: $it) { id } } }", "RIENG", Nobody),
    ("query($it: ID!) { node(id: $it) { id } }", "<sent>", SiblingAdmin),
    ("query($it: ID!) { node(id: $it) { id } }", "<draft>", Top),
    ("query($it: ID!) { node(id: $it) { id } }", "<hidden_target>", SiblingAdmin),
    ("query($it: ID!) { node(id: $it) { id } }", "<private_target>", SiblingAdmin),
    ("query($it: ID!) { node(id: $it) { id } }", "<author>", SiblingAdmin),
    ("query($it: ID!) { node(id: $it) { id } }", "<grant>", Reviewer),
    ("query($it: ID!) { node(id: $it) { id } }", "<event>", SiblingAdmin),
    ("query($it: ID!) { node(id: $it) { id } }", "<unit>", SiblingAdmin),
    ("query($it: ID!) { node(id: $it) { id } }", "<rollup>", SiblingAdmin),
    ("query($it: ID!) { nodes(ids: [$it]) { id } }", "<sent>", Nobody),
];

/// Mutations with `<it>` in their input.
const MUTATIONS: &[(&str, &str, &str)] = &[
    ("unitCreate", r#"{"code": "G8", "name": "Tám", "kind": "UNION_TEAM", "parent": "<it>"}"#, "G1"),
    (
        "unitCreate",
        r#"{"code": "G8", "name": "", "kind": "UNION_TEAM", "parent": "<it>", "establishedOn": "2999-01-01"}"#,
        "G1",
    ),
    ("unitRename", r#"{"unit": "<it>", "name": ""}"#, "G1"),
    ("unitMove", r#"{"unit": "<it>", "parent": "P02"}"#, "G1"),
    ("unitMove", r#"{"unit": "G3", "parent": "<it>"}"#, "G1"),
    ("targetSet", r#"{"unit": "<it>", "programme": "SK", "kind": "PLANNED", "value": -1}"#, "G1"),
    ("targetClear", r#"{"id": "<it>"}"#, "<hidden_target>"),
    ("targetClear", r#"{"id": "<it>"}"#, "<private_target>"),
    (
        "initiativeDraft",
        r#"{"unit": "<it>", "programme": "SK", "phase": "9", "group": "9", "solution": "TECHNICAL", "title": "",
      "appliedOn": "2025-06-01"}"#,
        "G1",
    ),
    ("initiativeEdit", r#"{"id": "<it>", "version": 99, "title": ""}"#, "<draft>"),
    ("initiativeSubmit", r#"{"id": "<it>", "version": 1}"#, "<draft>"),
    ("initiativeWithdraw", r#"{"id": "<it>", "version": 2}"#, "<sent>"),
    ("initiativeReturn", r#"{"id": "<it>", "version": 2, "note": ""}"#, "<sent>"),
    ("initiativeApprove", r#"{"id": "<it>", "version": 99}"#, "<sent>"),
    ("initiativeReject", r#"{"id": "<it>", "version": 2, "reason": "OTHER"}"#, "<sent>"),
    ("initiativeRevoke", r#"{"id": "<it>", "version": 3, "reason": "NOT_NEW"}"#, "<approved>"),
    ("initiativesApprove", r#"{"items": [{"id": "<it>", "version": 99}]}"#, "<sent>"),
    ("initiativesReject", r#"{"items": [{"id": "<it>", "version": 2, "reason": "OTHER"}]}"#, "<sent>"),
    ("accountInvite", r#"{"displayName": "", "unit": "<it>", "roles": []}"#, "G1"),
    ("grantAdd", r#"{"account": "<author>", "unit": "<it>", "role": "ADMIN"}"#, "G1"),
    ("grantAdd", r#"{"account": "<it>", "unit": "G3", "role": "ADMIN"}"#, "<author>"),
    ("grantRemove", r#"{"id": "<it>"}"#, "<grant>"),
    ("accountErase", r#"{"id": "<it>"}"#, "<author>"),
    ("accountExport", r#"{"id": "<it>"}"#, "<author>"),
];

/// The name of something of the same form that does not exist: ids are random, so any other number will do.
fn another(name: &str) -> String {
    match name.find("SK-") {
        Some(_) => "SK-0000000000".to_owned(),
        None if name.len() < 10 => "G0".to_owned(),
        // The last letter of a number's lowest byte, or of an event's or roll-up's unit, would do; the second is the key's first.
        None => format!("{}{}{}", &name[..3], if &name[3..4] == "A" { "B" } else { "A" }, &name[4..]),
    }
}

fn without(reply: &Reply, name: &str) -> Value {
    serde_json::from_str(&reply.body.to_string().replace(name, "it")).unwrap()
}

async fn name_more(cast: &Cast, name: &str) -> String {
    let admin: &Actor = cast.get(Admin);
    let code = cast.fill("<sent.code>");
    let query = format!(
        "{{ unit(code: \"G1\") {{ id rollup(programme: \"SK\", slice: {{ phase: [\"1\"] }}) {{ id }} }}
        initiative(code: \"{code}\") {{ events(first: 1) {{ nodes {{ id }} }} }} }}"
    );
    let reply = admin.query(&query, json!({})).await.ok();
    match name {
        "<unit>" => reply.text("/unit/id").to_owned(),
        "<rollup>" => reply.text("/unit/rollup/id").to_owned(),
        "<event>" => reply.text("/initiative/events/nodes/0/id").to_owned(),
        other => cast.fill(other),
    }
}

both!(
    async fn a_hidden_object_reads_as_a_missing_one(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        for (query, name, who) in PAIRS {
            let hidden = name_more(&cast, name).await;
            let missing = another(&hidden);
            assert_ne!(hidden, missing);
            let actor = cast.get(*who);
            let one = actor.query(query, json!({ "it": hidden })).await;
            let other = actor.query(query, json!({ "it": missing })).await;
            assert_eq!(without(&one, &hidden), without(&other, &missing), "{query} {name} {who:?}");
            assert_eq!((one.status, one.statements), (other.status, other.statements), "{query} {name} {who:?}");
            assert!(one.statements.is_some());
        }
    }
);

both!(
    async fn a_mutation_says_the_same_of_both_whatever_else_is_wrong(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let actor = cast.get(SiblingAdmin);
        for (mutation, input, name) in MUTATIONS {
            let hidden = cast.fill(name);
            let missing = another(&hidden);
            let changed = if mutation.starts_with("initiatives") {
                "results { userErrors { code field message } }"
            } else {
                "__typename"
            };
            let ask = async |it: &str| {
                let input: Value = serde_json::from_str(&cast.fill(&input.replace("<it>", it))).unwrap();
                actor.mutate(mutation, input, changed).await
            };
            let (one, other) = (ask(&hidden).await, ask(&missing).await);
            assert_eq!(without(&one, &hidden), without(&other, &missing), "{mutation} {input}");
            assert!(one.body.to_string().contains("NOT_FOUND"), "{mutation}: {}", one.body);
        }
    }
);

// A code that is taken is not available, whoever has it.
both!(
    async fn a_taken_code_says_nothing_of_who_has_it(app: &TestApp) {
        let cast = Cast::assemble(app).await;
        let mut said = Vec::new();
        for taken in ["G1", "G3", "P01"] {
            let input = json!({ "code": taken, "name": "Mới", "kind": "GRASSROOTS_UNION", "parent": "P02" });
            let reply = cast.get(SiblingAdmin).mutate("unitCreate", input, "unit { id }").await;
            said.push(reply.body["data"]["unitCreate"]["userErrors"].clone());
        }
        assert_eq!(said[0][0]["code"], "CODE_NOT_AVAILABLE");
        assert!(said.iter().all(|errors| *errors == said[0]), "{said:?}");
    }
);
