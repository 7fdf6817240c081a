//! Many rows read for little: on PostgreSQL by the places of their columns; on SQLite, whose every row is handed from one thread to
//! another, as one row that holds all of them.

use std::marker::PhantomData;

use sea_orm::{DbErr, QueryResult};
use serde::de::{DeserializeOwned, Error as _};
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

/// SQLite has bytes written as hexadecimal digits: see [`Dialect::bytes`].
pub fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect::<Option<_>>().ok_or_else(|| D::Error::custom("no hexadecimal digits"))
}

/// A lean row of named columns, told by their places.
macro_rules! lean_row {
    ($(#[$what:meta])* $name:ident { $($(#[$how:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$what])*
        #[derive(Clone, Debug, serde::Deserialize)]
        pub(crate) struct $name { $($(#[$how])* pub $field: $type),+ }

        impl $crate::store::Lean for $name {
            const COLUMNS: usize = [$(stringify!($field)),+].len();

            fn read(row: &sea_orm::QueryResult) -> std::result::Result<Self, sea_orm::DbErr> {
                let mut places = 0..;
                let mut next = || places.next().unwrap_or_default();
                Ok($name { $($field: row.try_get_by_index(next())?),+ })
            }
        }
    };
}

pub(crate) use lean_row;

/// Rows as they came from the database; whoever has the time reads them.
pub struct Packed<T> {
    rows: Vec<QueryResult>,
    dialect: Dialect,
    of: PhantomData<fn() -> T>,
}

impl<T: Lean> Packed<T> {
    pub fn read(self) -> Result<Vec<T>> {
        if self.dialect == Dialect::Postgres {
            return Ok(self.rows.iter().map(T::read).collect::<std::result::Result<_, _>>()?);
        }
        let Some(row) = self.rows.first() else { return Ok(Vec::new()) };
        let text: String = row.try_get_by_index(0)?;
        serde_json::from_str(&text).map_err(|error| Error::Internal(format!("rows that cannot be read: {error}")))
    }
}

impl Tx {
    /// The rows in the statement's order.
    pub async fn lean<T: Lean>(&self, sql: Sql) -> Result<Vec<T>> {
        self.packed(sql).await?.read()
    }

    /// As [`Tx::lean`], to be read later.
    pub async fn packed<T: Lean>(&self, sql: Sql) -> Result<Packed<T>> {
        let mut sql = sql;
        if self.dialect == Dialect::Sqlite {
            let names: Vec<String> = (0..T::COLUMNS).map(|i| format!("c{i}")).collect();
            let names = names.join(", ");
            sql.text = format!(
                "WITH packed ({names}) AS ({}) SELECT json_group_array(json_array({names})) FROM packed",
                sql.text
            );
        }
        Ok(Packed { rows: self.rows(sql).await?, dialect: self.dialect, of: PhantomData })
    }
}
