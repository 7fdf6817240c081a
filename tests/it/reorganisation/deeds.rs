//! What is done to the tree, by the API and by the model.

use serde_json::{Value, json};

use super::model::{Tree, Unit, children, is_alive, way_up};

#[derive(Clone, Debug)]
pub enum Deed {
    Move {
        unit: usize,
        parent: usize,
    },
    /// Into one that lives.
    Merge {
        units: Vec<usize>,
        into: usize,
    },
    /// Into a new one beside the first.
    Found {
        units: Vec<usize>,
        code: String,
    },
    Dissolve {
        unit: usize,
        into: usize,
    },
    /// These children go to another, and these records of its own, with their codes; the unit lives.
    Part {
        unit: usize,
        to: usize,
        children: Vec<usize>,
        records: Vec<(usize, String)>,
    },
    Recode {
        unit: usize,
        code: String,
    },
}

impl Deed {
    /// Mutation and input.
    pub fn request(&self, tree: &Tree, effective_at: Option<&str>) -> (&'static str, Value) {
        let code = |unit: &usize| tree[*unit].as_ref().unwrap().code.clone();
        let codes = |units: &[usize]| units.iter().map(code).collect::<Vec<_>>();
        let (name, mut input) = match self {
            Deed::Move { unit, parent } => ("unitMove", json!({ "unit": code(unit), "parent": code(parent) })),
            Deed::Merge { units, into } => ("unitMerge", json!({ "units": codes(units), "into": code(into) })),
            Deed::Found { units, code: new } => {
                let first = tree[units[0]].as_ref().unwrap();
                let input = json!({ "units": codes(units), "into": new, "name": format!("Công đoàn {new}"), "kind": first.kind,
                                    "parent": code(&first.parent.unwrap()) });
                ("unitMerge", input)
            }
            Deed::Dissolve { unit, into } => ("unitDissolve", json!({ "unit": code(unit), "into": code(into) })),
            Deed::Part { unit, to, children, records } => {
                let records: Vec<&String> = records.iter().map(|(_, code)| code).collect();
                let parts = json!([{ "unit": code(to), "units": codes(children), "initiatives": records }]);
                ("unitSplit", json!({ "unit": code(unit), "into": code(unit), "parts": parts }))
            }
            Deed::Recode { unit, code: new } => ("unitRecode", json!({ "unit": code(unit), "code": new })),
        };
        if let Some(at) = effective_at {
            input["effectiveAt"] = json!(at);
            input["reason"] = json!("Theo nghị quyết");
        }
        (name, input)
    }

    /// Who follows whom by it.
    pub fn lineage(&self, made: usize) -> Vec<(usize, usize)> {
        match self {
            Deed::Merge { units, into } => units.iter().map(|unit| (*unit, *into)).collect(),
            Deed::Found { units, .. } => units.iter().map(|unit| (*unit, made)).collect(),
            Deed::Dissolve { unit, into } => vec![(*unit, *into)],
            Deed::Part { unit, to, .. } => vec![(*unit, *to)],
            Deed::Move { .. } | Deed::Recode { .. } => Vec::new(),
        }
    }

    /// Makes a tree what it is afterwards. `made`: the place of a new unit.
    pub fn apply(&self, tree: &mut Tree, made: usize) {
        match self {
            Deed::Move { unit, parent } => put(tree, *unit, *parent),
            Deed::Merge { units, into } => units.iter().for_each(|unit| end(tree, *unit, *into)),
            Deed::Found { units, code } => {
                let first = tree[units[0]].clone().unwrap();
                tree.resize(tree.len().max(made + 1), None);
                tree[made] = Some(Unit { code: code.clone(), seat: made, ..first });
                units.iter().for_each(|unit| end(tree, *unit, made));
            }
            Deed::Dissolve { unit, into } => end(tree, *unit, *into),
            Deed::Part { to, children, records, .. } => {
                children.iter().for_each(|child| put(tree, *child, *to));
                if !records.is_empty() {
                    tree[made].as_mut().unwrap().seat = *to;
                }
            }
            Deed::Recode { unit, code } => tree[*unit].as_mut().unwrap().code = code.clone(),
        }
    }
}

/// Puts a place for records of a unit into a tree, where these still are the unit's.
pub fn carve(tree: &mut Tree, unit: usize, made: usize) {
    tree.resize(tree.len().max(made + 1), None);
    let from = tree.get(unit).cloned().flatten();
    tree[made] = from.map(|from| Unit { code: String::new(), of: Some(unit), ..from });
}

fn put(tree: &mut Tree, unit: usize, parent: usize) {
    tree[unit].as_mut().unwrap().parent = Some(parent);
}

fn end(tree: &mut Tree, unit: usize, seat: usize) {
    for child in children(tree, unit) {
        put(tree, child, seat);
    }
    for of in tree.iter_mut().flatten().filter(|of| of.seat == unit) {
        of.seat = seat;
    }
}

/// Whether the model takes it for legal.
pub fn is_legal(deed: &Deed, tree: &Tree) -> bool {
    let alive = |unit: &usize| *unit != 0 && is_alive(tree, *unit);
    let below = |unit: usize, top: usize| way_up(tree, unit).contains(&top);
    let kind = |unit: usize| tree[unit].as_ref().unwrap().kind;
    match deed {
        Deed::Move { unit, parent } => {
            alive(unit) && is_alive(tree, *parent) && !below(*parent, *unit) && legal(kind(*unit), kind(*parent))
        }
        Deed::Merge { units, into } => {
            units.iter().all(|unit| alive(unit) && unit != into && !below(*into, *unit) && kind(*unit) == kind(*into))
                && alive(into)
        }
        Deed::Found { units, .. } => {
            units.iter().all(alive)
                && units.iter().all(|unit| kind(*unit) == kind(units[0]) && unit_is_apart(tree, *unit, units))
                && kind(units[0]) != "DISTRICT_FEDERATION"
        }
        Deed::Dissolve { unit, into } => {
            alive(unit)
                && is_alive(tree, *into)
                && !below(*into, *unit)
                && children(tree, *unit).iter().all(|child| legal(kind(*child), kind(*into)))
        }
        Deed::Part { unit, to, children: some, records } => {
            alive(unit)
                && alive(to)
                && unit != to
                && !(some.is_empty() && records.is_empty())
                && some.iter().all(|child| !below(*to, *child) && legal(kind(*child), kind(*to)))
        }
        Deed::Recode { unit, .. } => alive(unit),
    }
}

fn unit_is_apart(tree: &Tree, unit: usize, units: &[usize]) -> bool {
    units.iter().all(|other| *other == unit || !way_up(tree, unit).contains(other))
        && !units.iter().any(|other| tree[units[0]].as_ref().unwrap().parent == Some(*other))
}

pub fn legal(kind: &str, parent: &str) -> bool {
    match kind {
        "PROVINCIAL_FEDERATION" => parent == "NATIONAL_CONFEDERATION",
        "DISTRICT_FEDERATION" => parent == "PROVINCIAL_FEDERATION",
        "GRASSROOTS_UNION" => ["DISTRICT_FEDERATION", "PROVINCIAL_FEDERATION"].contains(&parent),
        "MEMBER_GRASSROOTS_UNION" => parent == "GRASSROOTS_UNION",
        _ => false,
    }
}
