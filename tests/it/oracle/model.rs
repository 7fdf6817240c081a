//! The federation as plain lists, and every number of a roll-up counted anew from them. As obvious as can be, and slow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use entity::enums::Role;
use serde_json::{Value, json};

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
    pub submitted: Option<Submission>,
}

/// A first submission: its day, and the unit with all above it as they were then, lowest first.
#[derive(Clone)]
pub struct Submission {
    pub day: &'static str,
    pub way: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct Slice {
    pub phase: Option<Vec<&'static str>>,
    pub group: Option<Vec<&'static str>>,
    pub bloc: Option<Vec<&'static str>>,
    pub kind: Option<Vec<String>>,
    /// First and last day.
    pub during: Option<(Option<&'static str>, Option<&'static str>)>,
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
    /// Who belongs to the cluster K of the root.
    pub cluster: Vec<usize>,
    pub today: &'static str,
    /// What was done to which initiative on which day, as `ActivityPart` names it.
    pub log: Vec<(&'static str, &'static str, usize)>,
    /// Initiatives are credited as they were reported.
    pub reported: bool,
    /// How many of the units existed, where the model is of a past instant.
    pub alive: usize,
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

    /// Where an initiative is credited, lowest first.
    pub fn credited(&self, initiative: &Initiative) -> Vec<usize> {
        match &initiative.submitted {
            Some(submission) if self.reported => submission.way.clone(),
            _ => self.way_up(initiative.unit),
        }
    }

    pub fn selects(&self, slice: &Slice, initiative: &Initiative) -> bool {
        let day = initiative.submitted.as_ref().map(|submission| submission.day);
        let within = |(from, to): (Option<&str>, Option<&str>)| {
            day.is_some_and(|day| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to))
        };
        slice.during.is_none_or(within) && self.has(slice, initiative)
    }

    fn has(&self, slice: &Slice, initiative: &Initiative) -> bool {
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
            STATES.contains(&i.state)
                && i.programme == programme
                && self.credited(i).contains(&unit)
                && self.selects(slice, i)
        };
        self.initiatives.iter().filter(wanted).collect()
    }
}
