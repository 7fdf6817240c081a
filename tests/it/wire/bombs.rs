//! Documents and variables that nest so deep that a parser which trusts them would run out of its stack.

use reqwest::Method;
use serde_json::json;

use super::{post, request, send};
use crate::support::both;

const DEEP: usize = 5_000;

fn nested(open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(DEEP), close.repeat(DEEP))
}

both!(
    async fn a_document_that_nests_too_deep_is_refused(app: &TestApp) {
        let fragments: String = (0..DEEP).map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1)).collect();
        let doubling: String =
            (0..30).map(|n| format!("fragment D{n} on Query {{ ...D{0} ...D{0} }} ", n + 1)).collect();
        for (name, document) in [
            (
                "fragments that each spread the next one twice",
                format!("{{ ...D0 }} {doubling} fragment D30 on Query {{ __typename }}"),
            ),
            ("lists", format!("{{ units(first: 1, kind: {}) {{ totalCount }} }}", nested("[", "", "]"))),
            ("objects", format!("{{ initiatives(first: 1, slice: {}) {{ totalCount }} }}", nested("{ a: ", "1", "}"))),
            ("selections", format!("{{ unit(code: \"TLD\") {} }}", nested("{ parent ", "{ id }", "}"))),
            ("inline fragments", nested("{ ... ", "{ __typename }", "}")),
            ("types of variables", format!("query($x: {}) {{ __typename }}", nested("[", "Int", "]"))),
            ("defaults of variables", format!("query($x: [Int] = {}) {{ __typename }}", nested("[", "1", "]"))),
            ("directives", format!("{{ __typename @skip(if: {}) }}", nested("[", "true", "]"))),
            ("open brackets", "{".repeat(DEEP)),
            ("open brackets of every kind", "{a(b:[".repeat(DEEP)),
            ("a chain of fragments", format!("{{ ...F0 }} {fragments} fragment F{DEEP} on Query {{ __typename }}")),
            (
                "a chain of fragments that nothing spreads",
                format!("{{ __typename }} {fragments} fragment F{DEEP} on Query {{ __typename }}"),
            ),
            ("a circle of fragments", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned()),
        ] {
            let answer = post(app, "application/graphql-response+json", json!({ "query": document }).to_string()).await;
            assert_eq!(answer.status, 400, "{name}: {}", answer.text);
            assert!(
                matches!(answer.code().as_str(), "LIMIT_EXCEEDED" | "GRAPHQL_VALIDATION_FAILED"),
                "{name}: {}",
                answer.text
            );
            assert!(answer.text.len() < 2_000, "{name}: the answer repeats the question");
            assert_eq!(send(request(app, Method::GET, "/health/ready")).await.status, 200, "{name}");
        }
    }
);

both!(
    async fn variables_that_nest_too_deep_are_refused(app: &TestApp) {
        let document = "query($x: [UnitKind!], $y: Slice) { units(first: 1, kind: $x) { totalCount } initiatives(first: 1, slice: $y) { totalCount } }";
        for (name, value) in [("lists", nested("[", "", "]")), ("objects", nested("{\"a\":", "1", "}"))] {
            for variable in ["x", "y", "unused"] {
                let body = format!("{{\"query\": {}, \"variables\": {{\"{variable}\": {value}}}}}", json!(document));
                let answer = post(app, "*/*", body).await;
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (400, "LIMIT_EXCEEDED"),
                    "{name} as {variable}: {}",
                    answer.text
                );
                let extensions = answer.json()["errors"][0]["extensions"].clone();
                assert_eq!((&extensions["limit"], &extensions["allowed"]), (&json!("bodyDepth"), &json!(64)), "{name}");
                assert!(extensions["found"].as_u64().unwrap() > 64, "{extensions}");
            }
        }
        // As deep as values may be, it is one of the wrong type.
        let value = format!("{}{}", "[".repeat(20), "]".repeat(20));
        let body = format!("{{\"query\": {}, \"variables\": {{\"x\": {value}}}}}", json!(document));
        let answer = post(app, "*/*", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (200, "BAD_USER_INPUT"), "{}", answer.text);
        assert_eq!(send(request(app, Method::GET, "/health/ready")).await.status, 200);
    }
);
