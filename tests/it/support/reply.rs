//! What the server answered.

use std::collections::BTreeSet;

use serde_json::Value;

pub struct Reply {
    pub status: u16,
    pub body: Value,
    /// SQL statements that reading took, by `Server-Timing`.
    pub statements: Option<u32>,
}

/// What became of a mutation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Done,
    /// Codes of userErrors.
    Refused(BTreeSet<String>),
    /// `extensions.code` of a top-level error.
    Failed(String),
}

impl Outcome {
    pub fn refused(codes: &[&str]) -> Outcome {
        Outcome::Refused(codes.iter().map(|code| (*code).to_owned()).collect())
    }

    pub fn failed(code: &str) -> Outcome {
        Outcome::Failed(code.to_owned())
    }
}

/// SQL statements, as `Server-Timing` has them.
pub fn statements_told(timing: &str) -> Option<u32> {
    let (_, rest) = timing.split_once("db;desc=\"")?;
    rest.split_once(" statements")?.0.parse().ok()
}

impl Reply {
    pub async fn read(response: reqwest::Response) -> Reply {
        Reply::try_read(response).await.expect("a whole answer")
    }

    /// None where the server was gone before it had said all.
    pub async fn try_read(response: reqwest::Response) -> Option<Reply> {
        let status = response.status().as_u16();
        let timing = response.headers().get("server-timing").and_then(|value| value.to_str().ok());
        let statements = timing.and_then(statements_told);
        let body = response.bytes().await.ok()?;
        let body = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("no JSON: {body:?}"));
        Some(Reply { status, body, statements })
    }

    /// A part of the data, by JSON pointer.
    pub fn at(&self, pointer: &str) -> &Value {
        let found = self.body.get("data").and_then(|data| data.pointer(pointer));
        found.unwrap_or_else(|| panic!("nothing at {pointer} in {}", self.body))
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer} in {}", self.body))
    }

    pub fn int(&self, pointer: &str) -> i64 {
        self.at(pointer).as_i64().unwrap_or_else(|| panic!("no number at {pointer} in {}", self.body))
    }

    pub fn list(&self, pointer: &str) -> &Vec<Value> {
        self.at(pointer).as_array().unwrap_or_else(|| panic!("no list at {pointer} in {}", self.body))
    }

    /// One member of every object in a list, as text.
    pub fn texts(&self, pointer: &str, member: &str) -> Vec<String> {
        let text = |object: &Value| object[member].as_str().unwrap_or_else(|| panic!("{object}")).to_owned();
        self.list(pointer).iter().map(text).collect()
    }

    /// `extensions.code` of the top-level errors.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("no code")).collect()
    }

    /// The userErrors of the one payload, as pairs of code and dotted field.
    pub fn user_errors(&self) -> Vec<(String, String)> {
        let payload = self.body["data"].as_object().and_then(|data| data.values().next());
        let errors = payload.and_then(|payload| payload["userErrors"].as_array());
        let errors = errors.unwrap_or_else(|| panic!("no payload in {}", self.body));
        let field = |error: &Value| {
            let parts = error["field"].as_array().map(Vec::as_slice).unwrap_or_default();
            parts.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".")
        };
        errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), field(error))).collect()
    }

    pub fn outcome(&self) -> Outcome {
        if let Some(code) = self.codes().first() {
            return Outcome::failed(code);
        }
        let errors = self.user_errors();
        if errors.is_empty() {
            Outcome::Done
        } else {
            Outcome::Refused(errors.into_iter().map(|(code, _)| code).collect())
        }
    }

    /// The same reply, where nothing at all is wrong with it.
    #[track_caller]
    pub fn ok(self) -> Reply {
        assert!(self.status == 200 && self.codes().is_empty(), "status {}: {}", self.status, self.body);
        self
    }

    /// The same reply, where its mutation was done.
    #[track_caller]
    pub fn done(self) -> Reply {
        assert_eq!(self.outcome(), Outcome::Done, "{}", self.body);
        self
    }
}
