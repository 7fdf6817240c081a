//! Many rows read for little: both databases give all of them as one row, because what is done for each row on its way costs more than
//! the row. PostgreSQL puts them into an array of records ([`super::record`]); SQLite, whose every row is handed from one thread to
//! another, into a list of JSON.

use std::marker::PhantomData;

use sea_orm::QueryResult;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use sqlx::{Row as _, ValueRef as _};

use super::record::{self, Fields};
use super::{Dialect, Sql, Tx};
use crate::error::{Error, Result};

/// A row whose columns are told by their places; as JSON it is a list of them.
pub trait Lean: DeserializeOwned {
    /// How many columns it has.
    const COLUMNS: usize;

    /// The columns one after the other.
    fn read(fields: &mut Fields<'_>) -> Result<Self>;
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

            fn read(fields: &mut $crate::store::Fields<'_>) -> $crate::error::Result<Self> {
                Ok($name { $($field: fields.field()?),+ })
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
    pub(super) fn of(dialect: Dialect, rows: Vec<QueryResult>) -> Packed<T> {
        Packed { rows, dialect, of: PhantomData }
    }

    /// A statement that answers the rows of this one as one row of one column.
    pub(super) fn text(dialect: Dialect, sql: &str) -> String {
        match dialect {
            Dialect::Postgres => format!("SELECT array_agg(packed) AS rows FROM ({sql}) packed"),
            Dialect::Sqlite => {
                let names: Vec<String> = (0..T::COLUMNS).map(|i| format!("c{i}")).collect();
                let names = names.join(", ");
                format!("WITH packed ({names}) AS ({sql}) SELECT json_group_array(json_array({names})) FROM packed")
            }
        }
    }

    pub fn read(self) -> Result<Vec<T>> {
        let Some(row) = self.rows.first() else { return Ok(Vec::new()) };
        if self.dialect == Dialect::Postgres {
            let broken = || Error::Internal("rows came in a form that was not asked for".to_owned());
            let value = row.try_as_pg_row().ok_or_else(broken)?.try_get_raw(0).map_err(|_| broken())?;
            return match value.is_null() {
                true => Ok(Vec::new()),
                false => record::rows(value.as_bytes().map_err(|_| broken())?),
            };
        }
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
        sql.text = Packed::<T>::text(self.dialect, &sql.text);
        Ok(Packed::of(self.dialect, self.rows(sql).await?))
    }
}
