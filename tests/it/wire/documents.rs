//! Trusted documents over HTTP.

use banyan::graphql::Api;
use banyan::http::Options;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Answer, JSON, at, request, send};
use crate::support::{Beside, TestApp, both};

const UNIT: &str = "query Unit($code: String!) { unit(code: $code) { code } }";
const RENAME: &str = "mutation { unitRename(input: { unit: \"x\", name: \"x\" }) { unit { id } } }";

async fn server(app: &TestApp, only: bool) -> Beside {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("persisted-documents.json");
    std::fs::write(&manifest, json!({ "u1": UNIT, "m1": RENAME }).to_string()).unwrap();
    let api = Api::new(app.app.clone()).trusting(&manifest, only).await.unwrap();
    app.beside(api, Options::default()).await
}

async fn post(url: &str, body: Value) -> Answer {
    send(at(Method::POST, &format!("{url}/graphql")).header(CONTENT_TYPE, JSON).body(body.to_string())).await
}

both!(
    async fn a_document_is_named_instead_of_sent(app: &TestApp) {
        let server = server(app, false).await;
        let expected = json!({ "unit": null });
        let variables = json!({ "code": "P09" });
        for body in [
            json!({ "documentId": "u1", "variables": variables }),
            json!({ "doc_id": "u1", "variables": variables }),
            json!({ "id": "u1", "variables": variables, "operationName": "Unit" }),
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "u1" } }, "variables": variables }),
            json!({ "documentId": "u1", "query": UNIT, "variables": variables }),
            json!({ "query": UNIT, "variables": variables }),
        ] {
            let answer = post(&server.url, body.clone()).await;
            assert_eq!((answer.status, answer.json()["data"].clone()), (200, expected.clone()), "{body}");
        }
        for (body, code) in [
            (json!({ "documentId": "u1" }), "BAD_USER_INPUT"),
            (json!({ "documentId": "u1", "query": "{ __typename }" }), "BAD_REQUEST"),
            (json!({ "documentId": "u2" }), "PERSISTED_QUERY_NOT_FOUND"),
        ] {
            assert_eq!(post(&server.url, body.clone()).await.code(), code, "{body}");
        }
        // For caches between: a GET with a tag.
        let url = format!("{}/graphql?documentId=u1&variables=%7B%22code%22%3A%22P09%22%7D", server.url);
        let answer = send(at(Method::GET, &url)).await;
        assert_eq!((answer.status, answer.json()["data"].clone()), (200, expected));
        let again = send(at(Method::GET, &url).header("If-None-Match", answer.header("etag"))).await;
        assert_eq!(again.status, 304);
        let written = send(at(Method::GET, &format!("{}/graphql?documentId=m1", server.url))).await;
        assert_eq!((written.status, written.code().as_str()), (405, "METHOD_NOT_ALLOWED"));
    }
);

both!(
    async fn nothing_but_trusted_documents_where_so_configured(app: &TestApp) {
        let server = server(app, true).await;
        let trusted = post(&server.url, json!({ "documentId": "u1", "variables": { "code": "P09" } })).await;
        assert_eq!(trusted.json()["data"], json!({ "unit": null }));
        for query in ["{ __typename }", "{ __schema { types { name } } }", "{ units(first: 1) { totalCount } }", "{"] {
            let answer = post(&server.url, json!({ "query": query })).await;
            assert_eq!(answer.code(), "TRUSTED_DOCUMENTS_ONLY", "{query}");
            let answer = post(&server.url, json!({ "query": query, "documentId": "nope" })).await;
            assert_eq!(answer.code(), "TRUSTED_DOCUMENTS_ONLY", "{query}");
        }
    }
);

both!(
    async fn without_documents_apollos_client_learns_to_send_the_text(app: &TestApp) {
        let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "0".repeat(64) } });
        let send = async |body: Value| {
            let request = request(app, Method::POST, "/graphql").header(CONTENT_TYPE, JSON);
            send(request.body(body.to_string())).await
        };
        assert_eq!(send(json!({ "extensions": hash })).await.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
        let both = send(json!({ "extensions": hash, "query": "{ __typename }" })).await;
        assert_eq!(both.json()["data"], json!({ "__typename": "Query" }));
    }
);

both!(
    async fn documents_that_do_not_fit_the_schema_are_named(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Good.graphql"), UNIT).unwrap();
        std::fs::write(folder.path().join("Bad.graphql"), "{ nope }").unwrap();
        std::fs::write(folder.path().join("Worse.graphql"), "{ unit }").unwrap();
        let Err(error) = Api::new(app.app.clone()).trusting(folder.path(), false).await else { panic!("it was taken") };
        let said = error.to_string();
        assert!(said.contains("Bad.graphql: ") && said.contains("nope"), "{said}");
        assert!(said.contains("Worse.graphql: ") && !said.contains("Good.graphql"), "{said}");
    }
);

both!(
    async fn fields_that_are_alike_are_named_only_where_so_configured(app: &TestApp) {
        let document = json!({ "query": "{ unt(code: \"x\") { id } }" });
        let quiet = post(app.url("").trim_end_matches('/'), document.clone()).await.text;
        assert!(!quiet.contains("Did you mean"), "{quiet}");
        let server = app.beside(Api::new(app.app.clone()).suggesting(), Options::default()).await;
        let said = post(&server.url, document).await.text;
        assert!(said.contains("Did you mean"), "{said}");
    }
);
