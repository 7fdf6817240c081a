//! A WebSocket client that speaks graphql-transport-ws message by message.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Actor;

/// Nothing in a test takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Opens one with headers; `Err` is the status of a refusal.
    pub async fn open(url: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let mut request = url.replace("http://", "ws://").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Socket { stream }),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens one that speaks the protocol, not initialised yet.
    pub async fn plain(url: &str) -> Socket {
        Socket::open(url, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    /// Opens and initialises one for the person.
    pub async fn of(actor: &Actor) -> Socket {
        let mut socket = Socket::plain(actor.url()).await;
        let payload = match actor.bearer() {
            Some(token) => json!({ "Authorization": format!("Bearer {token}") }),
            None => json!({}),
        };
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.next().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub async fn send(&mut self, message: Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": id, "type": "subscribe", "payload": payload })).await;
    }

    /// Answers once everything that was sent before has been taken in.
    pub async fn settled(&mut self) {
        self.send(json!({ "type": "ping", "payload": { "settled": true } })).await;
        let pong = self.next().await;
        assert_eq!(pong, json!({ "type": "pong", "payload": { "settled": true } }));
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        match self.frame().await {
            Message::Text(text) => serde_json::from_str(text.as_str()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The payload of the next message, which must be a `next` of this id.
    pub async fn event(&mut self, id: &str) -> Value {
        let message = self.next().await;
        assert_eq!((message["type"].as_str(), message["id"].as_str()), (Some("next"), Some(id)), "{message}");
        message["payload"].clone()
    }

    /// Code and reason of the close that comes, whatever comes before it.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.frame().await {
                let frame = frame.unwrap();
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    /// The next frame that is no ping.
    pub async fn frame(&mut self) -> Message {
        // Signs of life prolong nothing.
        let until = Instant::now() + PATIENCE;
        loop {
            let frame = timeout_at(until, self.stream.next()).await.expect("a message in time");
            match frame.expect("an open socket").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }
}
