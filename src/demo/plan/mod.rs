//! The plan of the demo's data: units, people, targets and initiatives, as plain values.
//!
//! Pure and deterministic: no database, no clock, no ambient randomness. The same seed gives the same plan, to the
//! last byte. The tree down to the districts is the real one of 13 April 2022; everything below it is generated and
//! says so ("mẫu", "Đoàn viên 00123", `example.org`).
//!
//! The plan stands at a [`Scale`]: the published counts themselves, or a hundredth of them (24,336 initiatives for the 2,433,663,
//! a guideline of 10,000 for the million). Money is not scaled, so that benefits look as they do in reports.
//!
//! A [`Story`] tells the plan piece by piece; [`plan`] gathers a small one.
//!
//! | file | what |
//! |---|---|
//! | `programme` | the code of one million initiatives, its names, dates, phases, groups and blocs |
//! | `predecessor` | the programme of 2021: all of it |
//! | `calendar` | instants and days in Vietnam's time, and the windows between two published instants |
//! | `units`, `grassroots`, `spread` | the tree |
//! | `schedule`, `quotas`, `fine` | when and where each initiative is submitted, for which group, and how it ends |
//! | `people`, `authors` | who there is, and who wrote what |
//! | `benefit`, `history` | money, and the steps after submission |
//! | `initiatives`, `trades`, `words` | the records themselves and their wording |
//! | `targets` | guidelines, registered and planned targets |

mod authors;
mod benefit;
mod calendar;
mod fine;
#[cfg(test)]
mod full_tests;
mod grassroots;
mod history;
mod initiatives;
mod people;
mod predecessor;
mod programme;
mod quotas;
mod scale;
mod schedule;
mod spread;
mod story;
mod targets;
#[cfg(test)]
mod tests;
mod trades;
mod units;
mod words;

use chrono::NaiveDate;

pub use predecessor::{PREDECESSOR_CODE, predecessor};
pub use programme::{
    PHASE_CODES, PROGRAMME_CODE, PROGRAMME_NAME, PROGRAMME_NAME_EN, PlanGroup, PlanPhase, PlanProgramme, programme,
};
pub use quotas::{MERGED, MERGED_INTO};
pub use scale::Scale;
pub use story::Story;

/// Everything that the demo loads. Indexes point into the vectors of the same plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Units, every parent before its children; the first is the national root.
    pub units: Vec<PlanUnit>,
    /// Members, numbered in the order of their units.
    pub people: Vec<PlanPerson>,
    /// Targets of one million initiatives, no cell twice.
    pub targets: Vec<PlanTarget>,
    /// Initiatives, in the order of their submission.
    pub initiatives: Vec<PlanInitiative>,
    /// Targets of the programme of 2021.
    pub earlier_targets: Vec<PlanTarget>,
    /// Its initiatives, in the order of their submission.
    pub earlier: Vec<PlanInitiative>,
}

/// A unit of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUnit {
    /// Code, unique in the plan and the same for every seed that has the unit, e.g. `P01`, `P01-NGD`, `D001-G1`.
    pub code: String,
    /// Vietnamese name; not unique.
    pub name: String,
    /// English name, where one is known.
    pub name_en: Option<String>,
    /// Kind as in `unit-kinds.csv`, e.g. `GRASSROOTS_UNION`.
    pub kind: &'static str,
    /// Index of the counting parent, always smaller than the unit's own; none for the root.
    pub parent: Option<usize>,
    /// Index of the coordinating unit: the central sector union of a local sector union.
    pub coordinator: Option<usize>,
    /// `ENTERPRISE` or `PUBLIC`; none on units above the grassroots.
    pub bloc: Option<&'static str>,
    /// Sector, e.g. `EDUCATION`; none on territorial units.
    pub sector: Option<&'static str>,
}

/// A member who may write initiatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPerson {
    /// Index of the unit to which the person belongs.
    pub unit: usize,
    /// Display name, plainly generated, e.g. `Đoàn viên 00123`.
    pub name: String,
    /// E-mail address under `example.org`, unique.
    pub email: String,
    /// Whether the name may be shown outside the unit.
    pub consent: bool,
}

/// A target: the cell (unit, kind, phase or none, bloc or none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanTarget {
    /// Index of the unit whose target it is.
    pub unit: usize,
    /// `GUIDELINE`, `REGISTERED` or `PLANNED`.
    pub kind: &'static str,
    /// Index of the phase; none for the whole programme.
    pub phase: Option<usize>,
    /// Bloc, or none for all.
    pub bloc: Option<&'static str>,
    /// Count of initiatives, at the scale.
    pub value: i32,
    /// Whether the figure is a lower bound ("ít nhất").
    pub at_least: bool,
    /// When it was set, milliseconds since the epoch in UTC.
    pub set_at: i64,
}

/// An initiative with its whole history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanInitiative {
    /// Index of the unit in which it counts: the first author's.
    pub unit: usize,
    /// Authors as indexes of people, the first author first, with their shares in hundredths of a per cent that add
    /// up to 10,000.
    pub authors: Vec<(usize, i32)>,
    /// Index of the phase.
    pub phase: usize,
    /// Index of the participant group: 0 to 4, in the order of [`PlanProgramme::groups`].
    pub group: usize,
    /// `TECHNICAL`, `MANAGEMENT`, `OPERATIONAL` or `TECHNOLOGY_APPLICATION`.
    pub solution: &'static str,
    /// Vietnamese title.
    pub title: String,
    /// Vietnamese summary of a sentence or two.
    pub summary: Option<String>,
    /// The day on which it was first applied, inside the phase's applied period and not after submission.
    pub applied_on: NaiveDate,
    /// Benefit claimed by the authors in VND; none when not computable.
    pub claimed: Option<i64>,
    /// Whether the benefit cannot be computed in money.
    pub not_computable: bool,
    /// The benefit in words; always there when it is not computable.
    pub benefit_note: Option<String>,
    /// First submission, milliseconds since the epoch in UTC.
    pub submitted_at: i64,
    /// What happened after the submission, strictly in order of time.
    pub steps: Vec<PlanStep>,
}

/// One step after the first submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// When, milliseconds since the epoch in UTC.
    pub at: i64,
    /// What.
    pub action: PlanAction,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanAction {
    /// The reviewer sends it back to its authors.
    Return {
        /// What is missing.
        note: String,
    },
    /// The authors send it in again, unchanged.
    Resubmit,
    /// The authors take it back; it counts nowhere from then on.
    Withdraw,
    /// The reviewer approves.
    Approve {
        /// Benefit as verified in VND; none when not computable.
        verified: Option<i64>,
    },
    /// The reviewer rejects.
    Reject {
        /// Reason of refusal, e.g. `NOT_NEW`.
        reason: &'static str,
        /// Explanation; always there when the reason is `OTHER`.
        note: Option<String>,
    },
}

/// The plan of a seed, whole: for the small scale.
///
/// Fails only if one of the embedded tables does not read; the message names it.
pub fn plan(seed: u64, scale: Scale) -> Result<Plan, String> {
    let mut story = Story::new(seed, scale)?;
    let mut initiatives: Vec<PlanInitiative> = story.by_ref().collect();
    initiatives.sort_by_key(|initiative| initiative.submitted_at);
    let targets = story.targets()?;
    let earlier = std::iter::from_fn(|| story.earlier()).collect();
    let earlier_targets = story.earlier_targets();
    let people = (0..story.people()).map(|index| story.person(index)).collect();
    Ok(Plan { units: story.into_units(), people, targets, initiatives, earlier_targets, earlier })
}
