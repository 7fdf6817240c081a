//! Many rows read for little: their columns are told by places. PostgreSQL's come as they are ([`super::record`]); SQLite, whose every row
//! is handed from one thread to another, gives all of them as one row, a list of JSON.

use std::marker::PhantomData;

use sea_orm::QueryResult;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::record::Fields;
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
    /// Where the columns begin.
    from: usize,
    of: PhantomData<fn() -> T>,
}

impl<T: Lean> Packed<T> {
    /// Rows of a statement that was drawn up by [`Packed::text`], whose columns begin at this place.
    pub(super) fn of(rows: Vec<QueryResult>, from: usize) -> Packed<T> {
        Packed { rows, from, of: PhantomData }
    }

    /// A statement that answers the rows of this one as they are read.
    pub(super) fn text(dialect: Dialect, sql: String) -> String {
        match dialect {
            Dialect::Postgres => sql,
            Dialect::Sqlite => {
                let names: Vec<String> = (0..T::COLUMNS).map(|i| format!("c{i}")).collect();
                let names = names.join(", ");
                format!("WITH packed ({names}) AS ({sql}) SELECT json_group_array(json_array({names})) FROM packed")
            }
        }
    }

    pub fn read(self) -> Result<Vec<T>> {
        let mut read = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            match row.try_as_pg_row() {
                Some(row) => read.push(T::read(&mut Fields::of(row, self.from))?),
                None => read = listed(&row.try_get_by_index::<String>(self.from)?)?,
            }
        }
        Ok(read)
    }
}

fn listed<T: Lean>(text: &str) -> Result<Vec<T>> {
    serde_json::from_str(text).map_err(|error| Error::Internal(format!("rows that cannot be read: {error}")))
}

impl Tx {
    /// The rows in the statement's order.
    pub async fn lean<T: Lean>(&self, sql: Sql) -> Result<Vec<T>> {
        self.packed(sql).await?.read()
    }

    /// As [`Tx::lean`], to be read later.
    pub async fn packed<T: Lean>(&self, sql: Sql) -> Result<Packed<T>> {
        let mut sql = sql;
        sql.text = Packed::<T>::text(self.dialect, sql.text);
        Ok(Packed::of(self.rows(sql).await?, 0))
    }
}
