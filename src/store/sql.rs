//! A statement in the making: text that both databases read, and its bound values.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Statement, Value};

use super::Dialect;

/// SQL text with `$n` placeholders and their values.
#[derive(Clone, Debug)]
pub struct Sql {
    pub text: String,
    pub dialect: Dialect,
    values: Vec<Value>,
}

impl Sql {
    pub fn new(dialect: Dialect, text: impl Into<String>) -> Self {
        Self { text: text.into(), dialect, values: Vec::new() }
    }

    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Another statement's text and values; its placeholders are numbered on.
    pub(super) fn append(&mut self, other: Sql) {
        let before = self.values.len();
        for piece in pieces(&other.text) {
            match piece {
                Piece::Text(text) => self.text.push_str(text),
                Piece::Value(number) => self.text.push_str(&format!("${}", number + before)),
            }
        }
        self.values.extend(other.values);
    }

    /// Leaves out the values that no placeholder names, and numbers the others anew. A statement is known by its text: one with other values
    /// than its text has placeholders would be mistaken for another.
    fn forget_unused(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut values = std::mem::take(&mut self.values).into_iter().map(Some).collect::<Vec<_>>();
        let mut places: Vec<Option<usize>> = vec![None; values.len()];
        for piece in pieces(&text) {
            match piece {
                Piece::Text(text) => self.text.push_str(text),
                Piece::Value(number) => {
                    let before = number.checked_sub(1);
                    let known = before.and_then(|at| places.get(at).copied().flatten());
                    let value = before.and_then(|at| values.get_mut(at)?.take());
                    let place = known.or_else(|| {
                        self.values.push(value?);
                        Some(self.values.len())
                    });
                    if let (Some(at), Some(place)) = (before, place) {
                        places[at] = Some(place);
                    }
                    // A number that names no value is left as it is, for the database to complain of.
                    self.text.push_str(&format!("${}", place.unwrap_or(number)));
                }
            }
        }
    }

    /// Whether every value has a placeholder.
    fn uses_all(&self) -> bool {
        let mut used = vec![false; self.values.len()];
        for piece in pieces(&self.text) {
            if let Piece::Value(number) = piece
                && let Some(used) = number.checked_sub(1).and_then(|at| used.get_mut(at))
            {
                *used = true;
            }
        }
        used.into_iter().all(|used| used)
    }

    /// Binds a value and answers its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// A condition: the expression is one of the ids. The text is the same whatever their number.
    pub fn any_id(&mut self, expression: &str, ids: &[i64]) -> String {
        let list = match self.dialect {
            Dialect::Sqlite => Value::from(json_list(ids)),
            Dialect::Postgres => {
                let ids = ids.iter().map(|id| Value::from(*id)).collect();
                Value::Array(ArrayType::BigInt, Some(Box::new(ids)))
            }
        };
        self.any(expression, list)
    }

    /// A condition: the expression is one of the texts.
    pub fn any_text<T: AsRef<str>>(&mut self, expression: &str, texts: &[T]) -> String {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let list = match self.dialect {
            Dialect::Sqlite => Value::from(json_list(&texts)),
            Dialect::Postgres => {
                let texts = texts.into_iter().map(Value::from).collect();
                Value::Array(ArrayType::String, Some(Box::new(texts)))
            }
        };
        self.any(expression, list)
    }

    /// A condition: the expression is one of these bytes; one by a plan that serves all.
    pub fn any_bytes(&mut self, expression: &str, all: &[[u8; 32]]) -> String {
        match (self.dialect, all) {
            (_, [one]) => format!("{expression} = {}", self.bind(one.as_slice())),
            (Dialect::Postgres, all) => {
                let all = all.iter().map(|bytes| Value::from(bytes.as_slice())).collect();
                self.any(expression, Value::Array(ArrayType::Bytes, Some(Box::new(all))))
            }
            (Dialect::Sqlite, all) => {
                let digits = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
                let list = self.bind(json_list(&all.iter().map(digits).collect::<Vec<_>>()));
                format!("{expression} IN (SELECT unhex(value) FROM json_each({list}))")
            }
        }
    }

    /// [`Sql::any_id`] where few rows have each of the ids: one id is compared with, by a plan that serves every id.
    pub fn keyed_id(&mut self, expression: &str, ids: &[i64]) -> String {
        match ids {
            [one] => format!("{expression} = {}", self.key(*one)),
            ids => self.any_id(expression, ids),
        }
    }

    /// The same for texts.
    pub fn keyed_text<T: AsRef<str>>(&mut self, expression: &str, texts: &[T]) -> String {
        match texts {
            [one] => format!("{expression} = {}", self.opaque(one.as_ref(), "text")),
            texts => self.any_text(expression, texts),
        }
    }

    /// Binds an id that one plan is to serve whatever it is: PostgreSQL otherwise makes a plan for each, where it believes that one
    /// suits better, and that takes longer than running it.
    pub fn key(&mut self, id: i64) -> String {
        self.opaque(id, "bigint")
    }

    fn opaque(&mut self, value: impl Into<Value>, kind: &str) -> String {
        let bound = self.bind(value);
        match self.dialect {
            Dialect::Sqlite => bound,
            // What a subquery answers is not known before it runs.
            Dialect::Postgres => format!("(SELECT {bound}::{kind})"),
        }
    }

    /// A condition that the expression is one of the ids, for many rows and many ids: PostgreSQL looks through the whole list for each row
    /// otherwise, where it does not know the list beforehand. No index is chosen by it.
    pub fn among_ids(&mut self, expression: &str, ids: &[i64]) -> String {
        let ids = self.id_table(ids);
        // Within another condition it is no join.
        format!("(({expression} IN (SELECT m.id FROM {ids} m)) IS TRUE)")
    }

    /// A table of ids, one column `id`, for joins; of one id by a plan that serves every id.
    pub fn id_table(&mut self, ids: &[i64]) -> String {
        match (self.dialect, ids) {
            (Dialect::Sqlite, ids) => {
                let list = self.bind(json_list(ids));
                format!("(SELECT value AS id FROM json_each({list}))")
            }
            (Dialect::Postgres, [one]) => format!("(SELECT {} AS id)", self.key(*one)),
            (Dialect::Postgres, ids) => {
                let ids = ids.iter().map(|id| Value::from(*id)).collect();
                let list = self.bind(Value::Array(ArrayType::BigInt, Some(Box::new(ids))));
                format!("(SELECT unnest({list}::bigint[]) AS id)")
            }
        }
    }

    /// A table of texts, one column `text`, for joins.
    pub fn text_table<T: AsRef<str>>(&mut self, texts: &[T]) -> String {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        match self.dialect {
            Dialect::Sqlite => {
                let list = self.bind(json_list(&texts));
                format!("(SELECT value AS text FROM json_each({list}))")
            }
            Dialect::Postgres => {
                let texts = texts.into_iter().map(Value::from).collect();
                let list = self.bind(Value::Array(ArrayType::String, Some(Box::new(texts))));
                format!("(SELECT unnest({list}::text[]) AS text)")
            }
        }
    }

    /// A table of whole numbers: a column for each name, a row for each of the arrays; of one row by a plan that serves every row.
    pub fn columns_table<const N: usize>(&mut self, names: &[&str; N], rows: &[[i64; N]]) -> String {
        match (self.dialect, rows) {
            (Dialect::Sqlite, rows) => {
                let rows: Vec<&[i64]> = rows.iter().map(|row| &row[..]).collect();
                let list = self.bind(json_list(&rows));
                let column = |(i, name): (usize, &&str)| format!("json_extract(value, '$[{i}]') AS {name}");
                let columns: Vec<String> = names.iter().enumerate().map(column).collect();
                format!("(SELECT {} FROM json_each({list}))", columns.join(", "))
            }
            (Dialect::Postgres, [one]) => {
                let column = |(name, value): (&&str, &i64)| format!("{} AS {name}", self.key(*value));
                let columns: Vec<String> = names.iter().zip(one).map(column).collect();
                format!("(SELECT {})", columns.join(", "))
            }
            (Dialect::Postgres, rows) => {
                let mut columns = Vec::with_capacity(N);
                for (i, name) in names.iter().enumerate() {
                    let numbers = rows.iter().map(|row| Value::from(row[i])).collect();
                    let list = self.bind(Value::Array(ArrayType::BigInt, Some(Box::new(numbers))));
                    columns.push(format!("unnest({list}::bigint[]) AS {name}"));
                }
                format!("(SELECT {})", columns.join(", "))
            }
        }
    }

    /// [`Sql::along`], with empty columns where nothing is found.
    pub fn along_if_any(&self, outer: &str, table: &str, alias: &str, on: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("{outer} LEFT JOIN {table} {alias} ON {on}"),
            Dialect::Postgres => format!(
                "{outer} LEFT JOIN LATERAL (SELECT {alias}.* FROM {table} {alias} WHERE {on} OFFSET 0) {alias} ON TRUE"
            ),
        }
    }

    /// FROM: a row of `from` for each row of `outer`, found by it, in that order.
    pub fn along(&self, outer: &str, table: &str, alias: &str, on: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("{outer} CROSS JOIN {table} {alias} ON {on}"),
            // What is behind OFFSET keeps to itself: no other order is tried.
            Dialect::Postgres => {
                format!(
                    "{outer} CROSS JOIN LATERAL (SELECT {alias}.* FROM {table} {alias} WHERE {on} OFFSET 0) {alias}"
                )
            }
        }
    }

    /// FROM: rows of a table found by an index of it, under these conditions, and in no other way.
    pub fn by_index(&self, table: &str, alias: &str, index: &str, conditions: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("{table} {alias} INDEXED BY {index}"),
            Dialect::Postgres => format!("(SELECT * FROM {table} {alias} WHERE {conditions} OFFSET 0) {alias}"),
        }
    }

    fn any(&mut self, expression: &str, list: Value) -> String {
        let list = self.bind(list);
        match self.dialect {
            Dialect::Sqlite => format!("{expression} IN (SELECT value FROM json_each({list}))"),
            Dialect::Postgres => format!("{expression} = ANY({list})"),
        }
    }

    pub(super) fn into_statement(mut self) -> Statement {
        if !self.uses_all() {
            self.forget_unused();
        }
        let backend = match self.dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}

/// A part of a statement's text.
enum Piece<'a> {
    Text(&'a str),
    /// A placeholder.
    Value(usize),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, left) = match rest.strip_prefix('$') {
            Some(number) => {
                let digits = number.bytes().take_while(u8::is_ascii_digit).count();
                match number[..digits].parse() {
                    Ok(value) => (Piece::Value(value), &number[digits..]),
                    Err(_) => (Piece::Text(&rest[..1]), number),
                }
            }
            None => {
                let (text, left) = rest.split_at(rest.find('$').unwrap_or(rest.len()));
                (Piece::Text(text), left)
            }
        };
        rest = left;
        Some(piece)
    })
}

fn json_list<T: serde::Serialize>(items: &[T]) -> String {
    // Numbers and strings always serialise.
    serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_placeholder_names_is_forgotten() {
        let mut sql = Sql::new(Dialect::Postgres, "");
        let bound: Vec<String> = (10..14_i64).map(|value| sql.bind(value)).collect();
        sql.push(&format!("SELECT {} + {} + {} WHERE '$' = '$x'", bound[3], bound[1], bound[3]));
        assert!(!sql.uses_all());
        sql.forget_unused();
        assert!(sql.uses_all());
        assert_eq!(sql.text, "SELECT $1 + $2 + $1 WHERE '$' = '$x'");
        assert_eq!(sql.values, [Value::from(13_i64), Value::from(11_i64)]);
    }

    #[test]
    fn a_statement_has_as_many_values_as_its_text_has_places() {
        // The same text, whatever else was bound beside it: the driver knows statements by their texts.
        let statement = |beside: i64| {
            let mut sql = Sql::new(Dialect::Postgres, "");
            (0..beside).for_each(|value| drop(sql.bind(value)));
            let value = sql.bind(7_i64);
            sql.push(&format!("SELECT {value}"));
            sql.into_statement()
        };
        assert_eq!(statement(3), statement(0));
    }

    #[test]
    fn what_is_appended_is_numbered_on() {
        let mut sql = Sql::new(Dialect::Postgres, "");
        let one = sql.bind(1_i64);
        sql.push(&format!("SELECT {one}, "));
        let mut other = Sql::new(Dialect::Postgres, "");
        let two = other.bind(2_i64);
        other.push(&format!("{two} + {two}"));
        sql.append(other);
        assert_eq!((sql.text.as_str(), sql.values.len()), ("SELECT $1, $2 + $2", 2));
    }
}
