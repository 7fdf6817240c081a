//! Who sees what and who may do what: for everything that leads from one tenant to another somebody who is denied, and
//! somebody who is not.

mod aggregates;
mod alike;
pub mod cast;
mod faces;
mod grants;
mod people;
mod reads;
mod records;
mod writes;

use std::collections::BTreeSet;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};

pub use cast::{Cast, Who, programme, sql};
pub use writes::WRITES;

/// Types of which every field needs a case.
const WHOLLY: [&str; 5] = ["Query", "Mutation", "Viewer", "Unit", "Account"];

/// Types of which every field needs a case that leads to another object.
const ONWARD: [&str; 9] =
    ["AuditEntry", "Initiative", "InitiativeEvent", "Author", "Grant", "Target", "Rollup", "RollupPart", "Ranking"];

/// Fields that show to whoever sees their object. The list only shrinks.
const OPEN: [&str; 20] = [
    // Of whoever holds a password, a one-time or a refresh token: whoever asks. In tests/it/identity.
    "Mutation.signIn",
    "Mutation.signOut",
    "Mutation.sessionRefresh",
    "Mutation.passwordResetRequest",
    "Mutation.passwordSet",
    "Mutation.identityLink",
    // About oneself; others' are not there. In tests/it/identity.
    "Mutation.passwordChange",
    "Mutation.sessionRevoke",
    "Mutation.tokenRevoke",
    // The face of a unit; what stands above a face shows its own.
    "Unit.id",
    "Unit.code",
    "Unit.name",
    "Unit.nameEn",
    "Unit.kind",
    "Unit.parent",
    // Whose name shows, shows by id and name.
    "Account.id",
    "Account.displayName",
    // Always the same few values.
    "Initiative.refusal",
    "Initiative.recognition",
    "RollupPart.keys",
];

/// Every field of the schema that leads across tenants stands in one of the tables, and nothing else does.
#[test]
fn every_field_that_leads_across_tenants_has_a_case() {
    let document = parse_schema(banyan::graphql::sdl()).unwrap();
    let mut objects = BTreeSet::new();
    let mut types: Vec<(String, Vec<FieldDefinition>)> = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let fields = match definition.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            _ => continue,
        };
        let name = definition.node.name.node.to_string();
        objects.insert(name.clone());
        types.push((name, fields.into_iter().map(|field| field.node).collect()));
    }
    let mut needed = BTreeSet::new();
    for (name, fields) in &types {
        for field in fields {
            let onward = ONWARD.contains(&name.as_str()) && objects.contains(named(&field.ty.node));
            if onward || WHOLLY.contains(&name.as_str()) {
                needed.insert(format!("{name}.{}", field.name.node));
            }
        }
    }
    let writes = writes::WRITES.iter().map(|write| format!("Mutation.{}", write.name));
    let known: BTreeSet<String> =
        reads::READS.iter().map(|read| read.field.to_owned()).chain(writes).chain(OPEN.map(str::to_owned)).collect();
    let missing: Vec<_> = needed.difference(&known).collect();
    let gone: Vec<_> = known.difference(&needed).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a case: {missing:?}; cases of nothing: {gone:?}");
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}
