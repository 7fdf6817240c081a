//! What clients may say of an operation besides its text, and clients who read slowly.

use banyan::graphql::Api;
use banyan::http::Options;
use serde_json::{Value, json};

use super::people;
use crate::support::{Socket, both};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

async fn begun(url: &str, headers: &[(&'static str, &str)]) -> Socket {
    let mut socket = Socket::open(url, &[&[PROTOCOL], headers].concat()).await.unwrap();
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
}

both!(
    async fn trusted_documents_are_named_over_sockets_too(app: &TestApp) {
        people(app).await;
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("persisted-documents.json");
        let changed = "subscription($unit: String!) { initiativeChanged(within: $unit) { code } }";
        let documents = json!({ "u1": "{ unit(code: \"P01\") { code } }", "s1": changed });
        std::fs::write(&manifest, documents.to_string()).unwrap();
        let api = Api::new(app.app.clone()).trusting(&manifest, true).await.unwrap();
        let server = app.beside(api, Options::default()).await;
        let mut socket = begun(&format!("{}/graphql", server.url), &[]).await;
        let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "u1" } });
        for payload in [json!({ "documentId": "u1" }), json!({ "extensions": hash })] {
            socket.send(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
            assert_eq!(socket.event("1").await["data"], json!({ "unit": { "code": "P01" } }), "{payload}");
            assert_eq!(socket.next().await, json!({ "id": "1", "type": "complete" }));
        }
        let payload = json!({ "documentId": "s1", "variables": { "unit": "none" } });
        socket.send(json!({ "id": "2", "type": "subscribe", "payload": payload })).await;
        assert_eq!(socket.next().await["payload"][0]["extensions"]["code"], "NOT_FOUND");
        socket.subscribe("3", "subscription { initiativeChanged(within: \"P01\") { id } }", json!({})).await;
        assert_eq!(socket.next().await["payload"][0]["extensions"]["code"], "TRUSTED_DOCUMENTS_ONLY");
    }
);

both!(
    async fn messages_are_in_the_language_of_the_handshake(app: &TestApp) {
        people(app).await;
        for (language, said) in [("vi-VN,vi;q=0.9", "không"), ("en", "no unit")] {
            let mut socket = begun(&app.url("/graphql"), &[("accept-language", language)]).await;
            socket.subscribe("1", "subscription { initiativeChanged(within: \"none\") { code } }", json!({})).await;
            let message = socket.next().await["payload"][0]["message"].as_str().unwrap().to_lowercase();
            assert!(message.contains(said), "{language}: {message}");
        }
    }
);

both!(
    async fn who_reads_late_gets_everything_and_holds_nobody_up(app: &TestApp) {
        let (_, reviewer) = people(app).await;
        let mut slow = Socket::of(&reviewer).await;
        // More than the network holds: the answers are some ten megabytes.
        let all = "{ __schema { types { name description fields { name description args { name description } } } } }";
        let asked = 90;
        for id in 0..asked {
            slow.subscribe(&id.to_string(), all, Value::Null).await;
        }
        let mut other = Socket::of(&reviewer).await;
        other.subscribe("x", "{ unit(code: \"P01\") { code } }", Value::Null).await;
        assert_eq!(other.event("x").await["data"]["unit"]["code"], "P01");
        let mut read = 0;
        let (mut answers, mut ends) = (0, 0);
        while ends < asked {
            let message = slow.next().await;
            read += message.to_string().len();
            match message["type"].as_str() {
                Some("next") => answers += i32::from(message["payload"]["data"]["__schema"].is_object()),
                Some("complete") => ends += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(answers, asked);
        assert!(read > 4_000_000, "{read} bytes wait in the network's buffers");
    }
);
