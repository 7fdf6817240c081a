//! The schema: committed as printed, described throughout, and no other than what clients were promised.

use std::collections::BTreeMap;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ConstDirective, EnumType, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

const CONTRACT: &str = include_str!("contract.graphql");

/// Promised, and not built yet. The list only shrinks: what is built moves to contract.graphql.
const NOT_BUILT: &[&str] = &[];

/// The main nouns, and the words for them in the members' language.
const NOUNS: &[(&str, &str)] = &[
    ("Account", "tài khoản"),
    ("Author", "tác giả"),
    ("Cluster", "cụm"),
    ("Completion", "tỷ lệ hoàn thành"),
    ("Grant", "phân quyền"),
    ("Initiative", "sáng kiến"),
    ("Initiative.claimedBenefit", "giá trị làm lợi"),
    ("ParticipantGroup", "nhóm đối tượng"),
    ("Phase", "giai đoạn"),
    ("Programme", "chương trình"),
    ("Programme.blocs", "khối"),
    ("Ranking", "xếp hạng"),
    ("Reorganisation", "sắp xếp"),
    ("Rollup", "tổng hợp"),
    ("Rollup.participants", "người tham gia"),
    ("SolutionKind", "loại giải pháp"),
    ("Target", "chỉ tiêu"),
    ("TargetKind.GUIDELINE", "định hướng"),
    ("TargetKind.PLANNED", "phấn đấu"),
    ("TargetKind.REGISTERED", "đăng ký"),
    ("Unit", "đơn vị"),
    ("Unit.coordinator", "phối hợp chỉ đạo"),
    ("UnitKind", "loại đơn vị"),
];

/// One type, field, argument, input field or enum value.
#[derive(Debug, Default)]
struct Part {
    /// As the SDL writes it, with the default; for a type its kind and interfaces.
    form: String,
    description: String,
    /// Whether a client may leave it out: of arguments and input fields.
    optional: bool,
    directives: Vec<String>,
}

/// Every part of an SDL by its coordinate, such as `Unit.rollup.programme`.
fn parts(sdl: &str) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    for definition in parse_schema(sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        add_type(&mut parts, definition.node);
    }
    parts
}

fn add_type(parts: &mut BTreeMap<String, Part>, definition: TypeDefinition) {
    let name = definition.name.node.to_string();
    let form = match &definition.kind {
        TypeKind::Scalar => "scalar".to_owned(),
        TypeKind::Object(object) => {
            let mut interfaces: Vec<String> = object.implements.iter().map(|name| name.node.to_string()).collect();
            interfaces.sort();
            format!("type {}", interfaces.join(" "))
        }
        TypeKind::Interface(_) => "interface".to_owned(),
        TypeKind::Union(_) => "union".to_owned(),
        TypeKind::Enum(_) => "enum".to_owned(),
        TypeKind::InputObject(_) => "input".to_owned(),
    };
    let part = Part { form, optional: true, ..described(definition.description, &definition.directives) };
    parts.insert(name.clone(), part);
    match definition.kind {
        TypeKind::Object(object) => add_fields(parts, &name, object.fields),
        TypeKind::Interface(interface) => add_fields(parts, &name, interface.fields),
        TypeKind::Enum(EnumType { values }) => {
            for value in values {
                let coordinate = format!("{name}.{}", value.node.value.node);
                let part = Part { optional: true, ..described(value.node.description, &value.node.directives) };
                parts.insert(coordinate, part);
            }
        }
        TypeKind::InputObject(input) => add_inputs(parts, &name, input.fields),
        TypeKind::Scalar | TypeKind::Union(_) => {}
    }
}

fn add_fields(parts: &mut BTreeMap<String, Part>, of: &str, fields: Vec<Positioned<FieldDefinition>>) {
    for field in fields {
        let coordinate = format!("{of}.{}", field.node.name.node);
        let form = field.node.ty.node.to_string();
        add_inputs(parts, &coordinate, field.node.arguments);
        let part = Part { form, optional: true, ..described(field.node.description, &field.node.directives) };
        parts.insert(coordinate, part);
    }
}

fn add_inputs(parts: &mut BTreeMap<String, Part>, of: &str, inputs: Vec<Positioned<InputValueDefinition>>) {
    for input in inputs {
        let input = input.node;
        let default = input.default_value.as_ref().map(|value| format!(" = {}", value.node)).unwrap_or_default();
        let part = Part {
            form: format!("{}{default}", input.ty.node),
            optional: input.ty.node.nullable || input.default_value.is_some(),
            ..described(input.description, &input.directives)
        };
        parts.insert(format!("{of}.{}", input.name.node), part);
    }
}

fn described(text: Option<Positioned<String>>, directives: &[Positioned<ConstDirective>]) -> Part {
    let description = text.map(|text| text.node.trim().to_owned()).unwrap_or_default();
    let directives = directives.iter().map(|directive| directive.node.name.node.to_string()).collect();
    Part { description, directives, ..Part::default() }
}

#[test]
fn the_committed_schema_is_the_servers() {
    let committed = include_str!("../../schema.graphql");
    assert!(
        committed.trim_end() == banyan::graphql::sdl().trim_end(),
        "refresh it: cargo run -- schema > schema.graphql"
    );
}

#[test]
fn everything_has_a_description_and_the_nouns_their_vietnamese_names() {
    let parts = parts(&banyan::graphql::sdl());
    let silent: Vec<&String> =
        parts.iter().filter(|(_, part)| part.description.is_empty()).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "without a description: {silent:?}");
    for (name, word) in NOUNS {
        let description = &parts[*name].description;
        assert!(description.contains(word), "{name} does not say {word:?}: {description}");
    }
}

#[test]
fn scalars_say_where_they_are_specified() {
    let parts = parts(&banyan::graphql::sdl());
    let scalars: Vec<_> = parts.iter().filter(|(_, part)| part.form == "scalar").collect();
    assert_eq!(scalars.len(), 3);
    for (name, part) in scalars {
        assert_eq!(part.directives, ["specifiedBy"], "{name}");
    }
}

#[test]
fn what_was_promised_is_there_and_what_is_more_can_be_left_out() {
    let (promised, built) = (parts(CONTRACT), parts(&banyan::graphql::sdl()));
    let mut wrong = Vec::new();
    for (name, part) in &promised {
        match built.get(name) {
            None => wrong.push(format!("{name} is missing")),
            Some(found) if found.form != part.form => {
                wrong.push(format!("{name} is {}, not {}", found.form, part.form))
            }
            Some(_) => {}
        }
    }
    // A new argument that is required would break every client.
    let required = built.iter().filter(|(name, part)| !part.optional && !promised.contains_key(*name));
    wrong.extend(required.map(|(name, _)| format!("{name} is required and was never promised")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_of_what_is_not_built_is_true() {
    let (promised, built) = (parts(CONTRACT), parts(&banyan::graphql::sdl()));
    let done: Vec<_> =
        NOT_BUILT.iter().filter(|name| built.contains_key(**name) || promised.contains_key(**name)).collect();
    assert!(done.is_empty(), "built by now: move them to contract.graphql: {done:?}");
}
