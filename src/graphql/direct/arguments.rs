//! The arguments of fields as the executor reads them: variables, their defaults, the arguments' own defaults.

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition};
use async_graphql::{InputType, Value, Variables};

/// What an operation was given.
pub struct Given<'a> {
    pub document: &'a ExecutableDocument,
    pub operation: &'a OperationDefinition,
    pub variables: &'a Variables,
}

impl Given<'_> {
    /// The value with its variables put in; none where one has no value.
    pub fn value(&self, value: &async_graphql_value::Value) -> Option<Value> {
        let variable = |name: async_graphql::Name| {
            let definition = self.operation.variable_definitions.iter().find(|one| one.node.name.node == name);
            let given = definition.and_then(|one| self.variables.get(&name).or_else(|| one.node.default_value()));
            given.cloned().ok_or(())
        };
        value.clone().into_const_with(variable).ok()
    }

    /// An argument as it was given, or left out.
    pub fn argument<T: InputType>(&self, field: &Field, name: &str) -> Option<T> {
        let given = field.arguments.iter().find(|(known, _)| known.node == name);
        let value = match given {
            Some((_, value)) => Some(self.value(&value.node)?),
            None => None,
        };
        T::parse(value).ok()
    }

    /// An argument that has a default.
    pub fn argument_or<T: InputType>(&self, field: &Field, name: &str, default: T) -> Option<T> {
        match field.arguments.iter().any(|(known, _)| known.node == name) {
            true => self.argument(field, name),
            false => Some(default),
        }
    }
}
