//! Many rows read for little: on PostgreSQL by the places of their columns; on SQLite, whose every row is handed from one thread to
//! another, as one row that holds all of them.

use sea_orm::{DbErr, QueryResult};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::{Dialect, Sql, Tx};
use crate::error::{Error, Result};

/// A row whose columns are told by their places; as JSON it is a list of them.
pub trait Lean: DeserializeOwned {
    /// How many columns it has.
    const COLUMNS: usize;

    fn read(row: &QueryResult) -> std::result::Result<Self, DbErr>;
}

/// SQLite has numbers for truth.
pub fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    Ok(i64::deserialize(deserializer)? != 0)
}

impl Tx {
    /// The rows in the statement's order.
    pub async fn lean<T: Lean>(&self, sql: Sql) -> Result<Vec<T>> {
        if self.dialect == Dialect::Postgres {
            return Ok(self.rows(sql).await?.iter().map(T::read).collect::<std::result::Result<_, _>>()?);
        }
        let names: Vec<String> = (0..T::COLUMNS).map(|i| format!("c{i}")).collect();
        let names = names.join(", ");
        let mut sql = sql;
        sql.text =
            format!("WITH packed ({names}) AS ({}) SELECT json_group_array(json_array({names})) FROM packed", sql.text);
        let Some(row) = self.rows(sql).await?.pop() else { return Ok(Vec::new()) };
        let text: String = row.try_get_by_index(0)?;
        serde_json::from_str(&text).map_err(|error| Error::Internal(format!("rows that cannot be read: {error}")))
    }
}
