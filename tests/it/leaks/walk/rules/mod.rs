//! What every field of the schema shows to whom: one rule each, and none of them is the server's. A field without a rule fails the
//! walk.

mod audit;
mod clusters;
mod lists;
mod people;
mod plans;
mod records;
mod rollups;
mod roots;
mod units;

use std::collections::HashMap;

use sea_orm::ActiveEnum;
use serde::Serialize;
use serde_json::Value;

use super::things::{Answer, Rule, Thing};

pub use plans::UNTOLD;
pub use roots::node;

pub type Table = &'static [(&'static str, Rule)];

/// Every rule by its field, such as `Unit.parent`.
pub fn all() -> HashMap<&'static str, Rule> {
    let tables = [
        roots::RULES,
        units::RULES,
        clusters::RULES,
        plans::RULES,
        people::RULES,
        records::RULES,
        rollups::RULES,
        audit::RULES,
    ];
    let all = tables.into_iter().flatten().copied();
    let found: HashMap<_, _> = all.clone().collect();
    assert_eq!(found.len(), all.count(), "two rules for one field");
    found
}

/// A value that may be null.
fn is(value: impl Serialize) -> Answer {
    Answer::Is(serde_json::to_value(value).unwrap())
}

/// The id of the thing itself.
fn id(ask: &super::things::Ask) -> Answer {
    is(ask.thing.id().unwrap())
}

fn known(_: &super::things::Ask) -> Answer {
    Answer::Known
}

fn word<T: ActiveEnum<Value = String>>(value: &T) -> String {
    value.to_value()
}

/// A whole number of 64 bits, as the API writes it.
fn big(value: Option<i64>) -> Answer {
    is(value.map(|value| value.to_string()))
}

/// An object of values alone.
fn plain(ty: &'static str, value: Value) -> Thing {
    Thing::Plain(ty, value.to_string())
}

/// A value of such an object; the walk knows which.
fn part(_: &super::things::Ask) -> Answer {
    unreachable!("the walk reads the values of plain objects itself")
}
