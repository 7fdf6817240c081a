//! GraphQL over HTTP, as the specification has it, through the real server.

mod answers;
mod away;
mod bombs;
mod cors;
mod delivery;
mod documents;
mod hosts;
mod languages;
mod pages;
mod tls;
mod validation;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{TestApp, both};

const JSON: &str = "application/json";
const GRAPHQL: &str = "application/graphql-response+json";

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    async fn of(response: Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The code of the first error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub fn request(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    at(method, &app.url(path))
}

pub fn at(method: Method, url: &str) -> RequestBuilder {
    // Redirects would hide what the server said.
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    client.request(method, url)
}

pub async fn send(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

/// A POST of JSON text, wanting one of the media types.
pub async fn post(app: &TestApp, accept: &str, body: impl Into<String>) -> Answer {
    let request = request(app, Method::POST, "/graphql").header(CONTENT_TYPE, JSON).header(ACCEPT, accept);
    send(request.body(body.into())).await
}

pub fn query(document: &str) -> String {
    json!({ "query": document }).to_string()
}

both!(
    async fn each_media_type_has_its_statuses(app: &TestApp) {
        for (document, json, graphql, code) in [
            ("{ __typename }", 200, 200, ""),
            // Executed, and a field failed.
            ("{ units(first: 0) { totalCount } }", 200, 200, "BAD_USER_INPUT"),
            ("{ viewer { account { id } } }", 200, 200, ""),
            // Not executed.
            ("{ nope }", 200, 400, "GRAPHQL_VALIDATION_FAILED"),
            ("{", 200, 400, "GRAPHQL_PARSE_FAILED"),
            ("", 200, 400, "GRAPHQL_PARSE_FAILED"),
            ("subscription { a }", 200, 400, "BAD_REQUEST"),
        ] {
            for (accept, status) in [(JSON, json), (GRAPHQL, graphql)] {
                let answer = post(app, accept, query(document)).await;
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (status, code),
                    "{document} as {accept}: {}",
                    answer.text
                );
                assert_eq!(answer.header("content-type"), format!("{accept}; charset=utf-8"));
                // A request that was not executed has no data at all, not even null.
                let executed = !code.starts_with("GRAPHQL") && code != "BAD_REQUEST";
                assert_eq!(answer.json().get("data").is_some(), executed, "{document}");
            }
        }
        let wanting = async |accept: &str| post(app, accept, query("{ __typename }")).await;
        assert!(wanting("*/*").await.header("content-type").starts_with(JSON));
        assert!(
            wanting("application/json;q=0.5, application/graphql-response+json")
                .await
                .header("content-type")
                .starts_with(GRAPHQL)
        );
        let refused = wanting("text/html").await;
        assert_eq!((refused.status, refused.code().as_str()), (406, "NOT_ACCEPTABLE"));
    }
);

both!(
    async fn a_get_reads_and_never_writes(app: &TestApp) {
        app.small_federation().await;
        let get =
            async |parameters: &[(&str, &str)]| send(request(app, Method::GET, "/graphql").query(parameters)).await;
        let document = "query A($code: String!) { unit(code: $code) { code } } query B { __typename }";
        let answer = get(&[("query", document), ("operationName", "A"), ("variables", "{\"code\": \"P01\"}")]).await;
        assert_eq!((answer.status, &answer.json()["data"]), (200, &json!({ "unit": { "code": "P01" } })));
        let answer = get(&[("query", document), ("operationName", "B")]).await;
        assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }));

        let admin = app.admin_of("P01").await;
        let name = "{ unit(code: \"G1\") { name } }";
        let before = admin.query(name, json!({})).await.ok().text("/unit/name").to_owned();
        let rename = "mutation { unitRename(input: { unit: \"G1\", name: \"Khác\" }) { unit { id } } }";
        for parameters in [
            &[("query", rename)][..],
            &[
                ("query", &format!("query Q {{ __typename }} {rename}").replace("mutation", "mutation M")),
                ("operationName", "M"),
            ],
        ] {
            let answer = get(parameters).await;
            assert_eq!(
                (answer.status, answer.code().as_str(), answer.header("allow")),
                (405, "METHOD_NOT_ALLOWED", "POST")
            );
        }
        assert_eq!(admin.query(name, json!({})).await.ok().text("/unit/name"), before);
        for parameters in [
            &[][..],
            &[("variables", "{}")],
            &[("query", name), ("variables", "[]")],
            &[("query", name), ("variables", "{")],
        ] {
            let answer = get(parameters).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{parameters:?}");
        }
    }
);

both!(
    async fn what_is_no_request_is_refused_before_it_is_read(app: &TestApp) {
        for body in [
            "",
            " ",
            "null",
            "7",
            "\"{ __typename }\"",
            "[]",
            "{}",
            "{\"query\": null}",
            "{\"query\": 7}",
            "{\"query\": \"{ __typename }\"",
            "{\"query\": \"{ __typename }\", \"variables\": []}",
            "{\"query\": \"{ __typename }\", \"variables\": \"{}\"}",
            "{\"query\": \"{ __typename }\", \"operationName\": 7}",
            "{\"query\": \"{ __typename }\", \"query\": \"{ __typename }\"}",
            "query={__typename}",
            "{ __typename }",
            // A batch.
            "[{\"query\": \"{ __typename }\"}, {\"query\": \"{ __typename }\"}]",
        ] {
            let answer = post(app, GRAPHQL, body).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{body}: {}", answer.text);
        }
        for content_type in [
            "",
            "text/plain",
            "application/graphql",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
        ] {
            let mut unread = request(app, Method::POST, "/graphql").body(query("{ __typename }"));
            if !content_type.is_empty() {
                unread = unread.header(CONTENT_TYPE, content_type);
            }
            let answer = send(unread).await;
            assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{content_type}");
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
            let answer =
                send(request(app, method.clone(), "/graphql").header(CONTENT_TYPE, JSON).body(query("{ __typename }")))
                    .await;
            assert_eq!(
                (answer.status, answer.code().as_str(), answer.header("allow")),
                (405, "METHOD_NOT_ALLOWED", "GET, HEAD, POST, OPTIONS"),
                "{method}"
            );
        }
        let large = json!({ "query": "{ __typename }", "variables": { "x": "x".repeat(1 << 20) } }).to_string();
        let answer = post(app, JSON, large).await;
        assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    }
);

both!(
    async fn the_operation_that_is_named_is_the_one_that_runs(app: &TestApp) {
        let two = "query A { a: __typename } query B { b: __typename }";
        let run = async |document: &str, name: Value| {
            post(app, GRAPHQL, json!({ "query": document, "operationName": name }).to_string()).await
        };
        assert_eq!(run(two, json!("A")).await.json()["data"], json!({ "a": "Query" }));
        assert_eq!(run(two, json!("B")).await.json()["data"], json!({ "b": "Query" }));
        assert_eq!(run("{ __typename }", Value::Null).await.status, 200);
        for (document, name) in [
            (two, Value::Null),
            (two, json!("C")),
            (two, json!("")),
            ("{ __typename }", json!("A")),
            ("query A { __typename }", json!("B")),
        ] {
            let answer = run(document, name.clone()).await;
            assert_eq!(answer.status, 400, "{document} {name}: {}", answer.text);
            assert!(answer.json().get("data").is_none());
        }
    }
);
