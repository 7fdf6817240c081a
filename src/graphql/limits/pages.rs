//! How many objects a field answers with, by its arguments.

use async_graphql::parser::types::{Field, OperationDefinition};
use async_graphql::{Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::weights::{PAGE, Size, parts};

/// Where the values of an operation's variables come from.
pub struct Given<'a> {
    pub operation: &'a OperationDefinition,
    pub variables: &'a Variables,
}

impl Given<'_> {
    /// So many, at least one where it is not known. A connection's edges and nodes are counted at the connection.
    pub fn count(&self, size: Size, field: &Field) -> u64 {
        match size {
            Size::One | Size::Rows => 1,
            Size::About(count) => count,
            Size::Page => self.number(field, "first").or_else(|| self.number(field, "last")).unwrap_or(PAGE),
            Size::Argument(path) => self.length(field, path).max(1),
            Size::Parts(name) => self.parts(field, name).max(1),
        }
    }

    /// A page's size, none where it is not given; the executor refuses what is no size.
    fn number(&self, field: &Field, name: &str) -> Option<u64> {
        match self.value(field.get_argument(name).map(|value| &value.node)?)? {
            Known::Given(ConstValue::Number(number)) | Known::Literal(Value::Number(number)) => {
                Some(number.as_u64().unwrap_or(PAGE).clamp(1, PAGE))
            }
            _ => None,
        }
    }

    fn length(&self, field: &Field, path: &str) -> u64 {
        let mut parts = path.split('.');
        let argument = parts.next().and_then(|name| field.get_argument(name));
        let mut found = argument.and_then(|value| self.value(&value.node));
        for part in parts {
            found = match found {
                Some(Known::Given(ConstValue::Object(fields))) => fields.get(part).map(Known::Given),
                Some(Known::Literal(Value::Object(fields))) => fields.get(part).and_then(|value| self.value(value)),
                _ => None,
            };
        }
        match found {
            Some(Known::Given(ConstValue::List(items))) => items.len() as u64,
            Some(Known::Literal(Value::List(items))) => items.len() as u64,
            // One value stands for a list of it.
            _ => 1,
        }
    }

    fn parts(&self, field: &Field, name: &str) -> u64 {
        let dimension = |value: Option<Known<'_>>| match value {
            Some(Known::Given(ConstValue::Enum(name)) | Known::Literal(Value::Enum(name))) => parts(name.as_str()),
            Some(Known::Given(ConstValue::String(name)) | Known::Literal(Value::String(name))) => parts(name),
            _ => parts(""),
        };
        match field.get_argument(name).and_then(|value| self.value(&value.node)) {
            Some(Known::Given(ConstValue::List(items))) => {
                product(items.iter().map(|item| dimension(Some(Known::Given(item)))))
            }
            Some(Known::Literal(Value::List(items))) => product(items.iter().map(|item| dimension(self.value(item)))),
            one => dimension(one),
        }
    }

    /// The value itself, a variable being followed to what was given for it, or to its default.
    fn value<'b>(&'b self, value: &'b Value) -> Option<Known<'b>> {
        let Value::Variable(name) = value else { return Some(Known::Literal(value)) };
        if let Some(given) = self.variables.get(name) {
            return Some(Known::Given(given));
        }
        let mut definitions = self.operation.variable_definitions.iter();
        let definition = definitions.find(|definition| definition.node.name.node == *name)?;
        definition.node.default_value.as_ref().map(|value| Known::Given(&value.node))
    }
}

enum Known<'a> {
    Given(&'a ConstValue),
    Literal(&'a Value),
}

fn product(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(1, u64::saturating_mul)
}
