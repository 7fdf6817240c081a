//! Lists that are reached in several ways: pages read by whichever way passes over the fewest rows, and what the ways found, merged.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};

use super::cursor::{Key, KeyKind, PageArgs, decode, encode};
use super::fetch::{Edge, Page, Until, beyond, conjunction, key_column};
use crate::error::Result;
use crate::store::{Dialect, Sql, Tx};

/// Where a way begins: owner, top, whether that is everything, and a phase and a group, or 0.
pub type Begin = [i64; 5];
const STARTS: [&str; 5] = ["owner", "top", "whole", "phase", "part"];

/// One way to the rows of a list, for some of its starts.
pub struct Way {
    /// Columns as in [`STARTS`]: whose list it is, and what the way stands on. In conditions they are of `o`.
    pub starts: Vec<Begin>,
    /// Tables with aliases, the list's own among them; not used where the way is bounded.
    pub from: String,
    pub conditions: Vec<String>,
    /// The order, as this way's indexes have it. Every way's keys have the same values.
    pub keys: Vec<Key>,
    /// Where the first key is the same for all rows of the way: its value.
    pub class: Option<i64>,
    /// At most so many rows are looked at, in the list's order, before `conditions` are asked.
    pub bounded: Option<Bounded>,
    /// Told with each row.
    pub tag: i64,
}

/// A walk along the order that ends.
pub struct Bounded {
    /// What conditions ask of the rows that are walked along: columns that every order's index has.
    pub columns: &'static str,
    pub conditions: Vec<String>,
    pub rows: usize,
    /// Of these, only so many that keep these conditions are looked at more closely.
    pub closer: Option<(Vec<String>, usize)>,
}

/// What the rows of a list are.
pub struct Rows {
    pub columns: String,
    /// One table with its alias.
    pub from: &'static str,
    pub id: &'static str,
    /// The order's name, which cursors carry.
    pub order: String,
    /// The order, by which cursors are read.
    pub keys: Vec<Key>,
}

/// What was found: for each owner its edges in order, each once and one more than the page has; and how many rows each tag of
/// each start gave.
pub struct Gathered<T> {
    pub edges: HashMap<i64, Vec<Edge<T>>>,
    pub given: HashMap<(i64, i64, i64), usize>,
    /// The cursor up to which the ways looked, where they did not look to the end.
    pub until: Option<String>,
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Gathered { edges: HashMap::new(), given: HashMap::new(), until: None }
    }
}

impl<T> Gathered<T> {
    /// Adds what comes after it in the order that is read in.
    pub fn append(&mut self, after: Gathered<T>) {
        for (owner, edges) in after.edges {
            self.edges.entry(owner).or_default().extend(edges);
        }
        self.until = after.until;
    }

    /// Whether every owner has as many as that.
    pub fn fills(&self, owners: &[i64], edges: usize) -> bool {
        owners.iter().all(|owner| self.edges.get(owner).is_some_and(|found| found.len() >= edges))
    }

    /// The pages of the owners.
    pub fn pages(mut self, owners: &[i64], args: &PageArgs) -> Result<HashMap<i64, Page<T>>> {
        let (limit, backward) = args.limit()?;
        let page = |owner: &i64| {
            let mut edges = self.edges.remove(owner).unwrap_or_default();
            let more = edges.len() > limit;
            edges.truncate(limit);
            if backward {
                edges.reverse();
            }
            let until = self.until.clone().filter(|_| !more).map(|cursor| Until { cursor, backward });
            let more = more || until.is_some();
            let (has_next, has_previous) =
                if backward { (args.before.is_some(), more) } else { (more, args.after.is_some()) };
            (*owner, Page { edges, has_next, has_previous, until })
        };
        Ok(owners.iter().map(page).collect())
    }
}

/// The sort values of the row at which the page begins, if not at the end of the list.
pub fn begins(rows: &Rows, args: &PageArgs) -> Result<Option<Vec<Value>>> {
    let (argument, cursor) = if args.limit()?.1 { ("before", &args.before) } else { ("after", &args.after) };
    cursor.as_deref().map(|cursor| decode(argument, cursor, &rows.order, &rows.keys)).transpose()
}

/// The cursor at which a bounded walk along the order ends, if it does not come to the list's end before; one statement.
pub async fn walk_ends(tx: &Tx, mut sql: Sql, rows: &Rows, way: &Way, args: &PageArgs) -> Result<Option<String>> {
    let Some(walk) = &way.bounded else { return Ok(None) };
    let backward = args.limit()?.1;
    let bounds = bounds(rows, args)?;
    let lines = way.lines(&mut sql, rows, walk, &bounds, backward);
    sql.push(&format!("{lines} LIMIT 1 OFFSET {}", walk.rows.saturating_sub(1)));
    let Some(row) = tx.rows(sql).await?.into_iter().next() else { return Ok(None) };
    let values = rows.keys.iter().enumerate().map(|(i, key)| key.read(&row, i)).collect::<Result<Vec<_>>>()?;
    Ok(Some(encode(&rows.order, &values)))
}

/// What the arguments' cursors bound.
fn bounds(rows: &Rows, args: &PageArgs) -> Result<Vec<Bound>> {
    let mut bounds = Vec::new();
    for (argument, cursor, ahead) in [("after", &args.after, true), ("before", &args.before, false)] {
        if let Some(cursor) = cursor {
            bounds.push(Bound { values: decode(argument, cursor, &rows.order, &rows.keys)?, ahead, but: false });
        }
    }
    Ok(bounds)
}

/// The cursor of a place in the order, which need not be a row's.
pub fn cursor_at(rows: &Rows, values: &[serde_json::Value]) -> String {
    encode(&rows.order, values)
}

/// Reads a page for each owner along all the ways; one statement. Nothing beyond the cursor `until` is told.
pub async fn gather<T: FromQueryResult>(
    tx: &Tx,
    mut sql: Sql,
    rows: &Rows,
    ways: &[Way],
    args: &PageArgs,
    until: Option<String>,
) -> Result<Gathered<T>> {
    let (limit, backward) = args.limit()?;
    let kinds = &rows.keys;
    let mut bounds = bounds(rows, args)?;
    if let Some(until) = &until {
        bounds.push(Bound { values: decode("after", until, &rows.order, kinds)?, ahead: !backward, but: true });
    }
    let mut found = Gathered { until, ..Gathered::default() };
    if ways.is_empty() {
        return Ok(found);
    }
    let parts: Vec<String> = ways.iter().map(|way| way.text(&mut sql, rows, &bounds, limit + 1, backward)).collect();
    let by: Vec<String> =
        kinds.iter().enumerate().map(|(i, key)| format!("y.k{i}{}", direction(key, backward))).collect();
    let keys: Vec<String> = (0..kinds.len()).map(|i| format!("y.k{i}")).collect();
    sql.push(&format!(
        "SELECT y.owner, y.top, y.tag, {}, {} FROM ({}) y JOIN {} ON {} = y.id ORDER BY y.owner, {}",
        keys.join(", "),
        rows.columns,
        parts.join(" UNION ALL "),
        rows.from,
        rows.id,
        by.join(", ")
    ));
    for row in tx.rows(sql).await? {
        let owner: i64 = row.try_get("", "owner")?;
        *found.given.entry((owner, row.try_get("", "top")?, row.try_get("", "tag")?)).or_default() += 1;
        let values = kinds.iter().enumerate().map(|(i, key)| key.read(&row, i)).collect::<Result<Vec<_>>>()?;
        let cursor = encode(&rows.order, &values);
        let edges: &mut Vec<Edge<T>> = found.edges.entry(owner).or_default();
        // Two ways to one row lead to one place in the order.
        if edges.len() <= limit && edges.last().is_none_or(|last| last.cursor != cursor) {
            edges.push(Edge { cursor, node: T::from_query_result(&row, "")? });
        }
    }
    Ok(found)
}

/// How many different rows the ways lead each owner to; one statement. Ways that are bounded are of no use here.
pub async fn count(tx: &Tx, mut sql: Sql, rows: &Rows, ways: &[Way], owners: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut counts: HashMap<i64, i64> = owners.iter().map(|owner| (*owner, 0)).collect();
    if ways.is_empty() {
        return Ok(counts);
    }
    let parts = ways.iter().map(|way| {
        let starts = sql.columns_table(&STARTS, &way.starts);
        let (from, wanted) = (&way.from, conjunction(&way.conditions));
        match sql.dialect {
            Dialect::Postgres => format!(
                "SELECT o.owner, x.id FROM {starts} o CROSS JOIN LATERAL (SELECT {} AS id FROM {from} WHERE {wanted}) x",
                rows.id
            ),
            Dialect::Sqlite => format!("SELECT o.owner, {} AS id FROM {starts} o CROSS JOIN {from} WHERE {wanted}", rows.id),
        }
    });
    // Without UNION's sorting where there is one way, which tells no row twice.
    let parts: Vec<String> = parts.collect();
    let text = parts.join(" UNION ");
    sql.push(&format!("SELECT y.owner, COUNT(*) AS n FROM ({text}) y GROUP BY y.owner"));
    for row in tx.rows(sql).await? {
        counts.insert(row.try_get("", "owner")?, row.try_get("", "n")?);
    }
    Ok(counts)
}

/// A cursor as it is bound.
struct Bound {
    values: Vec<Value>,
    ahead: bool,
    /// What lies there is left out, instead of all else.
    but: bool,
}

fn direction(key: &Key, backward: bool) -> &'static str {
    if key.descending == backward { "" } else { " DESC" }
}

fn columns(keys: &[Key]) -> String {
    let columns: Vec<String> = keys.iter().enumerate().map(|(i, key)| key_column(i, key)).collect();
    columns.join(", ")
}

impl Way {
    fn text(&self, sql: &mut Sql, rows: &Rows, bounds: &[Bound], limit: usize, backward: bool) -> String {
        let id = rows.id;
        let starts = sql.columns_table(&STARTS, &self.starts);
        let by = |keys: &[Key]| self.by(keys, backward);
        let (from, wanted, keys) = match &self.bounded {
            None => {
                let between = self.bounds(sql, bounds);
                let wanted = self.conditions.iter().chain(&between).cloned().collect::<Vec<_>>();
                (self.from.clone(), wanted, self.keys.clone())
            }
            Some(walk) => {
                let alias = id.split('.').next().unwrap_or_default();
                let from = format!("({} LIMIT {}) {alias}", self.lines(sql, rows, walk, bounds, backward), walk.rows);
                // What was walked along has its keys by name.
                let named = |(i, key): (usize, &Key)| Key { sql: format!("{alias}.k{i}"), ..key.clone() };
                let named: Vec<Key> = self.keys.iter().enumerate().map(named).collect();
                let from = match &walk.closer {
                    None => from,
                    Some((conditions, rows)) => format!(
                        "(SELECT {alias}.* FROM {from} WHERE {} ORDER BY {} LIMIT {rows}) {alias}",
                        conjunction(conditions),
                        by(&named)
                    ),
                };
                (from, self.conditions.clone(), named)
            }
        };
        let (wanted, tag) = (conjunction(&wanted), self.tag);
        match sql.dialect {
            Dialect::Postgres => format!(
                "SELECT o.owner, o.top, CAST({tag} AS BIGINT) AS tag, x.* FROM {starts} o CROSS JOIN LATERAL \
                 (SELECT {id} AS id, {} FROM {from} WHERE {wanted} ORDER BY {} LIMIT {limit}) x",
                columns(&keys),
                by(&keys)
            ),
            // What stands beside each other in FROM cannot see each other here, but what stands in an expression sees all.
            Dialect::Sqlite => format!(
                "SELECT o.owner, o.top, {tag} AS tag, {id} AS id, {} FROM {starts} o JOIN {} ON {id} IN \
                 (SELECT {id} FROM {from} WHERE {wanted} ORDER BY {} LIMIT {limit})",
                columns(&self.keys),
                rows.from,
                by(&keys)
            ),
        }
    }

    /// The lines that are walked along.
    fn lines(&self, sql: &mut Sql, rows: &Rows, walk: &Bounded, bounds: &[Bound], backward: bool) -> String {
        let wanted: Vec<String> = walk.conditions.iter().cloned().chain(self.bounds(sql, bounds)).collect();
        format!(
            "SELECT {}, {} FROM {} WHERE {} ORDER BY {}",
            walk.columns,
            columns(&self.keys),
            rows.from,
            conjunction(&wanted),
            self.by(&self.keys, backward)
        )
    }

    fn by(&self, keys: &[Key], backward: bool) -> String {
        // A key that is the same everywhere orders nothing.
        let keys = if self.class.is_some() { &keys[1..] } else { keys };
        let by: Vec<String> = keys.iter().map(|key| format!("{}{}", key.sql, direction(key, backward))).collect();
        by.join(", ")
    }

    fn bounds(&self, sql: &mut Sql, bounds: &[Bound]) -> Vec<String> {
        let ordering = if self.class.is_some() { &self.keys[1..] } else { &self.keys[..] };
        let one = |bound: &Bound| {
            let between = self.between(sql, ordering, bound);
            if bound.but { format!("NOT ({between})") } else { between }
        };
        bounds.iter().map(one).collect()
    }

    /// A condition: the row lies on the right side of the cursor. What it needs alone is bound.
    fn between(&self, sql: &mut Sql, ordering: &[Key], bound: &Bound) -> String {
        let mut values = &bound.values[..];
        if let Some(class) = self.class {
            let at = match bound.values.first() {
                Some(Value::BigInt(Some(at))) => *at,
                _ => return "FALSE".to_owned(),
            };
            // The first key ascends.
            if class != at {
                return if (class > at) == bound.ahead { "TRUE" } else { "FALSE" }.to_owned();
            }
            values = &values[1..];
        }
        let bound_values: Vec<String> = values.iter().map(|value| sql.bind(value.clone())).collect();
        beyond(ordering, &bound_values, bound.ahead)
    }
}

impl Key {
    /// A key that is the same for every row.
    pub fn same(value: i64) -> Key {
        Key::asc(value.to_string(), KeyKind::Int)
    }
}
