//! Several lists of rows by one statement: whatever they have in common is looked up once, and one snapshot holds for all of them.
//! Tables that are named first can be used by those that follow, and by lists.

use sea_orm::{DbErr, QueryResult, RuntimeErr};
use serde::Deserialize;
use sqlx::Row;

use super::{Dialect, Sql, Store};
use crate::error::{Error, Result};

/// A statement in the making.
pub struct Lists {
    pub sql: Sql,
    tables: Vec<String>,
    lists: Vec<(Columns, String)>,
}

/// What is read of a row: expressions of whole numbers, and of texts.
pub struct Columns {
    pub numbers: Vec<String>,
    pub texts: Vec<String>,
}

/// A row: its numbers and its texts, in the order of their columns.
#[derive(Debug, Deserialize)]
pub struct ListRow(Vec<Option<i64>>, Vec<Option<String>>);

impl Columns {
    pub fn new<N: AsRef<str>, T: AsRef<str>>(numbers: &[N], texts: &[T]) -> Columns {
        let own = |all: &[N]| all.iter().map(|one| one.as_ref().to_owned()).collect();
        Columns { numbers: own(numbers), texts: texts.iter().map(|one| one.as_ref().to_owned()).collect() }
    }

    fn numbers(&self, each: impl Fn(&String) -> String) -> String {
        self.numbers.iter().map(each).collect::<Vec<_>>().join(", ")
    }

    fn texts(&self, each: impl Fn(&String) -> String) -> String {
        self.texts.iter().map(each).collect::<Vec<_>>().join(", ")
    }
}

impl ListRow {
    pub fn maybe(&self, at: usize) -> Option<i64> {
        self.0.get(at).copied().flatten()
    }

    pub fn number(&self, at: usize) -> Result<i64> {
        self.maybe(at).ok_or_else(|| Error::Internal(format!("a row has no number {at}")))
    }

    /// A number that is 0 or 1.
    pub fn truth(&self, at: usize) -> Result<bool> {
        Ok(self.number(at)? != 0)
    }

    pub fn maybe_text(&mut self, at: usize) -> Option<String> {
        self.1.get_mut(at).and_then(Option::take)
    }

    /// Taken out of the row.
    pub fn text(&mut self, at: usize) -> Result<String> {
        self.maybe_text(at).ok_or_else(|| Error::Internal(format!("a row has no text {at}")))
    }
}

impl Lists {
    /// Names a table, read once however often it is used.
    pub fn table(&mut self, name: &str, text: &str) {
        self.tables.push(format!("{name} AS MATERIALIZED ({text})"));
    }

    /// Adds a list; `from` is what follows FROM.
    pub fn list(&mut self, columns: Columns, from: String) {
        self.lists.push((columns, from));
    }

    fn statement(self) -> Sql {
        let Lists { mut sql, tables, lists } = self;
        let with = if tables.is_empty() { String::new() } else { format!("WITH {} ", tables.join(", ")) };
        let lists: Vec<String> = match sql.dialect {
            Dialect::Sqlite => lists
                .iter()
                .map(|(columns, from)| {
                    let (numbers, texts) = (columns.numbers(String::clone), columns.texts(String::clone));
                    format!(
                        "(SELECT json_group_array(json_array(json_array({numbers}), json_array({texts}))) FROM {from})"
                    )
                })
                .collect(),
            Dialect::Postgres => lists
                .iter()
                .enumerate()
                .map(|(n, (columns, from))| {
                    let numbers = columns.numbers(|number| format!("CAST({number} AS BIGINT)"));
                    let texts = columns.texts(|text| format!("CAST({text} AS TEXT)"));
                    format!("SELECT {n}, ARRAY[{numbers}]::bigint[], ARRAY[{texts}]::text[] FROM {from}")
                })
                .collect(),
        };
        let text = match sql.dialect {
            Dialect::Sqlite => format!("{with}SELECT {}", lists.join(", ")),
            Dialect::Postgres => format!("{with}{}", lists.join(" UNION ALL ")),
        };
        sql.text = text;
        sql
    }
}

impl Store {
    /// An empty statement, for [`Store::lists`].
    pub fn several(&self) -> Lists {
        Lists { sql: self.sql(), tables: Vec::new(), lists: Vec::new() }
    }

    /// The rows of each list, in no order that the lists' rows do not tell.
    pub async fn lists(&self, lists: Lists) -> Result<Vec<Vec<ListRow>>> {
        let (dialect, number) = (self.dialect, lists.lists.len());
        let rows = self.singles.rows(&lists.statement().into_statement()).await?;
        match dialect {
            Dialect::Sqlite => packed(rows.first(), number),
            Dialect::Postgres => apart(&rows, number),
        }
    }
}

fn packed(row: Option<&QueryResult>, number: usize) -> Result<Vec<Vec<ListRow>>> {
    let row = row.ok_or_else(|| Error::Internal("a statement of lists has no row".to_owned()))?;
    let list = |at| {
        let text: String = row.try_get_by_index(at)?;
        serde_json::from_str(&text).map_err(|error| Error::Internal(format!("a list that cannot be read: {error}")))
    };
    (0..number).map(list).collect()
}

fn apart(rows: &[QueryResult], number: usize) -> Result<Vec<Vec<ListRow>>> {
    let mut lists: Vec<Vec<ListRow>> = (0..number).map(|_| Vec::new()).collect();
    for row in rows.iter().filter_map(QueryResult::try_as_pg_row) {
        let wrong = |error| DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error)));
        let list: i32 = row.try_get(0).map_err(wrong)?;
        let row = ListRow(row.try_get(1).map_err(wrong)?, row.try_get(2).map_err(wrong)?);
        if let Some(list) = usize::try_from(list).ok().and_then(|list| lists.get_mut(list)) {
            list.push(row);
        }
    }
    Ok(lists)
}
