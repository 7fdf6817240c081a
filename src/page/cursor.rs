//! Arguments of a connection, and cursors: the sort values of a row, opaque to clients.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::{QueryResult, Value};

use crate::error::{Error, Result};
use crate::text::message;

/// One column of an order.
#[derive(Clone, Debug)]
pub struct Key {
    /// SQL expression, never null.
    pub sql: String,
    pub kind: KeyKind,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Int,
    Text,
    Bytes,
}

impl Key {
    pub fn asc(sql: impl Into<String>, kind: KeyKind) -> Key {
        Key { sql: sql.into(), kind, descending: false }
    }

    pub fn desc(sql: impl Into<String>, kind: KeyKind) -> Key {
        Key { sql: sql.into(), kind, descending: true }
    }

    /// The row's value of column `k{i}`, as a cursor carries it.
    pub(super) fn read(&self, row: &QueryResult, i: usize) -> Result<serde_json::Value> {
        let column = format!("k{i}");
        Ok(match self.kind {
            KeyKind::Int => row.try_get::<i64>("", &column)?.into(),
            KeyKind::Text => row.try_get::<String>("", &column)?.into(),
            KeyKind::Bytes => BASE64_URL_SAFE_NO_PAD.encode(row.try_get::<Vec<u8>>("", &column)?).into(),
        })
    }

    fn bind(&self, value: &serde_json::Value) -> Option<Value> {
        match self.kind {
            KeyKind::Int => value.as_i64().map(Value::from),
            KeyKind::Text => value.as_str().filter(|text| !text.contains('\0')).map(Value::from),
            KeyKind::Bytes => value.as_str().and_then(|v| BASE64_URL_SAFE_NO_PAD.decode(v).ok()).map(Value::from),
        }
    }
}

/// `first`, `after`, `last` and `before` as a client sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

impl PageArgs {
    /// How many rows, and whether counted from the end.
    pub fn limit(&self) -> Result<(usize, bool)> {
        let (asked, backward) = match (self.first, self.last) {
            (Some(first), None) => (first, false),
            (None, Some(last)) => (last, true),
            _ => return Err(Error::BadInput(message!("give exactly one of first and last, from 1 to 100"))),
        };
        match usize::try_from(asked) {
            Ok(limit @ 1..=100) => Ok((limit, backward)),
            _ => {
                let name = if backward { "last" } else { "first" };
                Err(Error::BadInput(message!("{name} is {asked}, but must be from 1 to 100", name, asked)))
            }
        }
    }
}

/// The cursor of a row. The order's name is inside, so that a cursor of another order is refused.
pub fn encode(order: &str, values: &[serde_json::Value]) -> String {
    let mut all = vec![serde_json::Value::from(order)];
    all.extend_from_slice(values);
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::Value::Array(all).to_string())
}

/// The sort values in a cursor.
pub fn decode(argument: &str, cursor: &str, order: &str, keys: &[Key]) -> Result<Vec<Value>> {
    let values = || -> Option<Vec<Value>> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let all: Vec<serde_json::Value> = serde_json::from_slice(&json).ok()?;
        let (name, values) = all.split_first()?;
        if name.as_str()? != order || values.len() != keys.len() {
            return None;
        }
        keys.iter().zip(values).map(|(key, value)| key.bind(value)).collect()
    };
    values().ok_or_else(|| Error::BadInput(message!("{argument} is not a cursor of this list in this order", argument)))
}
