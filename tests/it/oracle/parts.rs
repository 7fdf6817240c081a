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
                let way = self.credited(initiative);
                let child = way[way.iter().position(|unit| *unit == top).unwrap() - 1];
                Some(self.units[child].code.clone())
            }
            "LEVEL" => Some(kinds().iter().find(|kind| kind.code == unit.kind).unwrap().level.to_string()),
            "KIND" => Some(unit.kind.clone()),
            "PHASE" => Some(initiative.phase.to_owned()),
            "GROUP" => Some(initiative.group.to_owned()),
            "BLOC" => unit.bloc.clone(),
            "SECTOR" => unit.sector.clone(),
            "STATE" => Some(initiative.state.to_owned()),
            "DAY" | "WEEK" | "MONTH" => Some(period(dimension, initiative.submitted.as_ref().unwrap().day)),
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
            let days: Vec<&str> =
                self.counted(top, programme, slice).iter().map(|i| i.submitted.as_ref().unwrap().day).collect();
            let always = match *dimension {
                "DAY" | "WEEK" | "MONTH" => periods(dimension, &days, slice.during.unwrap_or_default()),
                _ => self.always(top, programme, slice, dimension),
            };
            for value in always {
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

impl Model {
    /// What happened when to what is credited to the unit in the slice, as the API answers it.
    pub fn activity(&self, top: usize, programme: usize, slice: &Slice, by: &str, days: Days) -> Value {
        let ours = |what: usize| {
            let i = &self.initiatives[what];
            i.programme == programme
                && i.submitted.is_some()
                && self.credited(i).contains(&top)
                && self.selects(slice, i)
        };
        let (from, to) = days;
        let wanted = |day: &str| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
        let log: Vec<_> = self.log.iter().filter(|(day, _, what)| wanted(day) && ours(*what)).collect();
        let found: Vec<&str> = log.iter().map(|(day, _, _)| *day).collect();
        let part = |value: &String| {
            let of = |done: &str| log.iter().filter(|(day, d, _)| *d == done && period(by, day) == *value).count();
            json!({
                "key": { "value": value }, "submitted": of("submitted"), "approved": of("approved"),
                "rejected": of("rejected"), "returned": of("returned"), "withdrawn": of("withdrawn"),
                "revoked": of("revoked"),
            })
        };
        periods(by, &found, days).iter().map(part).collect()
    }
}

pub type Days = (Option<&'static str>, Option<&'static str>);

/// The day, ISO week or month of a day.
fn period(by: &str, day: &str) -> String {
    let day: chrono::NaiveDate = day.parse().unwrap();
    match by {
        "DAY" => day.to_string(),
        "WEEK" => day.format("%G-W%V").to_string(),
        _ => day.format("%Y-%m").to_string(),
    }
}

/// Every period from the first day to the last: those that are named, else those that are found.
fn periods(by: &str, found: &[&str], (from, to): Days) -> Vec<String> {
    let first = from.or(found.iter().min().copied());
    let last = to.or(found.iter().max().copied());
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let last: chrono::NaiveDate = last.parse().unwrap();
    let days = first.parse::<chrono::NaiveDate>().unwrap().iter_days().take_while(|day| *day <= last);
    let mut all: Vec<String> = days.map(|day| period(by, &day.to_string())).collect();
    all.dedup();
    all
}
