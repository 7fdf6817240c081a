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

    /// A table of ids, one column `id`, for joins.
    pub fn id_table(&mut self, ids: &[i64]) -> String {
        match self.dialect {
            Dialect::Sqlite => {
                let list = self.bind(json_list(ids));
                format!("(SELECT value AS id FROM json_each({list}))")
            }
            Dialect::Postgres => {
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

    fn any(&mut self, expression: &str, list: Value) -> String {
        let list = self.bind(list);
        match self.dialect {
            Dialect::Sqlite => format!("{expression} IN (SELECT value FROM json_each({list}))"),
            Dialect::Postgres => format!("{expression} = ANY({list})"),
        }
    }

    pub(super) fn into_statement(self) -> Statement {
        let backend = match self.dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}

fn json_list<T: serde::Serialize>(items: &[T]) -> String {
    // Numbers and strings always serialise.
    serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
}
