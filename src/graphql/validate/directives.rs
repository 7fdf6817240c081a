//! Directives where the executor passes over them: on `__typename`, on the definitions of variables; and variables in the conditions
//! of `@skip` and `@include`.

use std::collections::{HashMap, HashSet};

use async_graphql::Positioned;
use async_graphql::Value as ConstValue;
use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet, VariableDefinition,
};
use async_graphql_value::Value;

use crate::text::{Message, message};

type Variables<'a> = HashMap<&'a str, &'a VariableDefinition>;

pub fn check(document: &ExecutableDocument) -> Result<(), Message> {
    for (_, operation) in document.operations.iter() {
        let OperationDefinition { variable_definitions, selection_set, .. } = &operation.node;
        for variable in variable_definitions {
            if let Some(directive) = variable.node.directives.first() {
                let name = &directive.node.name.node;
                return Err(message!("directive \"@{name}\" may not stand on the definition of a variable", name));
            }
        }
        let variables =
            variable_definitions.iter().map(|variable| (variable.node.name.node.as_str(), &variable.node)).collect();
        selections(document, &selection_set.node, &variables, &mut HashSet::new())?;
    }
    Ok(())
}

fn selections<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    variables: &Variables,
    seen: &mut HashSet<&'a str>,
) -> Result<(), Message> {
    for selection in &set.items {
        let directives = selection.node.directives();
        conditions(directives, variables)?;
        match &selection.node {
            Selection::Field(field) => {
                if field.node.name.node == "__typename" {
                    known(directives)?;
                }
                selections(document, &field.node.selection_set.node, variables, seen)?;
            }
            Selection::InlineFragment(fragment) => {
                selections(document, &fragment.node.selection_set.node, variables, seen)?;
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                // Once for each fragment, however often it is spread.
                if let Some(fragment) = document.fragments.get(name)
                    && seen.insert(name)
                {
                    selections(document, &fragment.node.selection_set.node, variables, seen)?;
                }
            }
        }
    }
    Ok(())
}

/// A nullable variable is no condition.
fn conditions(directives: &[Positioned<Directive>], variables: &Variables) -> Result<(), Message> {
    for directive in directives.iter().filter(|directive| is_condition(&directive.node)) {
        for (_, value) in &directive.node.arguments {
            let Value::Variable(name) = &value.node else { continue };
            let Some(variable) = variables.get(name.as_str()) else { continue };
            let ty = &variable.var_type.node;
            let boolean = matches!(&ty.base, BaseType::Named(name) if name == "Boolean");
            let default = variable.default_value.as_ref().is_some_and(|value| value.node != ConstValue::Null);
            if !boolean || (ty.nullable && !default) {
                return Err(message!(
                    "variable ${name} of type {given} cannot stand at {place}, which takes {wanted}",
                    name,
                    given = ty,
                    place = format!("@{}.if", directive.node.name.node),
                    wanted = "Boolean!"
                ));
            }
        }
    }
    Ok(())
}

fn is_condition(directive: &Directive) -> bool {
    matches!(directive.name.node.as_str(), "skip" | "include")
}

/// The directives of a `__typename`: conditions, each once, with its one argument.
fn known(directives: &[Positioned<Directive>]) -> Result<(), Message> {
    let mut seen = HashSet::new();
    for directive in directives {
        let name = directive.node.name.node.as_str();
        if !is_condition(&directive.node) {
            return Err(message!("directive \"@{name}\" is unknown, or may not stand on a field", name));
        }
        if !seen.insert(name) {
            return Err(message!("directive \"@{name}\" stands twice in one place", name));
        }
        let boolean = |value: &Value| matches!(value, Value::Boolean(_) | Value::Variable(_));
        let right =
            matches!(directive.node.arguments.as_slice(), [(name, value)] if name.node == "if" && boolean(&value.node));
        if !right {
            return Err(message!("directive \"@{name}\" takes one argument: if, a Boolean", name));
        }
    }
    Ok(())
}
