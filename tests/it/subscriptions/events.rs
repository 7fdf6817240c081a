//! Server-sent events, read as a client reads them.

use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{INITIATIVES, ROLLUP, people, send_in, submitted};
use crate::support::{Actor, Setup, both};
use banyan::config::Streams;

/// An open stream of events.
pub struct Events {
    body: futures_util::stream::BoxStream<'static, String>,
    unread: String,
}

async fn post(actor: &Actor, query: &str, variables: Value) -> reqwest::Response {
    let mut request = actor.http().post(actor.url()).header("accept", "text/event-stream");
    if let Some(token) = actor.bearer() {
        request = request.bearer_auth(token);
    }
    request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap()
}

pub async fn open(actor: &Actor, query: &str, variables: Value) -> Events {
    let response = post(actor, query, variables).await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = response.bytes_stream().map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap()).boxed();
    Events { body, unread: String::new() }
}

impl Events {
    /// The next block, comments included; none at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let block = block.to_owned();
                self.unread = rest.to_owned();
                return Some(block);
            }
            let more = tokio::time::timeout(std::time::Duration::from_secs(30), self.body.next()).await.unwrap()?;
            self.unread.push_str(&more);
        }
    }

    /// The next event's name and data; none at the end.
    pub async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            let Some((name, data)) = block.split_once('\n') else {
                assert_eq!(block, ":");
                continue;
            };
            let data = data.strip_prefix("data:").unwrap().trim();
            let data = if data.is_empty() { Value::Null } else { serde_json::from_str(data).unwrap() };
            return Some((name.strip_prefix("event: ").unwrap().to_owned(), data));
        }
    }

    pub async fn next(&mut self) -> Value {
        let (name, data) = self.event().await.unwrap();
        assert_eq!(name, "next", "{data}");
        data
    }

    async fn completes(&mut self) {
        assert_eq!(self.event().await, Some(("complete".to_owned(), Value::Null)));
        assert_eq!(self.event().await, None);
    }
}

both!(
    async fn subscriptions_are_streams(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let mut rollup = open(&reviewer, ROLLUP, json!({ "unit": "P01" })).await;
        let mut initiatives = open(&reviewer, INITIATIVES, json!({ "unit": "P01" })).await;
        assert_eq!(submitted(&rollup.next().await), 0);
        let sent = send_in(&member, "G1").await;
        assert_eq!(submitted(&rollup.next().await), 1);
        assert_eq!(initiatives.next().await["data"]["initiativeChanged"]["code"], json!(sent.code));
        // By GET as well.
        let query = "subscription { rollupChanged(unit: \"P01\", programme: \"SK\") { submitted } }";
        let response =
            reviewer.http().get(reviewer.url()).query(&[("query", query)]).header("accept", "text/event-stream");
        let response = response.bearer_auth(reviewer.bearer().unwrap()).send().await.unwrap();
        let body = response.bytes_stream().map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap()).boxed();
        assert_eq!(submitted(&Events { body, unread: String::new() }.next().await), 1);
    }
);

both!(
    async fn a_query_is_one_event_and_the_end(app: &TestApp) {
        let mut events = open(&app.anonymous(), "{ __typename }", Value::Null).await;
        assert_eq!(events.next().await["data"], json!({ "__typename": "Query" }));
        events.completes().await;
        let mut refused =
            open(&app.anonymous(), "subscription { initiativeChanged(within: \"NONE\") { code } }", Value::Null).await;
        assert_eq!(refused.next().await["errors"][0]["extensions"]["code"], "NOT_FOUND");
        refused.completes().await;
    }
);

both!(
    async fn what_cannot_be_executed_is_refused_before_the_stream(app: &TestApp) {
        for (query, status, code) in [
            ("{", 400, "GRAPHQL_PARSE_FAILED"),
            ("{ nope }", 400, "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nope }", 400, "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { initiativeChanged(within: 1) { code } }", 400, "BAD_USER_INPUT"),
        ] {
            let response = post(&app.anonymous(), query, Value::Null).await;
            assert_eq!(response.status().as_u16(), status, "{query}");
            assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], code, "{query}: {body}");
        }
        let by_get = app.anonymous().http().get(app.url("/graphql")).header("accept", "text/event-stream");
        let response = by_get.query(&[(
            "query",
            "mutation { initiativeSubmit(input: {id: \"x\", version: 1}) { userErrors { code } } }",
        )]);
        assert_eq!(response.send().await.unwrap().status().as_u16(), 405);
    }
);

both!(
    with Setup { streams: Streams { keep_alive_ms: 100, ..Streams::default() }, ..Setup::default() };
    async fn a_quiet_stream_gives_signs_of_life_and_ends_with_the_token(app: &TestApp) {
        let (_, reviewer) = people(app).await;
        let mut events = open(&reviewer, INITIATIVES, json!({ "unit": "P01" })).await;
        for _ in 0..4 {
            assert_eq!(events.block().await.as_deref(), Some(":"));
        }
        app.set_clock("2036-01-01T00:00:00+07:00");
        assert_eq!(events.next().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        events.completes().await;
    }
);

both!(
    with Setup { streams: Streams { max_streams_per_caller: 1, ..Streams::default() }, ..Setup::default() };
    async fn streams_are_counted(app: &TestApp) {
        let (_, reviewer) = people(app).await;
        let first = open(&reviewer, INITIATIVES, json!({ "unit": "P01" })).await;
        let second = post(&reviewer, INITIATIVES, json!({ "unit": "P01" })).await;
        assert_eq!(second.status().as_u16(), 429);
        let body: Value = second.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "TOO_MANY_STREAMS");
        drop(first);
        // The server learns that the client has gone a moment later.
        let mut status = 429;
        while status == 429 {
            status = post(&reviewer, "{ __typename }", Value::Null).await.status().as_u16();
        }
        assert_eq!(status, 200);
    }
);
