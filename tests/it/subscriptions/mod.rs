//! Subscriptions and the two transports that carry them.

mod across;
mod calls;
mod changes;
pub mod events;
mod protocol;
mod rights;

use serde_json::{Value, json};

use crate::support::{Actor, Sent, TestApp};

pub const ROLLUP: &str =
    "subscription($unit: String!) { rollupChanged(unit: $unit, programme: \"SK\") { submitted asOf } }";

pub const INITIATIVES: &str =
    "subscription($unit: String!) { initiativeChanged(within: $unit) { code version state } }";

/// Sends one in with a claim of its own, so that it is not taken for another.
pub async fn send_in(member: &Actor, unit: &str) -> Sent {
    member.send_in(unit, json!({})).await
}

pub fn submitted(event: &Value) -> i64 {
    event["data"]["rollupChanged"]["submitted"].as_i64().unwrap_or_else(|| panic!("{event}"))
}

/// A federation, a member of G1 and a reviewer of P01.
pub async fn people(app: &TestApp) -> (Actor, Actor) {
    app.small_federation().await;
    (app.member_of("G1").await, app.reviewer_of("P01").await)
}
