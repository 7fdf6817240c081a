//! What a database holds already: nothing, this demo, or something that the demo must not touch.

use super::cast::OPERATOR;
use super::full::LOADING;
use super::load::operator_id;
use super::plan::Scale;
use crate::error::Result;
use crate::store::Tx;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    Nothing,
    /// The demo of the same seed and scale.
    Demo,
    /// The demo of another seed or scale, or of another version of this program.
    OtherDemo,
    /// A demo whose loading broke off.
    Part,
    /// Somebody's data.
    Data,
}

/// Looks into a database that has this program's schema. The operator's id says of which seed, scale and edition a demo is.
pub async fn holding(tx: &Tx, seed: u64, scale: Scale) -> Result<Holding> {
    if let Some(operator) = operator(tx).await? {
        return Ok(if operator == operator_id(seed, scale) { Holding::Demo } else { Holding::OtherDemo });
    }
    if broken_off(tx).await? {
        return Ok(Holding::Part);
    }
    for table in ["unit", "account", "programme"] {
        if !tx.ids(tx.sql(format!("SELECT id FROM {table} LIMIT 1"))).await?.is_empty() {
            return Ok(Holding::Data);
        }
    }
    Ok(Holding::Nothing)
}

/// The scale of the demo of this seed, if the database holds it.
pub async fn held_scale(tx: &Tx, seed: u64) -> Result<Option<Scale>> {
    let operator = operator(tx).await?;
    Ok([Scale::Small, Scale::Full].into_iter().find(|scale| operator == Some(operator_id(seed, *scale))))
}

/// Whether the loading of a demo broke off: the database has a part of the data, and lacks indexes.
pub async fn broken_off(tx: &Tx) -> Result<bool> {
    Ok(account(tx, LOADING).await?.is_some())
}

async fn operator(tx: &Tx) -> Result<Option<i64>> {
    account(tx, OPERATOR.email).await
}

async fn account(tx: &Tx, email: &str) -> Result<Option<i64>> {
    let mut sql = tx.sql("SELECT id FROM account WHERE email = ");
    let email = sql.bind(email);
    sql.push(&email);
    Ok(tx.ids(sql).await?.pop())
}
