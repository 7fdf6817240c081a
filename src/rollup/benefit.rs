//! How many approved initiatives have a verified benefit over an amount.

use std::collections::HashMap;

use entity::enums::InitiativeState;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::below::Below;
use super::records::records;
use super::view::View;
use crate::error::Result;
use crate::store::Tx;

#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    n: i64,
}

/// Approved, with a verified benefit strictly over the threshold, VND. One statement: over the initiatives as they are, or over the
/// events before the instant.
pub async fn benefit_over(
    tx: &Tx,
    programme: i64,
    view: &View,
    units: &[i64],
    threshold: i64,
) -> Result<HashMap<i64, i64>> {
    tx.begin_sweep().await?;
    let mut sql = tx.sql("");
    let approved = InitiativeState::Approved.to_value();
    if view.as_of.is_none() {
        // As the index of the amounts has it.
        let over = sql.bind(threshold.checked_neg().unwrap_or(i64::MAX));
        let programme = sql.bind(programme);
        let over = format!(
            " AND i.state = '{approved}' AND -COALESCE(i.verified_benefit, -1) < {over} AND i.verified_benefit IS NOT NULL"
        );
        let below = Below::rows(&mut sql, view, units, &records(&programme, &over));
        sql.push(&format!(
            "SELECT c.ancestor_id AS owner, COUNT(*) AS n FROM {} WHERE {} GROUP BY c.ancestor_id",
            below.from, below.wanted
        ));
        return Ok(tx.all::<Row>(sql).await?.into_iter().map(|row| (row.owner, row.n)).collect());
    }
    let threshold = sql.bind(threshold);
    let events = Below::events(&mut sql, programme, view, units);
    sql.push(&format!(
        "SELECT c.ancestor_id AS owner, CAST(COALESCE(SUM(\
         CASE WHEN w.to_state = '{approved}' AND w.verified_benefit > {threshold} THEN 1 ELSE 0 END - \
         CASE WHEN w.from_state = '{approved}' AND w.was_verified > {threshold} THEN 1 ELSE 0 END), 0) AS BIGINT) AS n \
         FROM {} WHERE {} AND (w.verified_benefit > {threshold} OR w.was_verified > {threshold}) GROUP BY c.ancestor_id",
        events.from, events.wanted
    ));
    Ok(tx.all::<Row>(sql).await?.into_iter().map(|row| (row.owner, row.n)).collect())
}
