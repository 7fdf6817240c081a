//! The direct units of units through a lens.

use sea_orm::FromQueryResult;

use super::view::{Lens, View};
use crate::error::Result;
use crate::store::Tx;

#[derive(Clone, FromQueryResult)]
pub(super) struct Direct {
    pub id: i64,
    pub parent_id: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
}

/// Ordered by code. Now under CURRENT, at its instant under AT; under AS_REPORTED those that were direct when the roll-up's
/// instant came, as recorded by then.
pub(super) async fn direct(tx: &Tx, view: &View, units: &[i64]) -> Result<Vec<Direct>> {
    let mut sql = tx.sql("SELECT u.id, ");
    let known = match view.lens {
        Lens::Current => None,
        Lens::At(at) => {
            let at = sql.bind(at);
            Some((at, "p.superseded_at IS NULL".to_owned()))
        }
        // What happens at that very instant is not reported by it.
        Lens::Reported => view.as_of.map(|at| {
            let at = sql.bind(at - 1);
            let known = format!("p.recorded_at <= {at} AND (p.superseded_at IS NULL OR p.superseded_at > {at})");
            (at, known)
        }),
    };
    match known {
        None => {
            let these = sql.any_id("u.parent_id", units);
            sql.push(&format!(
                "u.parent_id, u.code, u.name, u.name_en FROM unit u WHERE {these} AND u.ended_at IS NULL"
            ));
        }
        Some((at, known)) => {
            let these = sql.any_id("p.parent_id", units);
            sql.push(&format!(
                "p.parent_id, u.code, u.name, u.name_en FROM unit_placement p JOIN unit u ON u.id = p.unit_id \
                 WHERE {these} AND p.valid_from <= {at} AND (p.valid_to IS NULL OR p.valid_to > {at}) AND {known}"
            ));
        }
    }
    sql.push(" ORDER BY u.code");
    tx.all(sql).await
}

/// These units as children of a unit, whatever their place is.
pub(super) async fn named(tx: &Tx, ids: &[i64]) -> Result<Vec<Direct>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql("SELECT id, CAST(0 AS BIGINT) AS parent_id, code, name, name_en FROM unit WHERE ");
    let these = sql.any_id("id", ids);
    sql.push(&format!("{these} ORDER BY code"));
    tx.all(sql).await
}
