//! graphql-transport-ws to the letter: how a connection begins, what each message does, how each fault closes it.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use super::{ROLLUP, people, send_in, submitted};
use crate::support::{Setup, Socket, TestApp, both};
use banyan::config::Streams;

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

async fn closed_after(app: &TestApp, messages: &[Value]) -> (u16, String) {
    let mut socket = Socket::plain(&app.url("/graphql")).await;
    for message in messages {
        socket.send(message.clone()).await;
    }
    socket.closed().await
}

both!(
    async fn each_fault_closes_with_its_code(app: &TestApp) {
        let init = json!({ "type": "connection_init" });
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": "{ __typename }" } });
        let long = json!({ "id": "x".repeat(400), "type": "subscribe",
                           "payload": { "query": ROLLUP, "variables": { "unit": "TLD" } } });
        app.programme().await;
        for (messages, code) in [
            (vec![json!("nonsense")], 4400),
            (vec![json!({ "type": "start" })], 4400),
            (vec![json!({ "type": "connection_ack" })], 4400),
            (vec![json!({ "type": "connection_init", "payload": 1 })], 4400),
            (vec![init.clone(), json!({ "id": "1", "type": "subscribe" })], 4400),
            (vec![init.clone(), json!({ "id": "1", "type": "subscribe", "payload": {} })], 4400),
            (vec![subscribe.clone()], 4401),
            (vec![json!({ "type": "connection_init", "payload": { "Authorization": "Bearer byn_wrong" } })], 4403),
            (vec![json!({ "type": "connection_init", "payload": { "token": "" } })], 4403),
            (vec![json!({ "type": "connection_init", "payload": { "token": "a", "authToken": "a" } })], 4403),
            (vec![init.clone(), long.clone(), long.clone()], 4409),
            (vec![init.clone(), init.clone()], 4429),
        ] {
            let (found, reason) = closed_after(app, &messages).await;
            assert_eq!(found, code, "{messages:?}: {reason}");
            assert!(!reason.is_empty() && reason.len() <= 123, "{reason}");
        }
        let mut socket = Socket::plain(&app.url("/graphql")).await;
        socket.stream.send(Message::binary(b"{}".to_vec())).await.unwrap();
        assert_eq!(socket.closed().await.0, 4400);
        let mut socket = Socket::plain(&app.url("/graphql")).await;
        // What a frame of a byte too many begins with is enough; the rest would meet a socket that is being closed.
        let header = [&[0x81, 0x80 | 127][..], &((1_u64 << 20) + 1).to_be_bytes(), &[0; 4]].concat();
        socket.stream.get_mut().write_all(&header).await.unwrap();
        assert_eq!(socket.closed().await.0, 1009);
    }
);

both!(
    with Setup { streams: Streams { socket_init_ms: 200, ..Streams::default() }, ..Setup::default() };
    async fn who_does_not_initialise_is_left(app: &TestApp) {
        let (code, reason) = closed_after(app, &[json!({ "type": "ping" })]).await;
        assert_eq!((code, reason.as_str()), (4408, "Connection initialisation timeout"));
    }
);

both!(
    async fn only_the_one_subprotocol_is_spoken(app: &TestApp) {
        let url = app.url("/graphql");
        let mut chosen =
            Socket::open(&url, &[("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")]).await.unwrap();
        chosen.send(json!({ "type": "connection_init" })).await;
        assert_eq!(chosen.next().await["type"], "connection_ack");
        // The library that speaks for the tests refuses a server that chooses none, so none is asked for here.
        let mut none = Socket::open(&url, &[]).await.unwrap();
        assert_eq!(none.closed().await.0, 4406);
        // The old protocol is not chosen.
        let legacy = app
            .anonymous()
            .http()
            .get(&url)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "graphql-ws")
            .send()
            .await
            .unwrap();
        assert_eq!(legacy.status().as_u16(), 101);
        assert_eq!(legacy.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert!(!legacy.headers().contains_key("sec-websocket-protocol"));
        let old = app
            .anonymous()
            .http()
            .get(&url)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "8")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .send()
            .await
            .unwrap();
        assert_eq!((old.status().as_u16(), old.headers()["sec-websocket-version"].to_str().unwrap()), (426, "13"));
    }
);

both!(
    async fn one_signs_in_by_header_or_by_payload(app: &TestApp) {
        let (member, _) = people(app).await;
        let url = app.url("/graphql");
        let bearer = format!("Bearer {}", member.bearer().unwrap());
        let who = async |socket: &mut Socket| {
            socket.subscribe("q", "{ viewer { account { displayName } } }", Value::Null).await;
            let name = socket.event("q").await["data"]["viewer"]["account"]["displayName"].clone();
            assert_eq!(socket.next().await, json!({ "id": "q", "type": "complete" }));
            name
        };
        let mut by_header = Socket::open(&url, &[PROTOCOL, ("authorization", &bearer)]).await.unwrap();
        by_header.send(json!({ "type": "connection_init" })).await;
        by_header.next().await;
        assert_eq!(who(&mut by_header).await, json!(member.name));
        for payload in [
            json!({ "Authorization": bearer }),
            json!({ "token": member.bearer() }),
            json!({ "authToken": member.bearer() }),
            json!({ "headers": { "authorization": bearer } }),
        ] {
            let mut socket = Socket::plain(&url).await;
            socket.send(json!({ "type": "connection_init", "payload": payload })).await;
            socket.next().await;
            assert_eq!(who(&mut socket).await, json!(member.name));
        }
        assert_eq!(who(&mut Socket::of(&app.anonymous()).await).await, Value::Null);
        // A browser would not see a refusal of the handshake: a bad token in its header is told by the close, unless the payload
        // has a good one.
        for bad in ["Bearer byn_wrong", "Basic dTpw"] {
            let headers = [PROTOCOL, ("authorization", bad)];
            let mut refused = Socket::open(&url, &headers).await.unwrap();
            refused.send(json!({ "type": "connection_init" })).await;
            assert_eq!(refused.closed().await.0, 4403, "{bad}");
            let mut mended = Socket::open(&url, &headers).await.unwrap();
            mended.send(json!({ "type": "connection_init", "payload": { "Authorization": bearer } })).await;
            mended.next().await;
            assert_eq!(who(&mut mended).await, json!(member.name), "{bad}");
        }
    }
);

both!(
    async fn a_page_of_another_site_uses_nothing_but_its_own_token(app: &TestApp) {
        let (member, _) = people(app).await;
        let url = app.url("/graphql");
        let bearer = format!("Bearer {}", member.bearer().unwrap());
        let foreign = ("origin", "https://evil.example");
        let signed = Socket::open(&url, &[PROTOCOL, foreign, ("authorization", &bearer)]).await;
        assert_eq!(signed.err(), Some(403));
        let mut nobody = Socket::open(&url, &[PROTOCOL, foreign]).await.unwrap();
        nobody.send(json!({ "type": "connection_init" })).await;
        assert_eq!(nobody.closed().await.0, 4403);
        let mut own = Socket::open(&url, &[PROTOCOL, foreign]).await.unwrap();
        own.send(json!({ "type": "connection_init", "payload": { "Authorization": bearer } })).await;
        assert_eq!(own.next().await["type"], "connection_ack");
        let home = url.trim_end_matches("/graphql");
        let mut at_home = Socket::open(&url, &[PROTOCOL, ("origin", home)]).await.unwrap();
        at_home.send(json!({ "type": "connection_init" })).await;
        assert_eq!(at_home.next().await["type"], "connection_ack");
    }
);

both!(
    async fn queries_and_mutations_go_over_the_socket(app: &TestApp) {
        let (member, _) = people(app).await;
        let mut socket = Socket::of(&member).await;
        let mutation = "mutation($input: InitiativeDraftInput!) { initiativeDraft(input: $input) \
                        { initiative { code } userErrors { code } } }";
        let mut input = crate::support::draft_input("G1", json!({}));
        input["idempotencyKey"] = json!("once");
        let mut codes = Vec::new();
        for id in ["a", "b"] {
            socket.subscribe(id, mutation, json!({ "input": input })).await;
            codes.push(socket.event(id).await["data"]["initiativeDraft"]["initiative"]["code"].clone());
            assert_eq!(socket.next().await, json!({ "id": id, "type": "complete" }));
        }
        assert!(codes[0].is_string() && codes[0] == codes[1], "{codes:?}");
        // An id is free again after its complete.
        socket.subscribe("a", "{ __typename }", Value::Null).await;
        assert_eq!(socket.event("a").await["data"], json!({ "__typename": "Query" }));
        assert_eq!(socket.next().await["type"], "complete");
        for (query, code) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { rollupChanged(unit: \"TLD\") { submitted } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { rollupChanged(unit: \"NONE\", programme: \"SK\") { submitted } }", "NOT_FOUND"),
            ("subscription { rollupChanged(unit: \"TLD\", programme: \"NONE\") { submitted } }", "NOT_FOUND"),
            ("subscription { initiativeChanged(within: \"NONE\") { code } }", "NOT_FOUND"),
            (
                "subscription { a: initiativeChanged(within: \"G1\") { code } b: initiativeChanged(within: \"G1\") { code } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
        ] {
            socket.subscribe("e", query, Value::Null).await;
            let error = socket.next().await;
            assert_eq!((error["type"].as_str(), error["id"].as_str()), (Some("error"), Some("e")), "{query}: {error}");
            assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}: {error}");
        }
    }
);

both!(
    async fn pings_are_answered_and_frames_may_come_in_pieces(app: &TestApp) {
        let mut socket = Socket::plain(&app.url("/graphql")).await;
        socket.send(json!({ "type": "ping", "payload": { "n": 1 } })).await;
        assert_eq!(socket.next().await, json!({ "type": "pong", "payload": { "n": 1 } }));
        socket.send(json!({ "type": "ping" })).await;
        assert_eq!(socket.next().await, json!({ "type": "pong" }));
        socket.send(json!({ "type": "pong" })).await;
        socket.send(json!({ "id": "none", "type": "complete" })).await;
        let init = br#"{"type":"connection_init"}"#;
        let piece = |text: &'static [u8], code, last| Message::Frame(Frame::message(text, OpCode::Data(code), last));
        socket.stream.send(piece(&init[..9], Data::Text, false)).await.unwrap();
        socket.stream.send(Message::Ping(b"between".to_vec().into())).await.unwrap();
        socket.stream.send(piece(&init[9..], Data::Continue, true)).await.unwrap();
        assert_eq!(socket.next().await, json!({ "type": "connection_ack" }));
    }
);

both!(
    with Setup { streams: Streams { max_streams_per_connection: 2, max_streams_per_caller: 6, ..Streams::default() }, ..Setup::default() };
    async fn streams_are_counted_by_connection_and_by_caller(app: &TestApp) {
        let (member, reviewer) = people(app).await;
        let refused = async |socket: &mut Socket, id: &str| {
            socket.subscribe(id, ROLLUP, json!({ "unit": "G1" })).await;
            let message = socket.next().await;
            message["type"] == "error" && message["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        };
        let mut first = Socket::of(&member).await;
        assert!(!refused(&mut first, "a").await);
        assert!(!refused(&mut first, "b").await);
        assert!(refused(&mut first, "c").await);
        first.send(json!({ "id": "a", "type": "complete" })).await;
        assert!(!refused(&mut first, "c").await);
        // Three of six: the connection and its streams.
        let mut second = Socket::of(&member).await;
        assert!(!refused(&mut second, "a").await);
        assert!(!refused(&mut second, "b").await);
        let mut third = Socket::plain(member.url()).await;
        third.send(json!({ "type": "connection_init", "payload": { "token": member.bearer() } })).await;
        assert_eq!(third.closed().await.0, 4429);
        assert!(!refused(&mut Socket::of(&reviewer).await, "a").await);
    }
);

both!(
    with Setup { streams: Streams { keep_alive_ms: 150, ..Streams::default() }, ..Setup::default() };
    async fn who_gives_no_sign_of_life_is_left(app: &TestApp) {
        let mut socket = Socket::of(&app.anonymous()).await;
        // A client that reads answers pings by itself, and so stays.
        let mut pings = 0;
        while pings < 5 {
            pings += i32::from(matches!(socket.stream.next().await, Some(Ok(Message::Ping(_)))));
        }
        socket.settled().await;
        // One that does not read is silent, and finds the connection gone.
        let mut silent = Socket::of(&app.anonymous()).await;
        let raw = silent.stream.get_mut();
        let ended = async {
            loop {
                let mut bytes = [0; 64];
                let read = tokio::io::AsyncReadExt::read(raw, &mut bytes).await;
                if !matches!(read, Ok(n) if n > 0) {
                    return;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), ended).await.unwrap();
    }
);

both!(
    async fn a_subscription_that_is_completed_says_no_more(app: &TestApp) {
        let (member, _) = people(app).await;
        let mut socket = Socket::of(&member).await;
        socket.subscribe("1", ROLLUP, json!({ "unit": "G1" })).await;
        assert_eq!(submitted(&socket.event("1").await), 0);
        socket.send(json!({ "id": "1", "type": "complete" })).await;
        socket.subscribe("2", ROLLUP, json!({ "unit": "G1" })).await;
        assert_eq!(submitted(&socket.event("2").await), 0);
        send_in(&member, "G1").await;
        assert_eq!(submitted(&socket.event("2").await), 1);
    }
);

both!(
    async fn a_client_that_closes_is_answered(app: &TestApp) {
        let mut socket = Socket::of(&app.anonymous()).await;
        let frame = CloseFrame { code: CloseCode::Normal, reason: "done".into() };
        socket.stream.send(Message::Close(Some(frame))).await.unwrap();
        assert_eq!(socket.closed().await, (1000, "done".to_owned()));
    }
);
