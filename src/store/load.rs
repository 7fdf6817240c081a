//! Filling empty tables with very many rows: COPY on PostgreSQL, statements of many rows on SQLite; what would slow each row down,
//! indexes, references and the triggers that keep the index of titles, is taken away before and made anew afterwards.

use std::fmt::Write as _;

use sea_orm::{EntityTrait, FromQueryResult, IdenStatic, Iterable, ModelTrait, Value};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Postgres, Sqlite};

use super::vocabulary::Vocabulary;
use super::{Dialect, Store, TITLES};
use crate::error::{Error, Result};

/// Rows of one statement on SQLite.
const ROWS: usize = 50;

/// Between these, PostgreSQL's session is another one.
const POSTGRES_BEFORE: &str = "SET synchronous_commit = off; SET maintenance_work_mem = '256MB'";
const POSTGRES_AFTER: &str = "RESET ALL";
/// SQLite writes without waiting for the disk: what breaks is loaded anew.
const SQLITE_BEFORE: &str = "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536";
const SQLITE_AFTER: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -2000; \
 PRAGMA wal_checkpoint(TRUNCATE)";

/// Tables that are being filled. Nobody else may use the database meanwhile; what breaks off leaves it without its indexes.
pub struct Load {
    connection: Connection,
    /// Statements that make what was taken away, the next one last.
    rebuild: Vec<String>,
    /// Where in time the words of titles are.
    vocabulary: Vocabulary,
}

enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

#[derive(FromQueryResult)]
struct Away {
    drop: String,
    make: String,
}

impl Store {
    /// Begins to fill the tables. Of initiatives, if they are among them, the titles are told too ([`Load::titles`]).
    pub async fn load(&self, tables: &[&str]) -> Result<Load> {
        let tx = self.read().await?;
        let mut sql = tx.sql("");
        let text = match self.dialect {
            Dialect::Sqlite => {
                let these = sql.any_text("tbl_name", tables);
                format!(
                    "SELECT 'DROP INDEX ' || name AS \"drop\", sql AS make FROM sqlite_schema \
                     WHERE type = 'index' AND sql IS NOT NULL AND {these} ORDER BY name"
                )
            }
            Dialect::Postgres => {
                let these = sql.any_text("t.relname", tables);
                format!(
                    "SELECT drop, make FROM (\
                       SELECT CASE WHEN c.contype = 'f' THEN 0 ELSE 1 END AS turn, c.conname AS name, \
                         'ALTER TABLE ' || t.relname || ' DROP CONSTRAINT ' || c.conname AS drop, \
                         'ALTER TABLE ' || t.relname || ' ADD CONSTRAINT ' || c.conname || ' ' || pg_get_constraintdef(c.oid) AS make \
                       FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
                       WHERE c.contype IN ('f', 'u') AND t.relnamespace = current_schema()::regnamespace AND {these} \
                       UNION ALL \
                       SELECT 2, i.relname, 'DROP INDEX ' || i.relname, pg_get_indexdef(x.indexrelid) \
                       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
                       WHERE NOT x.indisprimary AND t.relnamespace = current_schema()::regnamespace AND {these} \
                         AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('u', 'x'))\
                     ) a ORDER BY turn, name"
                )
            }
        };
        sql.push(&text);
        let away: Vec<Away> = tx.all(sql).await?;
        let triggers: Vec<Away> = match tables.contains(&TITLES.table()) {
            true => tx.all(tx.sql(TITLES.triggers(self.dialect))).await?,
            false => Vec::new(),
        };
        drop(tx);
        let connection = match self.dialect {
            Dialect::Sqlite => {
                Connection::Sqlite(self.writer.get_sqlite_connection_pool().acquire().await.map_err(failed)?)
            }
            Dialect::Postgres => {
                Connection::Postgres(self.writer.get_postgres_connection_pool().acquire().await.map_err(failed)?)
            }
        };
        let filled = if triggers.is_empty() { Vec::new() } else { TITLES.fill(self.dialect) };
        let vocabulary = Vocabulary::default();
        let mut load = Load { connection, rebuild: Vec::with_capacity(away.len() + triggers.len()), vocabulary };
        load.run(match self.dialect {
            Dialect::Sqlite => SQLITE_BEFORE,
            Dialect::Postgres => POSTGRES_BEFORE,
        })
        .await?;
        for Away { drop, make } in triggers.into_iter().chain(away) {
            load.run(&drop).await?;
            load.rebuild.push(make);
        }
        load.rebuild.extend(filled.into_iter().rev());
        Ok(load)
    }

    /// Bytes that the database takes on disk.
    pub async fn size(&self) -> Result<i64> {
        let tx = self.read().await?;
        let size = match self.dialect {
            Dialect::Sqlite => "SELECT page_count * page_size AS id FROM pragma_page_count(), pragma_page_size()",
            Dialect::Postgres => "SELECT pg_database_size(current_database()) AS id",
        };
        Ok(tx.ids(tx.sql(size)).await?.pop().unwrap_or(0))
    }
}

impl Load {
    pub async fn begin(&mut self) -> Result<()> {
        self.run("BEGIN").await
    }

    pub async fn commit(&mut self) -> Result<()> {
        self.run("COMMIT").await
    }

    /// Inserts the rows, whose keys must be new.
    pub async fn insert<E>(&mut self, rows: &[E::Model]) -> Result<()>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
        let into = format!("{} ({})", E::default().table_name(), names.join(", "));
        match &mut self.connection {
            Connection::Postgres(connection) => {
                let mut text = String::with_capacity(rows.len() * 200);
                for row in rows {
                    for (i, column) in columns.iter().enumerate() {
                        if i > 0 {
                            text.push('\t');
                        }
                        copied(&mut text, row.get(*column))?;
                    }
                    text.push('\n');
                }
                let mut copy = connection.copy_in_raw(&format!("COPY {into} FROM STDIN")).await.map_err(failed)?;
                copy.send(text.into_bytes()).await.map_err(failed)?;
                copy.finish().await.map_err(failed)?;
            }
            Connection::Sqlite(connection) => {
                let one = format!("({})", vec!["?"; columns.len()].join(", "));
                let statement =
                    |rows: usize| format!("INSERT INTO {into} VALUES {}", vec![one.as_str(); rows].join(", "));
                let (many, single) = (statement(ROWS), statement(1));
                for chunk in rows.chunks(ROWS) {
                    let (text, step) = if chunk.len() == ROWS { (&many, ROWS) } else { (&single, 1) };
                    for rows in chunk.chunks(step) {
                        let mut values = SqliteArguments::default();
                        values.reserve(rows.len() * columns.len(), 0);
                        for row in rows {
                            for column in &columns {
                                bound(&mut values, row.get(*column))?;
                            }
                        }
                        let query = sqlx::query_with(AssertSqlSafe(text.as_str()), values);
                        query.execute(&mut **connection).await.map_err(failed)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells the titles of initiatives, folded and as they are spelled, with the instants of their being sent in.
    pub fn titles<'t>(&mut self, titles: impl Iterator<Item = (&'t str, &'t str, Option<i64>)>) {
        for (folded, spelled, submitted_at) in titles {
            if let Some(at) = submitted_at {
                self.vocabulary.add(folded, spelled, at);
            }
        }
    }

    /// How many indexes and references are still to be made.
    pub fn left(&self) -> usize {
        self.rebuild.len()
    }

    /// Makes the next one of them.
    pub async fn rebuild_next(&mut self) -> Result<()> {
        match self.rebuild.pop() {
            Some(make) => self.run(&make).await,
            None => Ok(()),
        }
    }

    /// Makes what is left, and lets the database learn what it holds now.
    pub async fn finish(mut self) -> Result<()> {
        while self.left() > 0 {
            self.rebuild_next().await?;
        }
        let insert = Vocabulary::insert(self.dialect());
        for words in std::mem::take(&mut self.vocabulary).pages() {
            let words = words?;
            match &mut self.connection {
                Connection::Sqlite(connection) => {
                    sqlx::query(insert).bind(words).execute(&mut **connection).await.map(|_| ())
                }
                Connection::Postgres(connection) => {
                    sqlx::query(insert).bind(words).execute(&mut **connection).await.map(|_| ())
                }
            }
            .map_err(failed)?;
        }
        self.run("ANALYZE").await?;
        let after = match &self.connection {
            Connection::Sqlite(_) => SQLITE_AFTER,
            Connection::Postgres(_) => POSTGRES_AFTER,
        };
        self.run(after).await
    }

    fn dialect(&self) -> Dialect {
        match &self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn run(&mut self, text: &str) -> Result<()> {
        let query = sqlx::raw_sql(AssertSqlSafe(text));
        match &mut self.connection {
            Connection::Sqlite(connection) => query.execute(&mut **connection).await.map(|_| ()),
            Connection::Postgres(connection) => query.execute(&mut **connection).await.map(|_| ()),
        }
        .map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> Error {
    Error::Internal(format!("filling the tables: {error}"))
}

/// A value as COPY reads it.
fn copied(text: &mut String, value: Value) -> Result<()> {
    let written = match value {
        Value::BigInt(Some(v)) => write!(text, "{v}"),
        Value::Int(Some(v)) => write!(text, "{v}"),
        Value::Bool(Some(v)) => write!(text, "{}", if v { 't' } else { 'f' }),
        Value::ChronoDate(Some(v)) => write!(text, "{v}"),
        Value::Bytes(Some(bytes)) => {
            text.push_str("\\\\x");
            bytes.iter().try_for_each(|byte| write!(text, "{byte:02x}"))
        }
        Value::String(Some(v)) => {
            for letter in v.chars() {
                match letter {
                    '\\' => text.push_str("\\\\"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    '\t' => text.push_str("\\t"),
                    letter => text.push(letter),
                }
            }
            Ok(())
        }
        Value::BigInt(None)
        | Value::Int(None)
        | Value::Bool(None)
        | Value::ChronoDate(None)
        | Value::Bytes(None)
        | Value::String(None) => {
            text.push_str("\\N");
            Ok(())
        }
        other => return Err(Error::Internal(format!("a column holds {other:?}"))),
    };
    written.map_err(|error| Error::Internal(error.to_string()))
}

/// Binds a value on SQLite.
fn bound(values: &mut SqliteArguments, value: Value) -> Result<()> {
    let added = match value {
        Value::BigInt(v) => values.add(v),
        Value::Int(v) => values.add(v),
        Value::Bool(v) => values.add(v),
        Value::ChronoDate(v) => values.add(v.map(|day| day.to_string())),
        Value::Bytes(v) => values.add(v.map(|bytes| bytes.to_vec())),
        Value::String(v) => values.add(v.map(|text| text.to_string())),
        other => return Err(Error::Internal(format!("a column holds {other:?}"))),
    };
    added.map_err(|error| Error::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_would_read_as_its_own_is_escaped() {
        let mut text = String::new();
        copied(&mut text, Value::from("a\\b\tc\nd")).unwrap();
        copied(&mut text, Value::Bytes(Some(vec![0, 255]))).unwrap();
        copied(&mut text, Value::BigInt(None)).unwrap();
        assert_eq!(text, "a\\\\b\\tc\\nd\\\\x00ff\\N");
    }
}
