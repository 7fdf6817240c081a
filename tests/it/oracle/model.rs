//! The federation as plain lists, and every number of a roll-up counted anew from them. As obvious as can be, and slow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use entity::enums::Role;
use serde_json::{Map, Value, json};

/// What `data/unit-kinds.csv` says of a kind.
pub struct Kind {
    pub code: String,
    pub level: i64,
    pub parents: Vec<String>,
}

#[derive(Clone)]
pub struct Unit {
    pub code: String,
    pub kind: String,
    pub parent: Option<usize>,
    pub bloc: Option<String>,
    pub sector: Option<String>,
}

#[derive(Clone)]
pub struct Person {
    /// A grant covers its unit and everything below it.
    pub grants: Vec<(usize, Role)>,
}

#[derive(Clone)]
pub struct Programme {
    pub code: &'static str,
    pub phases: Vec<Phase>,
    pub groups: Vec<&'static str>,
    pub blocs: Vec<&'static str>,
}

/// Days as text: they compare as days do.
#[derive(Clone)]
pub struct Phase {
    pub code: &'static str,
    pub applied: [&'static str; 2],
    pub entered: [&'static str; 2],
}

/// What the authors say of an initiative.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub claim: Option<i64>,
    pub opaque: bool,
    pub note: bool,
    /// The first author first.
    pub authors: Vec<usize>,
}

#[derive(Clone)]
pub struct Initiative {
    pub id: String,
    pub unit: usize,
    pub programme: usize,
    pub phase: &'static str,
    pub group: &'static str,
    pub applied_on: &'static str,
    pub state: &'static str,
    pub version: i64,
    pub now: Said,
    /// As the latest submission said; none before the first.
    pub counted: Option<Said>,
    pub verified: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub struct Slice {
    pub phase: Option<Vec<&'static str>>,
    pub group: Option<Vec<&'static str>>,
    pub bloc: Option<Vec<&'static str>>,
    pub kind: Option<Vec<String>>,
}

/// Unit, programme, kind of target, phase or none, bloc or none.
pub type Cell = (usize, usize, &'static str, Option<&'static str>, Option<&'static str>);

#[derive(Clone, Default)]
pub struct Model {
    pub units: Vec<Unit>,
    pub people: Vec<Person>,
    pub programmes: Vec<Programme>,
    pub initiatives: Vec<Initiative>,
    /// Value and id.
    pub targets: BTreeMap<Cell, (i64, String)>,
    pub today: &'static str,
}

/// The five states that count.
pub const STATES: [&str; 5] = ["SUBMITTED", "RETURNED", "APPROVED", "REJECTED", "REVOKED"];

/// Those of them over which claims are summed.
const CLAIMING: [&str; 3] = ["SUBMITTED", "RETURNED", "APPROVED"];

pub fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(read_kinds)
}

fn read_kinds() -> Vec<Kind> {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/unit-kinds.csv").as_bytes());
    let kind = |line: csv::StringRecord| Kind {
        code: line[0].to_owned(),
        level: line[1].parse().unwrap(),
        parents: line[3].split('|').filter(|parent| !parent.is_empty()).map(str::to_owned).collect(),
    };
    reader.records().map(|line| kind(line.unwrap())).collect()
}

/// A measure of these initiatives. COMPLETION: its numerator.
pub fn amount(of: &[&Initiative], measure: &str) -> i64 {
    let said = |i: &Initiative| i.counted.clone().unwrap();
    let state = |wanted: &str| of.iter().filter(|i| i.state == wanted).count() as i64;
    let claiming = || of.iter().filter(|i| CLAIMING.contains(&i.state));
    match measure {
        "SUBMITTED" => of.len() as i64,
        "PENDING" => state("SUBMITTED"),
        "APPROVED" | "COMPLETION" => state("APPROVED"),
        "RETURNED" | "REJECTED" | "REVOKED" => state(measure),
        "CLAIMED_BENEFIT" => claiming().map(|i| said(i).claim.unwrap_or(0)).sum(),
        "NOT_COMPUTABLE" => claiming().filter(|i| said(i).opaque).count() as i64,
        "VERIFIED_BENEFIT" => of.iter().filter(|i| i.state == "APPROVED").map(|i| i.verified.unwrap_or(0)).sum(),
        "PARTICIPANTS" => of.iter().flat_map(|i| said(i).authors).collect::<BTreeSet<_>>().len() as i64,
        other => panic!("no measure {other}"),
    }
}

/// All measures, as the API answers them.
pub fn measures(of: &[&Initiative]) -> Value {
    let n = |measure| amount(of, measure);
    json!({
        "submitted": n("SUBMITTED"), "pending": n("PENDING"), "returned": n("RETURNED"), "approved": n("APPROVED"),
        "rejected": n("REJECTED"), "revoked": n("REVOKED"), "claimedBenefit": n("CLAIMED_BENEFIT").to_string(),
        "verifiedBenefit": n("VERIFIED_BENEFIT").to_string(), "benefitNotComputable": n("NOT_COMPUTABLE"),
        "participants": n("PARTICIPANTS"),
    })
}

impl Slice {
    /// The phase and bloc of the one target cell of the slice: at most one of each, and nothing else.
    fn target_cell(&self) -> Option<(Option<&'static str>, Option<&'static str>)> {
        let one = |list: &Option<Vec<&'static str>>| -> Option<Option<&'static str>> {
            let Some(list) = list else { return Some(None) };
            list.iter().all(|code| *code == list[0]).then_some(Some(list[0]))
        };
        if self.group.is_some() || self.kind.is_some() {
            return None;
        }
        Some((one(&self.phase)?, one(&self.bloc)?))
    }
}

impl Model {
    /// The unit and everything above it, lowest first.
    pub fn way_up(&self, unit: usize) -> Vec<usize> {
        let mut way = vec![unit];
        while let Some(parent) = self.units[way[way.len() - 1]].parent {
            way.push(parent);
        }
        way
    }

    pub fn is_in(&self, unit: usize, top: usize) -> bool {
        self.way_up(unit).contains(&top)
    }

    pub fn children(&self, unit: usize) -> Vec<usize> {
        (0..self.units.len()).filter(|child| self.units[*child].parent == Some(unit)).collect()
    }

    pub fn selects(&self, slice: &Slice, initiative: &Initiative) -> bool {
        let unit = &self.units[initiative.unit];
        let among = |list: &Option<Vec<&str>>, code: &str| list.as_ref().is_none_or(|list| list.contains(&code));
        among(&slice.phase, initiative.phase)
            && among(&slice.group, initiative.group)
            && slice.kind.as_ref().is_none_or(|kinds| kinds.contains(&unit.kind))
            && slice.bloc.as_ref().is_none_or(|blocs| unit.bloc.as_deref().is_some_and(|bloc| blocs.contains(&bloc)))
    }

    /// The counted initiatives of a unit and everything below it in a slice of a programme.
    pub fn counted(&self, unit: usize, programme: usize, slice: &Slice) -> Vec<&Initiative> {
        let wanted = |i: &&Initiative| {
            STATES.contains(&i.state) && i.programme == programme && self.is_in(i.unit, unit) && self.selects(slice, i)
        };
        self.initiatives.iter().filter(wanted).collect()
    }

    pub fn target(&self, unit: usize, programme: usize, slice: &Slice, kind: &'static str) -> Option<i64> {
        let (phase, bloc) = slice.target_cell()?;
        self.targets.get(&(unit, programme, kind, phase, bloc)).map(|(value, _)| *value)
    }

    /// Of the kind that is named; where none is, GUIDELINE, else REGISTERED.
    fn chosen(&self, unit: usize, programme: usize, slice: &Slice, kind: Option<&'static str>) -> Option<(&'static str, i64)> {
        let kinds = kind.map_or(vec!["GUIDELINE", "REGISTERED"], |kind| vec![kind]);
        kinds.into_iter().find_map(|kind| Some((kind, self.target(unit, programme, slice, kind)?)))
    }

    pub fn registered_below(&self, unit: usize, programme: usize, slice: &Slice) -> Value {
        let cells = self.children(unit).into_iter().filter_map(|child| self.target(child, programme, slice, "REGISTERED"));
        let cells: Vec<i64> = cells.collect();
        if cells.is_empty() { Value::Null } else { json!(cells.iter().sum::<i64>()) }
    }

    pub fn completion(&self, unit: usize, programme: usize, slice: &Slice, of: &str, kind: Option<&'static str>) -> Value {
        let Some((kind, target)) = self.chosen(unit, programme, slice, kind) else { return Value::Null };
        let numerator = amount(&self.counted(unit, programme, slice), of);
        json!({ "numerator": numerator, "target": target, "kind": kind, "ratio": numerator as f64 / target as f64 })
    }

    pub fn units_over(&self, unit: usize, programme: usize, slice: &Slice, of: &str, kind: Option<&'static str>) -> Value {
        let children = self.children(unit);
        let target = |child: usize| self.chosen(child, programme, slice, kind).map(|(_, target)| target);
        let over = |child: usize| target(child).is_some_and(|t| amount(&self.counted(child, programme, slice), of) > t);
        json!({
            "over": children.iter().filter(|child| over(**child)).count(),
            "withTarget": children.iter().filter(|child| target(**child).is_some()).count(),
            "total": children.len(),
        })
    }

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

    /// A cluster's ranking, best first, ties by code, without a score last.
    pub fn board(&self, cluster: &[usize], programme: usize, slice: &Slice, by: &str) -> Vec<Value> {
        // As fractions, so that completions compare exactly.
        let score = |unit: usize| -> Option<(i128, i128)> {
            let amount = i128::from(amount(&self.counted(unit, programme, slice), by));
            match by {
                "COMPLETION" => Some((amount, self.chosen(unit, programme, slice, None)?.1.into())),
                _ => Some((amount, 1)),
            }
        };
        let better = |a: (i128, i128), b: (i128, i128)| a.0 * b.1 > b.0 * a.1;
        let mut members: Vec<(Option<(i128, i128)>, usize)> = cluster.iter().map(|unit| (score(*unit), *unit)).collect();
        members.sort_by(|(a, unit), (b, other)| {
            let order = match (a, b) {
                (Some(a), Some(b)) => (b.0 * a.1).cmp(&(a.0 * b.1)),
                _ => b.is_some().cmp(&a.is_some()),
            };
            order.then_with(|| self.units[*unit].code.cmp(&self.units[*other].code))
        });
        let scores: Vec<(i128, i128)> = members.iter().filter_map(|(score, _)| *score).collect();
        let line = |(score, unit): &(Option<(i128, i128)>, usize)| {
            let rank = score.map(|own| 1 + scores.iter().filter(|other| better(**other, own)).count());
            let amount = score.filter(|_| by != "COMPLETION").map(|(amount, _)| amount);
            let next = amount.and_then(|own| scores.iter().map(|other| other.0).filter(|other| *other > own).min());
            let value = match by {
                "CLAIMED_BENEFIT" | "VERIFIED_BENEFIT" => None,
                _ => score.map(|(reached, target)| reached as f64 / target as f64),
            };
            json!({
                "unit": { "code": self.units[*unit].code }, "rank": rank, "of": scores.len(), "value": value,
                "amount": amount.map(|amount| amount.to_string()),
                "gapToNext": next.zip(amount).map(|(next, own)| (next - own).to_string()),
            })
        };
        members.iter().map(line).collect()
    }
}
