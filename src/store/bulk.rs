//! Inserting any number of rows by one statement whose text never changes: the rows travel as one JSON value.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, EntityTrait, Iden, IdenStatic, Iterable, ModelTrait, Value};

use super::{Dialect, Sql, Tx};
use crate::error::{Error, Result};

/// Rows for one statement; more are sent in several.
const CHUNK: usize = 2_000;

/// What happens to a row whose key is there already.
#[derive(Clone, Copy)]
pub enum Conflict<'a> {
    /// The statement fails.
    Fail,
    /// The old row stays.
    Keep,
    /// The columns outside the key are added to the old row's.
    Add { key: &'a [&'a str] },
}

impl Tx {
    /// Makes ready for many rows, with so much memory on SQLite: its own two megabytes of cache would be written out and read again all the
    /// time.
    pub async fn begin_bulk(&self, megabytes: u32) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => self.run_plain(&format!("PRAGMA cache_size = -{}", megabytes * 1024)).await,
            Dialect::Postgres => Ok(()),
        }
    }

    /// Gives back what [`Tx::begin_bulk`] took.
    pub async fn shrink(&self) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => self.run_plain("PRAGMA cache_size = -2000; PRAGMA shrink_memory").await,
            Dialect::Postgres => Ok(()),
        }
    }

    /// Makes ready for reading everything there is, piece by piece in the order of keys: along an index, by one process. PostgreSQL
    /// would rather start others for each piece.
    pub async fn begin_scan(&self) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => {
                self.run_plain(
                    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off",
                )
                .await
            }
        }
    }

    /// Makes ready for statements that read very much below some unit or other: PostgreSQL plans each for the units that it is
    /// given, and has room to tell rows apart in.
    pub async fn begin_sweep(&self) -> Result<()> {
        if self.dialect == Dialect::Sqlite || self.sweeps.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.run_uncounted("SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '64MB'").await
    }

    /// PostgreSQL plans by what it knows of its tables, and learns of many new rows only after a while: it is told.
    pub async fn end_bulk(&self) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => self.run_plain("ANALYZE").await,
        }
    }

    /// Inserts the rows and answers how many were written.
    pub async fn insert<E>(&self, rows: &[E::Model], conflict: Conflict<'_>) -> Result<u64>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let mut written = 0;
        for chunk in rows.chunks(CHUNK) {
            written += self.run(self.insertion::<E>(chunk, conflict)?).await?;
        }
        Ok(written)
    }

    /// The statement that inserts the rows.
    pub(super) fn insertion<E>(&self, rows: &[E::Model], conflict: Conflict<'_>) -> Result<Sql>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let rows: Vec<serde_json::Value> = rows.iter().map(row_json::<E>).collect::<Result<_>>()?;
        let mut sql = self.sql("");
        sql.bind(serde_json::Value::Array(rows).to_string());
        sql.push(&statement::<E>(self.dialect, conflict, None));
        Ok(sql)
    }

    /// The same, with what an expression says in one of the columns, whatever the rows have there.
    pub(super) fn insertion_with<E>(
        &self,
        rows: &[E::Model],
        (column, expression): (&str, impl FnOnce(&mut Sql) -> String),
    ) -> Result<Sql>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let rows: Vec<serde_json::Value> = rows.iter().map(row_json::<E>).collect::<Result<_>>()?;
        let mut sql = self.sql("");
        sql.bind(serde_json::Value::Array(rows).to_string());
        let said = expression(&mut sql);
        sql.push(&statement::<E>(self.dialect, Conflict::Fail, Some((column, &said))));
        Ok(sql)
    }

    /// Writes every column of the row whose `id` it has, where the guard columns still have these values; answers how many rows
    /// were changed.
    pub async fn update<E>(&self, row: &E::Model, guard: &[(&str, Value)]) -> Result<u64>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let mut sql = self.sql(format!("UPDATE {} SET ", E::default().table_name()));
        let (mut sets, mut conditions) = (Vec::new(), Vec::new());
        for column in E::Column::iter() {
            let bound = sql.bind(row.get(column));
            match column.as_str() {
                "id" => conditions.push(format!("id = {bound}")),
                name => sets.push(format!("{name} = {bound}")),
            }
        }
        for (name, value) in guard {
            let bound = sql.bind(value.clone());
            conditions.push(format!("{name} = {bound}"));
        }
        sql.push(&format!("{} WHERE {}", sets.join(", "), conditions.join(" AND ")));
        self.run(sql).await
    }

    /// Makes of each first row the second one, where the columns of `on` still are what they were: a key, and perhaps a version. Only
    /// columns that differ are written. Answers how many rows were changed.
    pub async fn change<E>(&self, rows: &[(&E::Model, &E::Model)], on: &[&str]) -> Result<u64>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let differs = |column: &E::Column| rows.iter().any(|(old, new)| old.get(*column) != new.get(*column));
        let changed: Vec<E::Column> = E::Column::iter().filter(differs).collect();
        let known: Vec<E::Column> = E::Column::iter().filter(|column| on.contains(&column.as_str())).collect();
        if changed.is_empty() {
            return Ok(0);
        }
        let mut written = 0;
        for chunk in rows.chunks(CHUNK) {
            let row = |(old, new): &(&E::Model, &E::Model)| {
                let known = known.iter().map(|column| value_json(*column, old.get(*column)));
                let cells = known.chain(changed.iter().map(|column| value_json(*column, new.get(*column))));
                Ok(serde_json::Value::Array(cells.collect::<Result<_>>()?))
            };
            let values: Vec<serde_json::Value> = chunk.iter().map(row).collect::<Result<_>>()?;
            let mut sql = self.sql(change::<E>(self.dialect, &known, &changed));
            sql.bind(serde_json::Value::Array(values).to_string());
            written += self.run(sql).await?;
        }
        Ok(written)
    }
}

/// The rows' columns `known`, then those that are `changed`, are the cells of each value.
fn change<E: EntityTrait>(dialect: Dialect, known: &[E::Column], changed: &[E::Column]) -> String {
    let cells: Vec<String> = known
        .iter()
        .chain(changed)
        .enumerate()
        .map(|(i, column)| format!("{} AS c{i}", cell(dialect, i, column.def().get_column_type())))
        .collect();
    let sets: Vec<String> =
        (known.len()..).zip(changed).map(|(i, column)| format!("{} = r.c{i}", column.as_str())).collect();
    let same: Vec<String> =
        known.iter().enumerate().map(|(i, column)| format!("t.{} = r.c{i}", column.as_str())).collect();
    let table = E::default().table_name().to_owned();
    format!(
        "UPDATE {table} AS t SET {} FROM (SELECT {}{}) r WHERE {}",
        sets.join(", "),
        cells.join(", "),
        rows_of(dialect),
        same.join(" AND ")
    )
}

/// FROM: a row `r` for each of the values that are bound first.
fn rows_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => " FROM json_each($1) r WHERE TRUE",
        Dialect::Postgres => " FROM json_array_elements($1::json) r",
    }
}

/// The rows are bound first. `given`: a column with an expression for all of them.
fn statement<E: EntityTrait>(dialect: Dialect, conflict: Conflict<'_>, given: Option<(&str, &str)>) -> String {
    let table = E::default().table_name().to_owned();
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    let mut text = format!("INSERT INTO {table} ({}) SELECT ", names.join(", "));
    for (i, column) in columns.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let cell = match given {
            Some((name, expression)) if name == column.as_str() => expression.to_owned(),
            _ => cell(dialect, i, column.def().get_column_type()),
        };
        let _ = write!(text, "{comma}{cell}");
    }
    text.push_str(rows_of(dialect));
    match conflict {
        Conflict::Fail => {}
        Conflict::Keep => text.push_str(" ON CONFLICT DO NOTHING"),
        Conflict::Add { key } => {
            let _ = write!(text, " ON CONFLICT ({}) DO UPDATE SET ", key.join(", "));
            let sums = names.iter().filter(|name| !key.contains(name));
            let sums: Vec<String> = sums.map(|name| format!("{name} = {table}.{name} + excluded.{name}")).collect();
            text.push_str(&sums.join(", "));
        }
    }
    text
}

fn cell(dialect: Dialect, i: usize, column: &ColumnType) -> String {
    match (dialect, column) {
        (Dialect::Sqlite, ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob) => {
            format!("unhex(r.value->>'$[{i}]')")
        }
        (Dialect::Sqlite, _) => format!("r.value->>'$[{i}]'"),
        (Dialect::Postgres, ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob) => {
            format!("decode(r->>{i}, 'hex')")
        }
        (Dialect::Postgres, ColumnType::BigInteger) => format!("(r->>{i})::bigint"),
        (Dialect::Postgres, ColumnType::Integer) => format!("(r->>{i})::integer"),
        (Dialect::Postgres, ColumnType::Boolean) => format!("(r->>{i})::boolean"),
        (Dialect::Postgres, ColumnType::Date) => format!("(r->>{i})::date"),
        (Dialect::Postgres, _) => format!("r->>{i}"),
    }
}

fn row_json<E>(row: &E::Model) -> Result<serde_json::Value>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let cells = E::Column::iter().map(|column| value_json(column, row.get(column)));
    Ok(serde_json::Value::Array(cells.collect::<Result<_>>()?))
}

fn value_json(column: impl Iden, value: Value) -> Result<serde_json::Value> {
    Ok(match value {
        Value::BigInt(v) => v.into(),
        Value::Int(v) => v.into(),
        Value::Bool(v) => v.into(),
        Value::String(v) => v.into(),
        Value::ChronoDate(v) => v.map(|day| day.to_string()).into(),
        Value::Bytes(v) => v.map(|bytes| hex(&bytes)).into(),
        other => return Err(Error::Internal(format!("column {} holds {other:?}", column.to_string()))),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
