//! What a database holds already: nothing, this demo, or something that the demo must not touch.

use super::cast::OPERATOR;
use super::load::operator_id;
use crate::error::Result;
use crate::store::Tx;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    Nothing,
    /// The demo of the same seed.
    Demo,
    /// The demo of another seed or of another version of this program.
    OtherDemo,
    /// Somebody's data.
    Data,
}

/// Looks into a database that has this program's schema. The operator's id is the first number of the seed's generator, and so
/// says of which seed a demo is.
pub async fn holding(tx: &Tx, seed: u64) -> Result<Holding> {
    let mut sql = tx.sql("SELECT id FROM account WHERE email = ");
    let email = sql.bind(OPERATOR.email);
    sql.push(&email);
    if let Some(operator) = tx.ids(sql).await?.pop() {
        return Ok(if operator == operator_id(seed) { Holding::Demo } else { Holding::OtherDemo });
    }
    for table in ["unit", "account", "programme"] {
        if !tx.ids(tx.sql(format!("SELECT id FROM {table} LIMIT 1"))).await?.is_empty() {
            return Ok(Holding::Data);
        }
    }
    Ok(Holding::Nothing)
}
