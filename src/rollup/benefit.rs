//! How many approved initiatives have a verified benefit over an amount.

use std::collections::HashMap;

use entity::enums::InitiativeState;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::events::Events;
use super::view::View;
use crate::error::Result;
use crate::store::Tx;

#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    n: i64,
}

/// Approved, with a verified benefit strictly over the threshold, VND. One statement.
pub async fn benefit_over(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    threshold: i64,
) -> Result<HashMap<i64, i64>> {
    let mut sql = tx.sql("");
    let threshold = sql.bind(threshold);
    let approved = InitiativeState::Approved.to_value();
    let events = Events::below(&mut sql, programme, view, units);
    sql.push(&format!(
        "SELECT c.ancestor_id AS owner, CAST(COALESCE(SUM(\
         CASE WHEN w.to_state = '{approved}' AND w.verified_benefit > {threshold} THEN 1 ELSE 0 END - \
         CASE WHEN w.from_state = '{approved}' AND w.was_verified > {threshold} THEN 1 ELSE 0 END), 0) AS BIGINT) AS n \
         FROM {} WHERE {} AND (w.verified_benefit > {threshold} OR w.was_verified > {threshold}) GROUP BY c.ancestor_id",
        events.from, events.wanted
    ));
    Ok(tx.all::<Row>(sql).await?.into_iter().map(|row| (row.owner, row.n)).collect())
}
