//! Generated queries: trees of fields with arguments from the world, and their text.

use std::fmt::Write as _;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use serde_json::{Map, Value, json};

use super::schema::{Field, Schema, TypeRef};

/// One field, with what is selected below it.
pub struct Selection {
    /// Under which name it is answered.
    pub key: String,
    /// The type that it is selected on: its object's, or an interface of it.
    pub of: String,
    pub field: String,
    pub arguments: Map<String, Value>,
    pub ty: TypeRef,
    pub below: Vec<Selection>,
    /// The arguments as the document has them.
    text: String,
}

/// What arguments are filled with.
pub struct Pool {
    pub units: Vec<String>,
    pub initiatives: Vec<String>,
    pub accounts: Vec<String>,
    pub clusters: Vec<String>,
}

pub struct Generator<'a> {
    pub schema: &'a Schema,
    pub pool: &'a Pool,
    pub dice: StdRng,
    drawn: u32,
}

/// How much of a type is selected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Every field, those with arguments twice.
    Whole,
    /// Every value, and some fields that lead on.
    Some,
}

impl<'a> Generator<'a> {
    pub fn new(schema: &'a Schema, pool: &'a Pool, dice: StdRng) -> Generator<'a> {
        Generator { schema, pool, dice, drawn: 0 }
    }

    /// Fields of a type, so many levels deep.
    pub fn below(&mut self, ty: &str, depth: u32, width: Width) -> Vec<Selection> {
        let schema = self.schema;
        let kind = &schema.types[ty];
        if !kind.possible.is_empty() {
            return kind.possible.iter().flat_map(|name| self.below(name, depth, width)).collect();
        }
        if is_list(ty) {
            return kind.fields.iter().map(|field| self.field(ty, field, depth, width)).collect();
        }
        let (mut onward, values): (Vec<&Field>, Vec<&Field>) =
            kind.fields.iter().partition(|field| schema.is_composite(&field.ty.name));
        // What has no id, and leads nowhere, is a value of its object.
        let (values_below, mut leading): (Vec<&Field>, Vec<&Field>) = {
            let value = |field: &&Field| self.is_value(&field.ty.name);
            onward.drain(..).partition(value)
        };
        leading.shuffle(&mut self.dice);
        match (depth, width) {
            (0, _) => leading.clear(),
            (_, Width::Whole) => {}
            (_, Width::Some) => leading.truncate(3),
        }
        let mut found = Vec::new();
        for field in values.into_iter().chain(values_below).chain(leading) {
            found.push(self.field(ty, field, depth.saturating_sub(1), Width::Some));
            if width == Width::Whole && !field.arguments.is_empty() {
                found.push(self.field(ty, field, depth.saturating_sub(1), Width::Some));
            }
        }
        found
    }

    /// Whether objects of the type, through all that is below them, lead to none that has an id.
    fn is_value(&self, ty: &str) -> bool {
        let kind = &self.schema.types[ty];
        kind.possible.is_empty()
            && !is_list(ty)
            && !kind.has("id")
            && kind.fields.iter().all(|field| !self.schema.is_composite(&field.ty.name))
    }

    pub fn field(&mut self, of: &str, field: &Field, depth: u32, width: Width) -> Selection {
        let arguments = self.arguments(of, field, depth);
        self.selected(of, field, arguments, depth, width)
    }

    /// A field with these arguments.
    pub fn selected(
        &mut self,
        of: &str,
        field: &Field,
        arguments: Map<String, Value>,
        depth: u32,
        width: Width,
    ) -> Selection {
        self.drawn += 1;
        let composite = self.schema.is_composite(&field.ty.name);
        let below = if composite { self.below(&field.ty.name, depth, width) } else { Vec::new() };
        // Sometimes by way of an interface that has the field.
        let has = |name: &&String| self.schema.types[*name].has(&field.name);
        let through = self.schema.types[of].interfaces.iter().find(has).filter(|_| self.dice.random_bool(0.3));
        let text = arguments.iter().map(|(name, value)| {
            let (_, ty) = field.arguments.iter().find(|(found, _)| found == name).unwrap();
            format!("{name}: {}", self.literal(value, ty))
        });
        let text: Vec<String> = text.collect();
        Selection {
            key: format!("{}_{}{}", of.to_lowercase(), field.name, self.drawn),
            of: through.map_or(of, String::as_str).to_owned(),
            field: field.name.clone(),
            text: if text.is_empty() { String::new() } else { format!("({})", text.join(", ")) },
            arguments,
            ty: field.ty.clone(),
            below,
        }
    }

    fn literal(&self, value: &Value, ty: &TypeRef) -> String {
        let kind = &self.schema.types[&ty.name];
        match value {
            Value::Array(values) => {
                let values: Vec<String> = values.iter().map(|value| self.literal(value, ty)).collect();
                format!("[{}]", values.join(", "))
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    let (_, ty) = kind.inputs.iter().find(|(found, _)| found == name).unwrap();
                    format!("{name}: {}", self.literal(value, ty))
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
            Value::String(name) if kind.kind == "ENUM" => name.clone(),
            other => other.to_string(),
        }
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of.choose(&mut self.dice).unwrap().clone()
    }

    /// Arguments of a field that are legal for everybody; none of them is invisible to anybody.
    fn arguments(&mut self, of: &str, field: &Field, depth: u32) -> Map<String, Value> {
        let mut found = Map::new();
        // The more hangs below, the fewer.
        let page: &[i64] = match depth {
            0 => &[1, 3, 100],
            1 => &[2, 20],
            _ => &[2, 7],
        };
        for (name, ty) in &field.arguments {
            let usual = ty.required || self.dice.random_bool(0.3);
            let value = match (name.as_str(), ty.name.as_str()) {
                ("first", _) => {
                    let way = if self.dice.random_bool(0.7) { "first" } else { "last" };
                    found.insert(way.to_owned(), json!(self.one(page)));
                    continue;
                }
                ("last" | "after" | "before", _) => continue,
                ("programme", _) if ty.required => json!(self.one(&["CK", "NB", "RIENG", "RIENG", "KHONG"])),
                ("programme", _) if usual => json!("CK"),
                ("by", "Measure") => self.value(&ty.name),
                // What happened when goes by one period.
                ("by", "Dimension") if field.name == "activity" => json!(self.one(&["DAY", "WEEK", "MONTH"])),
                ("threshold", _) => json!("5"),
                ("structure", _) if usual => json!(self.one(&["CURRENT", "AS_REPORTED"])),
                ("structure", _) => continue,
                ("by", "Dimension") => {
                    let mut all = self.schema.types["Dimension"].values.clone();
                    all.shuffle(&mut self.dice);
                    all.truncate(if self.dice.random_bool(0.6) { 1 } else { 2 });
                    json!(all)
                }
                ("of", "Measure") => json!(self.one(&["SUBMITTED", "APPROVED", "PENDING", "PARTICIPANTS"])),
                ("slice", _) if usual => self.slice(),
                ("search", _) if usual => json!(self.one(&["thep", "may", "cang", "than"])),
                ("verifiedBenefitOver", _) if usual => json!(self.one(&["6", "7"])),
                ("among", _) if self.dice.random_bool(0.5) => json!(self.pool.clusters.choose(&mut self.dice)),
                ("actor", _) if usual => json!(self.pool.accounts.choose(&mut self.dice)),
                ("action", "String") if usual => {
                    json!(self.one(&["unitCreate", "initiativeApprove", "initiativeDraft"]))
                }
                ("from", _) if usual => json!("2020-01-01T00:00:00Z"),
                ("to", _) if usual => json!("2100-01-01T00:00:00+07:00"),
                (_, list) if usual && matches!(list, "UnitKind" | "InitiativeState" | "AuditOutcome") => {
                    json!([self.value(list), self.value(list)])
                }
                (_, other) if usual && self.schema.types[other].kind == "ENUM" => self.value(other),
                (_, _) if !ty.required => continue,
                other => panic!("nothing is known to ask {of}.{} with: {other:?}", field.name),
            };
            found.insert(name.clone(), value);
        }
        found
    }

    fn value(&mut self, ty: &str) -> Value {
        let schema = self.schema;
        json!(schema.types[ty].values.choose(&mut self.dice))
    }

    fn slice(&mut self) -> Value {
        self.one(&[
            json!({ "phase": ["1"] }),
            json!({ "group": ["A"] }),
            json!({ "bloc": ["ENTERPRISE"] }),
            json!({ "phase": ["1"], "group": ["A"], "bloc": ["ENTERPRISE"] }),
            json!({ "kind": ["GRASSROOTS_UNION", "ZONE_UNION"] }),
        ])
    }
}

pub fn is_list(ty: &str) -> bool {
    ty.ends_with("Connection") || ty.ends_with("Edge")
}

/// What an edge leads to.
pub fn node<'s, 'v>(below: &'s [Selection], edge: &'v Value) -> (&'s [Selection], &'v Value) {
    let node = below.iter().find(|selection| selection.field == "node").unwrap();
    (&node.below, &edge[&node.key])
}

/// Fields of lists, which have no rule of their own: the walk counts and compares what they hold.
pub fn is_page_field(field: &str) -> bool {
    field.split_once('.').is_some_and(|(ty, field)| {
        is_list(ty) && matches!(field, "edges" | "nodes" | "pageInfo" | "totalCount" | "cursor" | "node")
    })
}

/// The whole query.
pub fn document(schema: &Schema, selections: &[Selection]) -> String {
    let mut text = String::new();
    print(schema, "Query", selections, &mut text);
    text
}

/// The whole subscription, which has one root field.
pub fn subscription(schema: &Schema, selection: &[Selection]) -> String {
    let mut text = "subscription ".to_owned();
    print(schema, "Subscription", selection, &mut text);
    text
}

fn print(schema: &Schema, on: &str, selections: &[Selection], text: &mut String) {
    text.push_str(if on == "Subscription" { "{ " } else { "{ __typename " });
    let ty = &schema.types[on];
    // By what the walk knows an object again.
    if ty.has("id") {
        text.push_str("_id: id ");
    }
    match on {
        "Ranking" => text.push_str("_unit: unit { _id: id } "),
        "RollupPart" => text.push_str("_keys: keys { value } "),
        _ => {}
    }
    for selection in selections {
        let fragment = selection.of != on;
        if fragment {
            write!(text, "... on {} {{ ", selection.of).unwrap();
        }
        write!(text, "{}: {}{} ", selection.key, selection.field, selection.text).unwrap();
        if schema.is_composite(&selection.ty.name) {
            print(schema, &selection.ty.name, &selection.below, text);
        }
        if fragment {
            text.push_str("} ");
        }
    }
    text.push_str("} ");
}
