//! Checking every value of a request before anything is executed: variables and literals, down to the scalars.
//!
//! The executor parses some values only when it reaches their field; by then the mutations before it are done.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, InputValueDefinition, OperationDefinition, Selection, SelectionSet, Type,
    TypeDefinition, TypeKind, VariableDefinition,
};
use async_graphql::{Positioned, ScalarType, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::scalars::{BigInt, Date, DateTime};
use super::types::FieldTypes;
use crate::text::{Message, message};

type Definitions = HashMap<String, InputValueDefinition>;

/// What values may be: arguments of fields, fields of inputs, members of enumerations.
#[derive(Default)]
pub struct InputTypes {
    arguments: HashMap<(String, String), Definitions>,
    inputs: HashMap<String, Definitions>,
    enums: HashMap<String, HashSet<String>>,
}

fn by_name(definitions: &[Positioned<InputValueDefinition>]) -> Definitions {
    definitions.iter().map(|definition| (definition.node.name.node.to_string(), definition.node.clone())).collect()
}

impl InputTypes {
    /// Takes what the definition says of inputs.
    pub fn add(&mut self, definition: &TypeDefinition) {
        let name = definition.name.node.to_string();
        match &definition.kind {
            TypeKind::Object(object) => {
                for field in &object.fields {
                    let key = (name.clone(), field.node.name.node.to_string());
                    self.arguments.insert(key, by_name(&field.node.arguments));
                }
            }
            TypeKind::InputObject(input) => {
                self.inputs.insert(name, by_name(&input.fields));
            }
            TypeKind::Enum(members) => {
                let members = members.values.iter().map(|value| value.node.value.node.to_string());
                self.enums.insert(name, members.collect());
            }
            _ => {}
        }
    }
}

/// Checks the variables and the literals of the operation that will be executed; `Err` says what is wrong, and where.
pub fn check(
    types: &FieldTypes,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    root: &str,
    variables: &Variables,
) -> Result<(), Message> {
    let definitions = operation.variable_definitions.iter();
    let checker = Checker {
        types,
        document,
        variables: definitions.map(|variable| (variable.node.name.node.as_str(), &variable.node)).collect(),
    };
    for variable in checker.variables.values() {
        checker.variable(variable, variables)?;
    }
    checker.selection(&operation.selection_set.node, Some(root), &mut HashSet::new())
}

struct Checker<'a> {
    types: &'a FieldTypes,
    document: &'a ExecutableDocument,
    variables: HashMap<&'a str, &'a VariableDefinition>,
}

impl<'a> Checker<'a> {
    fn variable(&self, variable: &VariableDefinition, given: &Variables) -> Result<(), Message> {
        let name = variable.name.node.as_str();
        let place = format!("${name}");
        match given.get(&variable.name.node) {
            Some(value) => self.value(&value.clone().into_value(), &variable.var_type.node, false, &place),
            None if variable.var_type.node.nullable || variable.default_value.is_some() => Ok(()),
            None => Err(message!("{place} is required, but was not given", place)),
        }
    }

    /// `parent` is none inside introspection.
    fn selection(
        &self,
        set: &'a SelectionSet,
        parent: Option<&'a str>,
        seen: &mut HashSet<&'a str>,
    ) -> Result<(), Message> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let arguments = parent
                        .and_then(|parent| self.types.inputs.arguments.get(&(parent.to_owned(), name.to_owned())));
                    for (argument, value) in &field.node.arguments {
                        let definition = arguments.and_then(|arguments| arguments.get(argument.node.as_str()));
                        if let Some(definition) = definition {
                            let place = format!("{name}.{}", argument.node);
                            let defaulted = definition.default_value.is_some();
                            self.value(&value.node, &definition.ty.node, defaulted, &place)?;
                        }
                    }
                    let below = self.types.named_type_of(parent, name);
                    self.selection(&field.node.selection_set.node, below, seen)?;
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.selection(&fragment.node.selection_set.node, on.or(parent), seen)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    // Once for each fragment, however often it is spread.
                    if let Some(fragment) = self.document.fragments.get(name)
                        && seen.insert(name.as_str())
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.selection(&fragment.node.selection_set.node, Some(on), seen)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn value(&self, value: &Value, ty: &Type, defaulted: bool, place: &str) -> Result<(), Message> {
        match value {
            Value::Variable(name) => self.position(name.as_str(), ty, defaulted, place),
            Value::Null if ty.nullable => Ok(()),
            Value::Null => Err(message!("{place} must not be null", place)),
            _ => match (&ty.base, value) {
                (BaseType::List(inner), Value::List(items)) => {
                    let mut items = items.iter().enumerate();
                    items.try_for_each(|(i, item)| self.value(item, inner, false, &format!("{place}.{i}")))
                }
                // One value stands for a list of it.
                (BaseType::List(inner), one) => self.value(one, inner, false, place),
                (BaseType::Named(name), _) => self.named(value, name.as_str(), place),
            },
        }
    }

    fn named(&self, value: &Value, name: &str, place: &str) -> Result<(), Message> {
        if let Some(fields) = self.types.inputs.inputs.get(name) {
            return self.input(value, name, fields, place);
        }
        if let Some(members) = self.types.inputs.enums.get(name) {
            let member = match value {
                Value::Enum(member) => Some(member.as_str()),
                // In JSON a name is a string; in a document it is not.
                Value::String(member) if place.starts_with('$') => Some(member.as_str()),
                _ => None,
            };
            let known = member.is_some_and(|member| members.contains(member));
            return if known { Ok(()) } else { Err(message!("{place} is no value of {name}", place, name)) };
        }
        let Some(value) = value.clone().into_const() else { return Ok(()) };
        if fits(value, name) { Ok(()) } else { Err(message!("{place}: {rule}", place, rule = rule(name))) }
    }

    fn input(&self, value: &Value, name: &str, fields: &Definitions, place: &str) -> Result<(), Message> {
        let Value::Object(given) = value else {
            return Err(message!("{place} must be an object ({name})", place, name));
        };
        for (key, value) in given {
            let Some(field) = fields.get(key.as_str()) else {
                return Err(message!(
                    "{place} has the field \"{key}\", which {name} does not know",
                    place,
                    key = crate::error::clip(key),
                    name
                ));
            };
            self.value(value, &field.ty.node, field.default_value.is_some(), &format!("{place}.{key}"))?;
        }
        let missing = fields.values().find(|field| {
            let required = !field.ty.node.nullable && field.default_value.is_none();
            required && !given.contains_key(field.name.node.as_str())
        });
        match missing {
            Some(field) => Err(message!("{place} is required", place = format!("{place}.{}", field.name.node))),
            None => Ok(()),
        }
    }

    /// Whether a variable may stand in a place of this type (specification, section 5.8.5).
    fn position(&self, name: &str, ty: &Type, defaulted: bool, place: &str) -> Result<(), Message> {
        let Some(variable) = self.variables.get(name) else { return Ok(()) };
        let given = &variable.var_type.node;
        let has_default = variable.default_value.as_ref().is_some_and(|value| value.node != ConstValue::Null);
        let nullable_is_fine = ty.nullable || !given.nullable || has_default || defaulted;
        if nullable_is_fine && same_base(&given.base, &ty.base) {
            return Ok(());
        }
        Err(message!(
            "variable ${name} of type {given} cannot stand at {place}, which takes {wanted}",
            name,
            given,
            place,
            wanted = ty
        ))
    }
}

/// Whether values of the first are values of the second, nullability inside lists included.
fn same_base(given: &BaseType, wanted: &BaseType) -> bool {
    match (given, wanted) {
        (BaseType::Named(given), BaseType::Named(wanted)) => given == wanted,
        (BaseType::List(given), BaseType::List(wanted)) => {
            (wanted.nullable || !given.nullable) && same_base(&given.base, &wanted.base)
        }
        _ => false,
    }
}

/// Whether the value is one of the scalar.
fn fits(value: ConstValue, name: &str) -> bool {
    match name {
        "BigInt" => BigInt::parse(value).is_ok(),
        "Date" => Date::parse(value).is_ok(),
        "DateTime" => DateTime::parse(value).is_ok(),
        "Int" => matches!(&value, ConstValue::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok())),
        "Float" => matches!(value, ConstValue::Number(_)),
        "Boolean" => matches!(value, ConstValue::Boolean(_)),
        "String" => matches!(value, ConstValue::String(_)),
        "ID" => matches!(&value, ConstValue::String(_)) || matches!(&value, ConstValue::Number(n) if n.is_i64()),
        _ => true,
    }
}

fn rule(name: &str) -> Message {
    match name {
        "BigInt" => {
            message!("a BigInt is a whole number from -2^63 to 2^63-1, as a decimal string or an integer")
        }
        "Date" => message!("a Date is a day such as \"2022-04-13\""),
        "DateTime" => message!(
            "a DateTime is a day that exists, a time, and an offset, such as \"2022-04-13T07:00:00.000+07:00\""
        ),
        "Int" => message!("an Int is a whole number of 32 bits"),
        "Float" => message!("a Float is a number"),
        "Boolean" => message!("a Boolean is true or false"),
        "ID" => message!("an ID is a string"),
        _ => message!("a String is a string"),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::DocumentOperations;

    use super::*;

    const SDL: &str = "scalar Date  enum E { A B }  input I { day: Date!, kind: E, list: [Int!], inner: I }
        type Query { f(i: I, n: Int! = 1, s: String!, l: [Int!]): Query }";

    fn checked(query: &str, variables: serde_json::Value) -> Result<(), String> {
        let document = parse_query(query).unwrap();
        let DocumentOperations::Single(operation) = &document.operations else { panic!("one operation") };
        let variables = Variables::from_json(variables);
        check(&FieldTypes::of(SDL), &document, &operation.node, "Query", &variables)
            .map_err(|message| message.english())
    }

    #[test]
    fn literals_are_checked_down_to_the_scalars() {
        assert_eq!(
            checked(
                r#"{ f(s: "x", i: { day: "2025-02-28", kind: A, list: [1] }) { f(s: "y") { f(s: "") } } }"#,
                none()
            ),
            Ok(())
        );
        let deep = r#"{ f(s: "x") { ...F } } fragment F on Query { f(s: "y", i: { day: "2025-02-28", inner: { day: "2025-02-30" } }) }"#;
        assert!(checked(deep, none()).unwrap_err().starts_with("f.i.inner.day: a Date is"));
        assert_eq!(checked(r#"{ f(s: "x", i: { kind: A }) }"#, none()), Err("f.i.day is required".to_owned()));
    }

    #[test]
    fn variables_are_there_and_fit() {
        let query = "query($i: I!, $n: Int) { f(s: \"x\", i: $i) }";
        assert_eq!(checked(query, serde_json::json!({"i": {"day": "2025-02-28", "kind": "B"}})), Ok(()));
        for (variables, said) in [
            (serde_json::json!({}), "$i is required"),
            (serde_json::json!({"i": null}), "$i must not be null"),
            (serde_json::json!({"i": {"day": "2025-02-30"}}), "$i.day: a Date"),
            (serde_json::json!({"i": {"day": "2025-02-28", "kind": "C"}}), "$i.kind is no value of E"),
            (serde_json::json!({"i": {"day": "2025-02-28"}, "n": 3_000_000_000_i64}), "$n: an Int"),
        ] {
            let error = checked(query, variables).unwrap_err();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn a_variable_stands_only_where_its_type_fits() {
        assert!(checked("query($s: String) { f(s: $s) }", serde_json::json!({"s": "x"})).is_err());
        assert!(checked("query($s: String = \"d\") { f(s: $s) }", serde_json::json!({})).is_ok());
        assert!(checked("query($n: Int) { f(s: \"x\", n: $n) }", serde_json::json!({"n": 1})).is_ok());
        assert!(checked("query($l: [Int]) { f(s: \"x\", l: $l) }", serde_json::json!({"l": [1]})).is_err());
    }

    fn none() -> serde_json::Value {
        serde_json::json!({})
    }
}
