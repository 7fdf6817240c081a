//! Breakdowns of the model.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{Initiative, Model, STATES, Slice, kinds, measures};

impl Model {
    /// What an initiative is by a dimension, as seen from the unit of a roll-up.
    fn value(&self, top: usize, dimension: &str, initiative: &Initiative) -> Option<String> {
        let unit = &self.units[initiative.unit];
        match dimension {
            "CHILD" if initiative.unit == top => Some("SELF".to_owned()),
            "CHILD" => {
                let child = self.way_up(initiative.unit).into_iter().find(|up| self.units[*up].parent == Some(top));
                Some(self.units[child.unwrap()].code.clone())
            }
            "LEVEL" => Some(kinds().iter().find(|kind| kind.code == unit.kind).unwrap().level.to_string()),
            "KIND" => Some(unit.kind.clone()),
            "PHASE" => Some(initiative.phase.to_owned()),
            "GROUP" => Some(initiative.group.to_owned()),
            "BLOC" => unit.bloc.clone(),
            "SECTOR" => unit.sector.clone(),
            "STATE" => Some(initiative.state.to_owned()),
            other => panic!("no dimension {other}"),
        }
    }

    /// The values that a dimension lists without any initiative.
    fn always(&self, top: usize, programme: usize, slice: &Slice, dimension: &str) -> Vec<String> {
        let programme = &self.programmes[programme];
        let narrowed = |all: Vec<&str>, list: &Option<Vec<&str>>| -> Vec<String> {
            all.into_iter().filter(|code| list.as_ref().is_none_or(|l| l.contains(code))).map(str::to_owned).collect()
        };
        match dimension {
            "CHILD" => {
                let children = self.children(top).into_iter().map(|child| self.units[child].code.clone());
                std::iter::once("SELF".to_owned()).chain(children).collect()
            }
            "PHASE" => narrowed(programme.phases.iter().map(|phase| phase.code).collect(), &slice.phase),
            "GROUP" => narrowed(programme.groups.clone(), &slice.group),
            "BLOC" => narrowed(programme.blocs.clone(), &slice.bloc),
            "STATE" => STATES.iter().map(|state| (*state).to_owned()).collect(),
            _ => Vec::new(),
        }
    }

    /// The parts of a roll-up: their keys as JSON text, and their measures.
    pub fn breakdown(&self, top: usize, programme: usize, slice: &Slice, by: &[&str]) -> Value {
        let mut parts: BTreeMap<String, Vec<&Initiative>> = BTreeMap::new();
        if let [dimension] = by {
            for value in self.always(top, programme, slice, dimension) {
                parts.insert(json!([value]).to_string(), Vec::new());
            }
        }
        for initiative in self.counted(top, programme, slice) {
            let keys: Vec<Option<String>> = by.iter().map(|dimension| self.value(top, dimension, initiative)).collect();
            parts.entry(json!(keys).to_string()).or_default().push(initiative);
        }
        let parts: Map<String, Value> = parts.into_iter().map(|(key, part)| (key, measures(&part))).collect();
        Value::Object(parts)
    }
}
