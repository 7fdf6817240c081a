//! What the schema's types are, read once from its definition language: for checking requests and completing responses.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};

use super::inputs::InputTypes;

/// The types of the schema's fields, by type, then by field; and of its inputs.
pub struct FieldTypes {
    fields: HashMap<String, HashMap<String, Type>>,
    interfaces: HashSet<String>,
    pub(super) inputs: InputTypes,
}

impl FieldTypes {
    /// Read from the schema definition language.
    pub fn of(sdl: &str) -> FieldTypes {
        let mut fields: HashMap<String, HashMap<String, Type>> = HashMap::new();
        let (mut interfaces, mut inputs) = (HashSet::new(), InputTypes::default());
        // Our own SDL parses: tests run queries of every kind through it.
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        for definition in definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            inputs.add(&definition.node);
            if matches!(definition.node.kind, TypeKind::Interface(_)) {
                interfaces.insert(definition.node.name.node.to_string());
            }
            let own = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let own = own.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node));
            fields.insert(definition.node.name.node.to_string(), own.collect());
        }
        FieldTypes { fields, interfaces, inputs }
    }

    /// Every type that has fields, with them.
    pub(super) fn all(&self) -> impl Iterator<Item = (&String, &HashMap<String, Type>)> {
        self.fields.iter()
    }

    /// Whether values of the type are of several others.
    pub(super) fn is_abstract(&self, name: &str) -> bool {
        self.interfaces.contains(name)
    }

    pub(super) fn of_field(&self, parent: Option<&str>, field: &str) -> Option<&Type> {
        self.fields.get(parent?)?.get(field)
    }

    /// The name of a type that has fields, kept as long as the types are.
    pub(super) fn known(&self, name: &str) -> Option<&str> {
        self.fields.get_key_value(name).map(|(name, _)| name.as_str())
    }

    /// The type that is selected on below a field.
    pub(super) fn named_type_of(&self, parent: Option<&str>, field: &str) -> Option<&str> {
        self.of_field(parent, field).and_then(named).and_then(|name| self.known(name))
    }
}

/// The name of the type inside all lists.
pub(super) fn named(ty: &Type) -> Option<&str> {
    match &ty.base {
        BaseType::Named(name) => Some(name.as_str()),
        BaseType::List(inner) => named(inner),
    }
}
