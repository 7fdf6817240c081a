//! Documents that ask for too much are refused before anything of them runs, and introspection is not.

use reqwest::Method;
use serde_json::json;

use crate::support::both;
use crate::wire::{post, query, request, send};

const GRAPHQL: &str = "application/graphql-response+json";

/// As GraphiQL asks, with everything that it can ask for.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
  types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

both!(
    async fn a_flood_is_refused_by_post_and_by_get(app: &TestApp) {
        let aliases = (0..101).map(|n| format!("a{n}: code ")).collect::<String>();
        let deep = (0..30).fold("code".to_owned(), |inner, _| format!("parent {{ {inner} }}"));
        let pages = "children(first: 100) { nodes { children(first: 100) { nodes { children(first: 100) { nodes { code } } } } } }";
        for (document, code, limit) in [
            (format!("{{ unit(code: \"TLD\") {{ {aliases} }} }}"), "LIMIT_EXCEEDED", json!("aliases")),
            (format!("{{ {} }}", "__typename ".repeat(51)), "LIMIT_EXCEEDED", json!("rootFields")),
            (format!("{{ unit(code: \"TLD\") {{ {deep} }} }}"), "LIMIT_EXCEEDED", json!("depth")),
            (format!("{{ unit(code: \"TLD\") {{ {} }} }}", "code ".repeat(4_000)), "LIMIT_EXCEEDED", json!("tokens")),
            ("{ __typename @a @a @a @a @a @a @a @a @a @a }".to_owned(), "LIMIT_EXCEEDED", json!("directivesAtOnce")),
            (format!("{{ unit(code: \"TLD\") {{ {pages} }} }}"), "COST_EXCEEDED", json!(500_000)),
        ] {
            for answer in [
                post(app, GRAPHQL, query(&document)).await,
                send(request(app, Method::GET, "/graphql").header("accept", GRAPHQL).query(&[("query", &document)]))
                    .await,
            ] {
                assert_eq!((answer.status, answer.code().as_str()), (400, code), "{}", answer.text);
                let error = &answer.json()["errors"][0];
                assert_eq!(error["extensions"]["limit"], limit, "{}", answer.text);
                assert!(answer.json().get("data").is_none() && answer.text.len() < 1_000, "{}", answer.text);
            }
        }
        let costly = post(app, GRAPHQL, query(&format!("{{ unit(code: \"TLD\") {{ {pages} }} }}"))).await.json();
        let extensions = &costly["errors"][0]["extensions"];
        assert_eq!(extensions["field"], "unit.children.nodes.children.nodes.children.nodes");
        assert!(extensions["requested"].as_u64().unwrap() > 1_000_000, "{costly}");
    }
);

both!(
    async fn a_body_that_unfolds_is_refused(app: &TestApp) {
        for (name, body) in [
            (
                "values",
                format!("{{\"query\": \"{{ __typename }}\", \"variables\": {{\"x\": [{}0]}}}}", "0,".repeat(400_000)),
            ),
            ("depth", format!("{{\"query\": \"\", \"variables\": {}{}}}", "{\"a\":".repeat(100), "}".repeat(100))),
        ] {
            let answer = post(app, GRAPHQL, body).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "LIMIT_EXCEEDED"), "{name}: {}", answer.text);
        }
        let document = "query($x: [UnitKind!]) { units(first: 1, kind: $x) { totalCount } }";
        for (variables, limit) in [
            (json!({ "x": vec!["A"; 1_001] }), "listLength"),
            (json!({ "x": "x".repeat(600_000) }), "variableBytes"),
            (json!({ "x": (0..30).fold(json!(1), |inner, _| json!([inner])) }), "variableDepth"),
        ] {
            let answer = post(app, GRAPHQL, json!({ "query": document, "variables": variables }).to_string()).await;
            assert_eq!(answer.json()["errors"][0]["extensions"]["limit"], limit, "{}", answer.text);
        }
    }
);

both!(
    async fn introspection_passes(app: &TestApp) {
        let answer = post(app, GRAPHQL, query(INTROSPECTION)).await;
        assert_eq!(answer.status, 200, "{}", &answer.text[..200]);
        assert!(answer.json()["data"]["__schema"]["types"].as_array().unwrap().len() > 50);
    }
);

both!(
    async fn what_cannot_be_executed_has_a_few_errors(app: &TestApp) {
        let unknown = (0..60).map(|n| format!("unknown{n} ")).collect::<String>();
        let answer = post(app, GRAPHQL, query(&format!("{{ unit(code: \"TLD\") {{ {unknown} }} }}"))).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "GRAPHQL_VALIDATION_FAILED"));
        assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 5);
    }
);
