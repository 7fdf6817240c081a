//! Asking the API, in this process.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};

use super::table::{Ask, Sum};
use super::value::Value;
use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::error::{Error, Result};
use crate::graphql::{Api, Call};

/// An API that asks as one account, and remembers what was answered: many figures are of one roll-up.
pub struct Asking {
    api: Api,
    caller: Caller,
    answers: HashMap<String, serde_json::Value>,
}

impl Asking {
    pub fn new(app: &App, account: i64) -> Asking {
        let caller = Caller { viewer: Viewer::of(account), address: None, language: None, request: "".into() };
        Asking { api: Api::new(app.clone()), caller, answers: HashMap::new() }
    }

    /// The value of a sum.
    pub async fn value(&mut self, sum: &Sum) -> Result<Value> {
        match sum {
            Sum::Of(ask) => self.number(ask).await,
            Sum::Plus(one, other) => Ok(self.number(one).await?.plus(self.number(other).await?)),
            Sum::Minus(one, other) => Ok(self.number(one).await?.plus(self.number(other).await?.negated())),
            Sum::Percent(one, other) => self.number(one).await?.quotient(self.number(other).await?, 100),
            Sum::Ratio(one, other) => self.number(one).await?.quotient(self.number(other).await?, 1),
            Sum::MonthsTo(from, to) => {
                let days = day(to)?.signed_duration_since(self.day(from).await?).num_days();
                Ok(months(days))
            }
            Sum::Months(from, to) => {
                let days = self.day(to).await?.signed_duration_since(self.day(from).await?).num_days();
                Ok(months(days))
            }
        }
    }

    async fn number(&mut self, ask: &Ask) -> Result<Value> {
        let found = self.answer(ask).await?;
        let number = match &found {
            serde_json::Value::Number(number) => number.as_i64().map(i128::from),
            serde_json::Value::String(text) => text.parse().ok(),
            serde_json::Value::Array(items) => i128::try_from(items.len()).ok(),
            _ => None,
        };
        number.map(Value::whole).ok_or_else(|| Error::Internal(format!("{} answered {found}", ask.text)))
    }

    async fn day(&mut self, ask: &Ask) -> Result<NaiveDate> {
        match self.answer(ask).await? {
            serde_json::Value::String(text) => day(&text),
            other => Err(Error::Internal(format!("{} answered {other}", ask.text))),
        }
    }

    async fn answer(&mut self, ask: &Ask) -> Result<serde_json::Value> {
        if !self.answers.contains_key(&ask.text) {
            let call = Call { query: Some(ask.text.clone()), read_only: true, ..Call::default() };
            let answer = self.api.run(self.caller.clone(), None, call).await;
            let body: serde_json::Value = serde_json::from_slice(&answer.body)
                .map_err(|error| Error::Internal(format!("{}: {error}", ask.text)))?;
            if let Some(errors) = body.get("errors") {
                return Err(Error::Internal(format!("{} answered {errors}", ask.text)));
            }
            self.answers.insert(ask.text.clone(), body);
        }
        let found = self.answers.get(&ask.text).and_then(|body| body.pointer(&format!("/data{}", ask.pointer)));
        found.cloned().ok_or_else(|| Error::Internal(format!("{} answered nothing at {}", ask.text, ask.pointer)))
    }
}

/// The local day of a day or an instant.
fn day(text: &str) -> Result<NaiveDate> {
    let instant = DateTime::parse_from_rfc3339(text).map(|at| at.date_naive());
    let day = instant.or_else(|_| text.parse());
    day.map_err(|error| Error::Internal(format!("{text} is no day: {error}")))
}

/// Months of a twelfth of 365.25 days.
fn months(days: i64) -> Value {
    Value { n: i128::from(days) * 1_200, of: 36_525 }
}
