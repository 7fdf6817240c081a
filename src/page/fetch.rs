//! Reading pages.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::cursor::{Key, PageArgs, decode, encode};
use crate::error::Result;
use crate::store::{Dialect, Sql, Tx};

/// A list that pages can be read of. `o.id` in a condition is the owner: each owner gets a page of its own.
pub struct Listing {
    /// The statement so far: nothing but bound values.
    pub sql: Sql,
    /// Columns of a row, over the tables of `from`.
    pub columns: String,
    /// Tables with aliases.
    pub from: String,
    /// The row's key, one expression or several with commas between.
    pub id: &'static str,
    pub conditions: Vec<String>,
    /// The order's name, which cursors carry.
    pub order: String,
    /// The order, unique in its last key.
    pub keys: Vec<Key>,
}

#[derive(Clone, Debug)]
pub struct Edge<T> {
    pub cursor: String,
    pub node: T,
}

#[derive(Clone, Debug)]
pub struct Page<T> {
    pub edges: Vec<Edge<T>>,
    pub has_next: bool,
    pub has_previous: bool,
    /// Where looking stopped before the page was full: there may be more.
    pub until: Option<Until>,
}

/// A place in a list up to which was looked.
#[derive(Clone, Debug)]
pub struct Until {
    pub cursor: String,
    /// The page is read from the list's end, so it is where the page starts.
    pub backward: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Page { edges: Vec::new(), has_next: false, has_previous: false, until: None }
    }
}

impl<T> Page<T> {
    /// The same page with its nodes made into something else.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Page<U> {
        let edges = self.edges.into_iter().map(|edge| Edge { cursor: edge.cursor, node: make(edge.node) }).collect();
        Page { edges, has_next: self.has_next, has_previous: self.has_previous, until: self.until }
    }
}

#[derive(FromQueryResult)]
struct Count {
    owner: i64,
    n: i64,
}

impl Listing {
    /// How many rows each owner has; one statement.
    pub async fn counts(mut self, tx: &Tx, owners: &[i64]) -> Result<HashMap<i64, i64>> {
        let owners = self.sql.id_table(owners);
        let text = format!(
            "SELECT o.id AS owner, (SELECT COUNT(*) FROM {} WHERE {}) AS n FROM {owners} o",
            self.from,
            conjunction(&self.conditions)
        );
        self.sql.push(&text);
        Ok(tx.all::<Count>(self.sql).await?.into_iter().map(|count| (count.owner, count.n)).collect())
    }

    /// A page for each owner; one statement.
    pub async fn pages<T: FromQueryResult>(
        mut self,
        tx: &Tx,
        owners: &[i64],
        args: &PageArgs,
    ) -> Result<HashMap<i64, Page<T>>> {
        let (limit, backward) = args.limit()?;
        self.between(args)?;
        let text = self.text(owners, limit + 1, backward);
        self.sql.push(&text);
        let mut pages: HashMap<i64, Page<T>> = owners.iter().map(|owner| (*owner, Page::default())).collect();
        for row in tx.rows(self.sql).await? {
            let values = self.keys.iter().enumerate().map(|(i, key)| key.read(&row, i)).collect::<Result<Vec<_>>>()?;
            let edge = Edge { cursor: encode(&self.order, &values), node: T::from_query_result(&row, "")? };
            pages.entry(row.try_get("", "owner")?).or_default().edges.push(edge);
        }
        for page in pages.values_mut() {
            let more = page.edges.len() > limit;
            page.edges.truncate(limit);
            if backward {
                page.edges.reverse();
            }
            page.has_next = if backward { args.before.is_some() } else { more };
            page.has_previous = if backward { more } else { args.after.is_some() };
        }
        Ok(pages)
    }

    /// Adds the conditions of the cursors.
    fn between(&mut self, args: &PageArgs) -> Result<()> {
        for (argument, cursor, ahead) in [("after", &args.after, true), ("before", &args.before, false)] {
            let Some(cursor) = cursor else { continue };
            let values = decode(argument, cursor, &self.order, &self.keys)?;
            let bound: Vec<String> = values.into_iter().map(|value| self.sql.bind(value)).collect();
            self.conditions.push(beyond(&self.keys, &bound, ahead));
        }
        Ok(())
    }

    fn text(&mut self, owners: &[i64], limit: usize, backward: bool) -> String {
        let owners = self.sql.id_table(owners);
        let keys: Vec<String> = self.keys.iter().enumerate().map(|(i, key)| key_column(i, key)).collect();
        let direction = |key: &Key| if key.descending == backward { "" } else { " DESC" };
        let by_expression: Vec<String> = self.keys.iter().map(|k| format!("{}{}", k.sql, direction(k))).collect();
        let by_column: Vec<String> =
            self.keys.iter().enumerate().map(|(i, k)| format!("k{i}{}", direction(k))).collect();
        let (from, id, columns, keys) = (&self.from, self.id, &self.columns, keys.join(", "));
        let (wanted, by, by_column) = (conjunction(&self.conditions), by_expression.join(", "), by_column.join(", "));
        match self.sql.dialect {
            Dialect::Postgres => format!(
                "SELECT o.id AS owner, x.* FROM {owners} o CROSS JOIN LATERAL (SELECT {columns}, {keys} FROM {from} \
                 WHERE {wanted} ORDER BY {by} LIMIT {limit}) x ORDER BY o.id, {by_column}"
            ),
            Dialect::Sqlite => format!(
                "SELECT o.id AS owner, {columns}, {keys} FROM {owners} o JOIN {from} ON ({id}) IN (SELECT {id} FROM {from} \
                 WHERE {wanted} ORDER BY {by} LIMIT {limit}) ORDER BY o.id, {by_column}"
            ),
        }
    }
}

/// The key as a column of a page.
pub(super) fn key_column(i: usize, key: &Key) -> String {
    match key.kind {
        super::KeyKind::Int => format!("CAST({} AS BIGINT) AS k{i}", key.sql),
        _ => format!("{} AS k{i}", key.sql),
    }
}

/// A condition: the row stands after these values in the order, or before them. An index can begin at the first of them.
pub(super) fn beyond(keys: &[Key], bound: &[String], ahead: bool) -> String {
    let than = |key: &Key| if key.descending == ahead { "<" } else { ">" };
    let Some(first) = keys.first() else { return "FALSE".to_owned() };
    if keys.iter().all(|key| key.descending == first.descending) {
        let columns: Vec<&str> = keys.iter().map(|key| key.sql.as_str()).collect();
        return format!("({}) {} ({})", columns.join(", "), than(first), bound.join(", "));
    }
    let mut cases = Vec::new();
    for (i, key) in keys.iter().enumerate() {
        let equal = keys[..i].iter().zip(bound).map(|(key, v)| format!("{} = {v} AND ", key.sql));
        cases.push(format!("({}{} {} {})", equal.collect::<String>(), key.sql, than(key), bound[i]));
    }
    format!("{} {}= {} AND ({})", first.sql, than(first), bound[0], cases.join(" OR "))
}

pub(super) fn conjunction(conditions: &[String]) -> String {
    if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") }
}
