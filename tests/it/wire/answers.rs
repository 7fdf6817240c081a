//! The form of an answer: the query's order, and nulls where they may stand.

use serde_json::{Value, json};

use super::{post, query};
use crate::support::both;

// As text: values of JSON have no order.
both!(
    async fn fields_come_in_the_order_of_the_query(app: &TestApp) {
        app.small_federation().await;
        for (document, expected) in [
            (
                "{ unit(code: \"P01\") { name code parent { name code } kind } __typename }",
                r#"{"data":{"unit":{"name":"Công đoàn P01","code":"P01","parent":{"name":"Tổng Liên đoàn Lao động Việt Nam","code":"TLD"},"kind":"PROVINCIAL_FEDERATION"},"__typename":"Query"}}"#,
            ),
            (
                "{ z: __typename unit(code: \"NOPE\") { code } a: __typename programme(code: \"SK\") { groups { name code } code } }",
                r#"{"data":{"z":"Query","unit":null,"a":"Query","programme":{"groups":[{"name":"Nhóm A","code":"A"},{"name":"Nhóm B","code":"B"},{"name":"Nhóm C","code":"C"}],"code":"SK"}}}"#,
            ),
            // Fragments stand where they are spread, and the same field merges into its first place.
            (
                "query($no: Boolean = false) { ...F unit(code: \"P01\") { kind code } skipped: programme(code: \"SK\") @include(if: $no) { code } b: __typename } \
          fragment F on Query { a: __typename unit(code: \"P01\") { code ... on Unit { id @skip(if: true) name } } }",
                r#"{"data":{"a":"Query","unit":{"code":"P01","name":"Công đoàn P01","kind":"PROVINCIAL_FEDERATION"},"b":"Query"}}"#,
            ),
        ] {
            let answer = post(app, "*/*", query(document)).await.text;
            let (data, _) = answer.split_once(",\"extensions\":").unwrap();
            assert_eq!(format!("{data}}}"), expected);
        }
    }
);

both!(
    async fn a_null_that_may_not_stand_takes_the_nearest_place_that_may(app: &TestApp) {
        app.small_federation().await;
        for (document, data, path) in [
            // A list at the root is required: it takes everything.
            ("{ __typename units(first: 0) { totalCount } }", Value::Null, json!(["units"])),
            // Below a unit it takes the unit, and nothing beside it.
            (
                "{ a: unit(code: \"P01\") { code children(first: 0) { totalCount } } b: unit(code: \"P02\") { code } }",
                json!({ "a": null, "b": { "code": "P02" } }),
                json!(["a", "children"]),
            ),
            (
                "{ unit(code: \"P01\") { code parent { code officers(last: 101) { totalCount } } } }",
                json!({ "unit": { "code": "P01", "parent": null } }),
                json!(["unit", "parent", "officers"]),
            ),
            (
                "{ unit(code: \"P01\") { code rollup(programme: \"SK\") { submitted breakdown(by: []) { submitted } } } }",
                json!({ "unit": { "code": "P01", "rollup": null } }),
                json!(["unit", "rollup", "breakdown"]),
            ),
            // What may be null is null itself.
            (
                "{ unit(code: \"P01\") { code rollup(programme: \"SK\") { submitted completion(of: VERIFIED_BENEFIT) { ratio } } } }",
                json!({ "unit": { "code": "P01", "rollup": { "submitted": 0, "completion": null } } }),
                json!(["unit", "rollup", "completion"]),
            ),
            (
                "{ unit(code: \"P01\") { code leaderboard(programme: \"SK\", first: 0) { totalCount } } }",
                json!({ "unit": { "code": "P01", "leaderboard": null } }),
                json!(["unit", "leaderboard"]),
            ),
        ] {
            let answer = post(app, "application/graphql-response+json", query(document)).await;
            let body = answer.json();
            assert_eq!((answer.status, &body["data"], &body["errors"][0]["path"]), (200, &data, &path), "{document}");
            assert_eq!(body["errors"].as_array().unwrap().len(), 1, "{document}");
        }
    }
);

both!(
    async fn several_failures_are_each_told(app: &TestApp) {
        app.small_federation().await;
        let document = "{ a: unit(code: \"P01\") { children(first: 0) { totalCount } } b: unit(code: \"P02\") { code descendants(first: -1) { totalCount } }
        c: unit(code: \"TLD\") { code } }";
        let body = post(app, "*/*", query(document)).await.json();
        assert_eq!(body["data"], json!({ "a": null, "b": null, "c": { "code": "TLD" } }));
        let mut paths: Vec<String> =
            body["errors"].as_array().unwrap().iter().map(|error| error["path"].to_string()).collect();
        paths.sort();
        assert_eq!(paths, [r#"["a","children"]"#, r#"["b","descendants"]"#]);
    }
);
