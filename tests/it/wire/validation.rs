//! Rules of the specification that the library behind does not keep by itself.

use serde_json::{Value, json};

use crate::support::both;

/// Documents that break a rule.
const BROKEN: &[(&str, &str)] = &[
    ("{ unit(code: \"TLD\") { x: code } unit(code: \"TLD\") { x: name } }", "GRAPHQL_VALIDATION_FAILED"),
    (
        "{ unit(code: \"TLD\") { children(first: 1) { totalCount } } ...F } \
         fragment F on Query { unit(code: \"TLD\") { children(first: 2) { nodes { id } } } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "{ a: units(first: 1) { totalCount } ...F } fragment F on Query { a: units(first: 2) { totalCount } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "{ node(id: \"x\") { ... on Unit { x: code } ... on Programme { x: publicLevel } } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    ("{ __typename @foo }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ __typename @skip }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ __typename @skip(if: \"x\") }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ __typename @skip(if: true) @skip(if: true) }", "GRAPHQL_VALIDATION_FAILED"),
    ("query($x: Int @foo) { units(first: $x) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
    ("query($x: Boolean) { unit(code: \"TLD\") { code id @include(if: $x) } }", "GRAPHQL_VALIDATION_FAILED"),
    ("query($x: String = \"a\") { unit(code: \"TLD\") { code id @include(if: $x) } }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    ("query Q() { __typename }", "GRAPHQL_PARSE_FAILED"),
    ("{ ...on } fragment on on Query { __typename }", "GRAPHQL_PARSE_FAILED"),
    (
        "{ unit(code: \"TLD\") { rollup(programme: \"SK\", slice: { phase: [\"1\"], phase: [\"2\"] }) { submitted } } }",
        "GRAPHQL_PARSE_FAILED",
    ),
    ("{ unit(code: \"TLD\") { children(orderBy: \"NAME_ASC\") { totalCount } } }", "BAD_USER_INPUT"),
];

both!(
    async fn broken_documents_are_refused(app: &TestApp) {
        app.small_federation().await;
        for (document, code) in BROKEN {
            let reply = app.anonymous().query(document, json!({})).await;
            assert_eq!(reply.codes().first(), Some(code), "{document}: {}", reply.body);
            assert!(reply.body.get("data").is_none(), "{document}");
        }
    }
);

both!(
    async fn an_object_of_which_nothing_is_selected_is_there(app: &TestApp) {
        app.small_federation().await;
        let reader = app.operator().await;
        let id = reader.query("{ unit(code: \"TLD\") { id } }", json!({})).await.ok().text("/unit/id").to_owned();
        let variables = json!({ "no": false, "yes": true, "id": id });
        // Every variable is used, and the fragment: what is asked for stands beside that.
        let used = "a: __typename @include(if: $no) b: __typename @skip(if: $yes) c: node(id: $id) { id } d: unit(code: \"none\") { ...F }";
        let ask = async |document: &str| {
            let text = format!(
                "query Q($no: Boolean!, $yes: Boolean!, $id: ID!) {{ {used} {document} }} fragment F on Unit {{ name }}"
            );
            let mut data = reader.query(&text, variables.clone()).await.ok().at("").clone();
            for beside in ["c", "d"] {
                data.as_object_mut().unwrap().remove(beside);
            }
            data
        };
        for (document, expected) in [
            ("unit(code: \"TLD\") { id @skip(if: true) ...F @include(if: $no) }", json!({ "unit": {} })),
            ("unit(code: \"TLD\") { ...F @include(if: $no) }", json!({ "unit": {} })),
            ("unit(code: \"TLD\") { __typename @skip(if: true) ...F @skip(if: true) }", json!({ "unit": {} })),
            ("unit(code: \"none\") { ...F @include(if: $no) }", json!({ "unit": null, })),
            ("node(id: $id) { ... on Programme { code } ... on Unit { ...F @skip(if: true) } }", json!({ "node": {} })),
            ("nodes(ids: [$id, \"x\"]) { ... on Programme { code } }", json!({ "nodes": [{}, null] })),
            (
                "unit(code: \"TLD\") { name rollup(programme: \"SK\") { submitted @skip(if: true) } ...F @skip(if: true) }",
                json!({ "unit": { "name": "Tổng Liên đoàn Lao động Việt Nam", "rollup": {} } }),
            ),
            (
                "unit(code: \"TLD\") { ...F ... on Unit { parent { ...F @skip(if: true) } } }",
                json!({ "unit": { "name": "Tổng Liên đoàn Lao động Việt Nam", "parent": null } }),
            ),
        ] {
            let data = ask(document).await;
            assert_eq!(data, expected, "{document}");
        }
    }
);

both!(
    async fn characters_beyond_the_basic_plane_may_be_escaped(app: &TestApp) {
        for escape in ["\\ud83c\\udf89", "\\u{1F389}", "🎉"] {
            let document = format!("{{ unit(code: \"{escape}\") {{ code }} }}");
            assert_eq!(app.anonymous().query(&document, json!({})).await.ok().at("/unit"), &Value::Null, "{document}");
        }
    }
);
