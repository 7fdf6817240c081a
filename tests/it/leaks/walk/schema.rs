//! The schema as the running server tells it by introspection.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Actor;

const QUESTION: &str = "{ __schema { types { kind name interfaces { name } possibleTypes { name } enumValues { name }
    inputFields { name type { ...Ref } } fields { name args { name type { ...Ref } } type { ...Ref } } } } }
    fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A field's or an argument's type.
#[derive(Clone, Debug)]
pub struct TypeRef {
    /// The name inside all lists.
    pub name: String,
    pub required: bool,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub arguments: Vec<(String, TypeRef)>,
    pub ty: TypeRef,
}

#[derive(Clone, Debug)]
pub struct Type {
    pub kind: String,
    pub fields: Vec<Field>,
    pub interfaces: Vec<String>,
    pub possible: Vec<String>,
    pub values: Vec<String>,
    pub inputs: Vec<(String, TypeRef)>,
}

impl Type {
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|found| found.name == field)
    }
}

pub struct Schema {
    pub types: BTreeMap<String, Type>,
}

impl Schema {
    pub async fn of(actor: &Actor) -> Schema {
        let reply = actor.query(QUESTION, json!({})).await.ok();
        let types = reply.list("/__schema/types").iter().map(|ty| (text(&ty["name"]), read(ty)));
        Schema { types: types.filter(|(name, _)| !name.starts_with("__")).collect() }
    }

    /// Whether fields are selected on the type.
    pub fn is_composite(&self, name: &str) -> bool {
        matches!(self.types[name].kind.as_str(), "OBJECT" | "INTERFACE" | "UNION")
    }

    /// Whether a value of the type `of` stands in a fragment on the type `on`.
    pub fn is(&self, of: &str, on: &str) -> bool {
        of == on || self.types[of].interfaces.iter().any(|name| name == on)
    }

    /// Every type that can be reached from this one by reading.
    pub fn reachable(&self, from: &str) -> Vec<&str> {
        let mut found: Vec<&str> = vec![&self.types.get_key_value(from).unwrap().0[..]];
        let mut next = 0;
        while next < found.len() {
            let ty = &self.types[found[next]];
            let below = ty.fields.iter().map(|field| &field.ty.name).chain(&ty.possible);
            for name in below.filter(|name| self.is_composite(name)) {
                let name = self.types.get_key_value(name).unwrap().0.as_str();
                if !found.contains(&name) {
                    found.push(name);
                }
            }
            next += 1;
        }
        found
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn read(ty: &Value) -> Type {
    let names = |member: &str| list(&ty[member]).map(|one| text(&one["name"])).collect();
    let named = |one: &Value| (text(&one["name"]), type_ref(&one["type"]));
    let field = |one: &Value| Field {
        name: text(&one["name"]),
        arguments: list(&one["args"]).map(named).collect(),
        ty: type_ref(&one["type"]),
    };
    Type {
        kind: text(&ty["kind"]),
        fields: list(&ty["fields"]).map(field).collect(),
        interfaces: names("interfaces"),
        possible: names("possibleTypes"),
        values: names("enumValues"),
        inputs: list(&ty["inputFields"]).map(named).collect(),
    }
}

fn type_ref(ty: &Value) -> TypeRef {
    let required = ty["kind"] == "NON_NULL";
    let mut inner = ty;
    while inner["name"].is_null() {
        inner = &inner["ofType"];
    }
    TypeRef { name: text(&inner["name"]), required }
}
