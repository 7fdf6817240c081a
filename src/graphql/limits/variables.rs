//! How large the variables of a request are, before anything walks through them again and again.

use std::collections::HashMap;

use async_graphql::{Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::refusal::{Limit, Refusal};
use crate::config::Limits;

/// How deep lists and objects may nest; JSON itself is read 128 deep.
const DEEPEST: usize = 20;

/// So many bytes of text weigh as much as one value more.
const BYTES_OF_A_VALUE: u64 = 64;

/// What each variable weighs, in values.
pub type Weights<'a> = HashMap<&'a str, u64>;

/// `Err` where the variables are too much; else what each weighs.
pub fn measure<'a>(limits: &Limits, variables: &'a Variables) -> Result<Weights<'a>, Refusal> {
    let mut all = Size::default();
    let mut weights = HashMap::with_capacity(variables.len());
    for (name, value) in variables.iter() {
        let mut size = Size::default();
        size.add(value, 1);
        weights.insert(name.as_str(), size.values + size.bytes / BYTES_OF_A_VALUE);
        all = all.and(size);
    }
    Limit::VariableDepth.check(all.depth as u64, DEEPEST as u64)?;
    Limit::ListLength.check(all.longest, limits.max_list_length)?;
    Limit::VariableValues.check(all.values, limits.max_variable_values)?;
    Limit::VariableBytes.check(all.bytes, limits.max_variable_bytes)?;
    Ok(weights)
}

/// What a value in the document weighs, the variables in it included.
pub fn literal(value: &Value, variables: &Weights<'_>) -> u64 {
    match value {
        Value::Variable(name) => 1 + variables.get(name.as_str()).copied().unwrap_or_default(),
        Value::List(items) => 1 + items.iter().map(|item| literal(item, variables)).sum::<u64>(),
        Value::Object(fields) => 1 + fields.values().map(|field| literal(field, variables)).sum::<u64>(),
        Value::String(text) => 1 + text.len() as u64 / BYTES_OF_A_VALUE,
        _ => 1,
    }
}

#[derive(Clone, Copy, Default)]
struct Size {
    values: u64,
    bytes: u64,
    depth: usize,
    longest: u64,
}

impl Size {
    fn and(self, other: Size) -> Size {
        Size {
            values: self.values + other.values,
            bytes: self.bytes + other.bytes,
            depth: self.depth.max(other.depth),
            longest: self.longest.max(other.longest),
        }
    }

    /// As deep as JSON is read, which is not deep.
    fn add(&mut self, value: &ConstValue, depth: usize) {
        self.values += 1;
        match value {
            ConstValue::List(items) => {
                self.depth = self.depth.max(depth);
                self.longest = self.longest.max(items.len() as u64);
                items.iter().for_each(|item| self.add(item, depth + 1));
            }
            ConstValue::Object(fields) => {
                self.depth = self.depth.max(depth);
                for (name, field) in fields {
                    self.bytes += name.len() as u64;
                    self.add(field, depth + 1);
                }
            }
            ConstValue::String(text) => self.bytes += text.len() as u64,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(variables: serde_json::Value) -> Result<(), String> {
        let limits =
            Limits { max_variable_values: 10, max_list_length: 5, max_variable_bytes: 100, ..Limits::default() };
        measure(&limits, &Variables::from_json(variables)).map(|_| ()).map_err(|refusal| refusal.message.english())
    }

    #[test]
    fn each_measure_has_its_limit() {
        assert_eq!(said(json!({ "a": [1, 2, 3, 4, 5], "b": { "c": "d" } })), Ok(()));
        assert!(said(json!({ "a": [1, 2, 3, 4, 5, 6] })).unwrap_err().starts_with("a list in the variables has 6"));
        let halves = json!({ "a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5] });
        assert!(said(halves).unwrap_err().starts_with("the variables hold 12 values"));
        assert!(said(json!({ "a": "x".repeat(101) })).unwrap_err().starts_with("the variables hold 101 bytes"));
        let deep = (0..21).fold(json!(1), |inner, _| json!([inner]));
        assert!(said(json!({ "a": deep })).unwrap_err().starts_with("the variables nest 21 deep"));
    }
}
