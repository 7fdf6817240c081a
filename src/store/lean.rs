//! Many rows read for little: their columns are told by places. PostgreSQL's come as they are ([`super::record`]); SQLite, whose every row
//! is handed from one thread to another, gives all of them as one row, a list of JSON.

use std::marker::PhantomData;

use sea_orm::QueryResult;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::record::Fields;
use super::{Dialect, Sql, Store, Tx};
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

/// A row of two kinds of columns, the one after the other.
pub struct Both<A, B>(pub A, pub B);

impl<A: Lean, B: Lean> Lean for Both<A, B> {
    const COLUMNS: usize = A::COLUMNS + B::COLUMNS;

    fn read(fields: &mut Fields<'_>) -> Result<Self> {
        Ok(Both(A::read(fields)?, B::read(fields)?))
    }
}

impl<'de, A: Lean, B: Lean> Deserialize<'de> for Both<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_seq(OneAfterTheOther(PhantomData))
    }
}

struct OneAfterTheOther<A, B>(PhantomData<fn() -> (A, B)>);

impl<'de, A: Lean, B: Lean> Visitor<'de> for OneAfterTheOther<A, B> {
    type Value = Both<A, B>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a list of {} columns", A::COLUMNS + B::COLUMNS)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> std::result::Result<Self::Value, S::Error> {
        let first = A::deserialize(SeqAccessDeserializer::new(Part { list: &mut list, left: A::COLUMNS }))?;
        let second = B::deserialize(SeqAccessDeserializer::new(Part { list: &mut list, left: B::COLUMNS }))?;
        Ok(Both(first, second))
    }
}

/// So many of a list's values.
struct Part<'l, S> {
    list: &'l mut S,
    left: usize,
}

impl<'de, S: SeqAccess<'de>> SeqAccess<'de> for Part<'_, S> {
    type Error = S::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> std::result::Result<Option<T::Value>, Self::Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.list.next_element_seed(seed)
    }
}

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

impl Store {
    /// The rows of a single statement, which is its own snapshot, in its order.
    pub async fn lean<T: Lean>(&self, mut sql: Sql) -> Result<Vec<T>> {
        sql.text = Packed::<T>::text(self.dialect, sql.text);
        Packed::of(self.singles.rows(&sql.into_statement()).await?, 0).read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    lean_row!(Name { id: i64, name: Option<String> });
    lean_row!(Flag {
        #[serde(deserialize_with = "truth")]
        holds: bool,
    });

    #[test]
    fn a_list_holds_one_row_after_the_other() {
        let text = r#"[[1,"a",1,2,null],[3,null,0,4,"b"]]"#;
        let rows: Vec<Both<Name, Both<Flag, Name>>> = listed(text).unwrap();
        let told = |Both(name, Both(flag, other)): &Both<Name, Both<Flag, Name>>| {
            (name.id, name.name.clone(), flag.holds, other.id, other.name.clone())
        };
        let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
        assert_eq!(rows.iter().map(told).collect::<Vec<_>>(), [(1, a, true, 2, None), (3, None, false, 4, b)]);
        assert!(listed::<Both<Name, Flag>>("[[1,\"a\"]]").is_err());
        assert!(listed::<Both<Name, Flag>>("[[1,\"a\",1,1]]").is_err());
        assert_eq!(Both::<Name, Flag>::COLUMNS, 3);
    }
}
