//! The messages of graphql-transport-ws, from and to their texts.

use serde_json::{Map, Value, json};

use super::close::Close;
use crate::graphql::{Answer, Call};
use crate::http::parse;

/// What a client says.
pub enum FromClient {
    Init(Option<Map<String, Value>>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, call: Box<Call> },
    Complete { id: String },
}

impl FromClient {
    /// Whatever the protocol does not know closes the connection.
    pub fn parse(text: &str) -> Result<FromClient, Close> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(invalid("a message must be a JSON object"));
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err(invalid("a message must have a type"));
        };
        let payload = message.remove("payload");
        match kind.as_str() {
            "connection_init" => Ok(FromClient::Init(object(payload)?)),
            "ping" => Ok(FromClient::Ping(object(payload)?.map(Value::Object))),
            "pong" => object(payload).map(|_| FromClient::Pong),
            "subscribe" => {
                let id = id(message.remove("id"))?;
                let Some(payload) = object(payload)? else { return Err(invalid("subscribe must have a payload")) };
                let call = parse::from_object(payload)
                    .map_err(|refusal| Close::Invalid(refusal.message().english().into()))?;
                Ok(FromClient::Subscribe { id, call: Box::new(call) })
            }
            "complete" => Ok(FromClient::Complete { id: id(message.remove("id"))? }),
            _ => Err(invalid("no client sends a message of this type")),
        }
    }
}

fn invalid(why: &'static str) -> Close {
    Close::Invalid(why.into())
}

fn object(payload: Option<Value>) -> Result<Option<Map<String, Value>>, Close> {
    match payload {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(invalid("payload must be an object")),
    }
}

fn id(id: Option<Value>) -> Result<String, Close> {
    match id {
        Some(Value::String(id)) if !id.is_empty() => Ok(id),
        _ => Err(invalid("id must be a string, and not empty")),
    }
}

pub fn ack() -> String {
    r#"{"type":"connection_ack"}"#.to_owned()
}

pub fn pong(payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
        None => r#"{"type":"pong"}"#.to_owned(),
    }
}

/// One result of an operation.
pub fn next(id: &str, answer: &Answer) -> String {
    // The answer is JSON already.
    let payload = String::from_utf8_lossy(&answer.body);
    format!(r#"{{"id":{},"type":"next","payload":{payload}}}"#, json!(id))
}

/// The end of an operation that was refused: its errors.
pub fn error(id: &str, answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    json!({ "id": id, "type": "error", "payload": body["errors"] }).to_string()
}

pub fn complete(id: &str) -> String {
    json!({ "id": id, "type": "complete" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_protocol_knows_is_read() {
        assert!(matches!(FromClient::parse(r#"{"type":"connection_init"}"#), Ok(FromClient::Init(None))));
        assert!(matches!(
            FromClient::parse(r#"{"type":"connection_init","payload":{"a":1}}"#),
            Ok(FromClient::Init(Some(_)))
        ));
        assert!(matches!(FromClient::parse(r#"{"type":"ping","payload":null}"#), Ok(FromClient::Ping(None))));
        assert!(matches!(FromClient::parse(r#"{"type":"pong"}"#), Ok(FromClient::Pong)));
        let subscribe = r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":{"x":1}}}"#;
        let Ok(FromClient::Subscribe { id, call }) = FromClient::parse(subscribe) else { panic!("no subscribe") };
        assert_eq!((id.as_str(), call.query.as_deref()), ("1", Some("{a}")));
        assert!(matches!(FromClient::parse(r#"{"type":"complete","id":"1"}"#), Ok(FromClient::Complete { .. })));
    }

    #[test]
    fn anything_else_closes() {
        for text in [
            "",
            "x",
            "[]",
            "\"ping\"",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"next","id":"1"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"ping","payload":[]}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert!(matches!(FromClient::parse(text), Err(Close::Invalid(_))), "{text}");
        }
    }
}
