//! What a plan changes, in figures: kept with the plan as JSON, and the same after a try and after it was done.

use serde::{Deserialize, Serialize};

use super::conserve::Standing;
use super::effect::Touched;
use super::sketch::{Sketch, Sketched};
use crate::text::Message;

/// So many codes are told of each kind.
const CODES: usize = 1_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub made: Units,
    pub moved: Units,
    pub ended: Units,
    pub reestablished: Units,
    pub renamed: Units,
    pub recoded: Units,
    /// Members of units that end, who go elsewhere.
    pub members: u64,
    /// Grants of MEMBER that they get there.
    pub grants: u64,
    pub drafts: u64,
    /// Target cells that are set.
    pub targets: u64,
    /// Memberships of clusters that end.
    pub memberships: u64,
    pub conservation: Vec<Statement>,
    pub units: Vec<UnitReport>,
    /// The plan's version that it was told of.
    pub version: i32,
    /// Milliseconds since the epoch.
    pub at: i64,
}

/// How many, and the first of their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub count: u64,
    pub codes: Vec<String>,
}

/// Something that is the same before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub what: Message,
    pub before: String,
    pub after: String,
}

impl Statement {
    pub fn holds(&self) -> bool {
        self.before == self.after
    }
}

/// A unit before and after, in one programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitReport {
    pub unit: String,
    pub name: String,
    pub programme: String,
    /// None: it did not exist.
    pub before: Option<Standing>,
    /// None: it has ended.
    pub after: Option<Standing>,
}

impl Units {
    fn those(sketch: &Sketch, so: impl Fn(&Sketched) -> bool) -> Units {
        let found = sketch.those(so);
        let codes = found.iter().take(CODES).map(|id| sketch.code(*id).to_owned()).collect();
        Units { count: found.len() as u64, codes }
    }
}

impl Report {
    pub fn of(sketch: &Sketch, touched: Touched) -> Report {
        let was = |unit: &Sketched, differs: fn(&super::sketch::State, &super::sketch::State) -> bool| {
            unit.was.as_ref().is_some_and(|was| differs(was, &unit.is))
        };
        Report {
            made: Units::those(sketch, Sketched::is_made),
            moved: Units::those(sketch, Sketched::moves),
            ended: Units::those(sketch, Sketched::ends),
            reestablished: Units::those(sketch, Sketched::revives),
            renamed: Units::those(sketch, |unit| was(unit, |was, is| was.name != is.name || was.name_en != is.name_en)),
            recoded: Units::those(sketch, |unit| was(unit, |was, is| was.code != is.code)),
            members: touched.members,
            grants: touched.grants,
            drafts: touched.drafts,
            targets: touched.targets,
            memberships: touched.memberships,
            ..Report::default()
        }
    }
}
