//! A step of a plan: what is done, to which units, and how sure its source is.

use entity::enums::{Certainty, Operation, UnitKind};
use entity::reorganisation_step::Model;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What becomes of targets where units become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Targets {
    /// The successor's cells become the sums of its own and those that end.
    #[default]
    AddUp,
    /// The successor keeps what it has.
    Keep,
}

/// One of the units that a unit is split into.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Part {
    /// Its code: of a unit that lives, or that a CREATE of the plan makes.
    pub unit: String,
    /// Codes of sub-units that go to it.
    pub units: Vec<String>,
    /// Members who go to it.
    pub accounts: Vec<i64>,
    /// Codes of initiatives of the unit that go to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub initiatives: Vec<String>,
    /// Hundredths of a per cent of each target that go to it; none: none of it.
    pub share: Option<i32>,
}

/// A target of a successor as it is to be, whatever passes to it. Numbers and codes as the API has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Restated {
    /// One of those that follow; none: the one named by `into`.
    pub unit: Option<String>,
    pub programme: String,
    pub kind: String,
    pub phase: Option<String>,
    pub bloc: Option<String>,
    pub value: i32,
    pub at_least: bool,
}

/// What a step names. Which fields an operation takes is told by [`Step::faults`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Input {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// As the API spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bloc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<Targets>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restated: Vec<Restated>,
}

impl Input {
    /// The kind that it names, if it names one that there is.
    pub fn unit_kind(&self) -> Option<UnitKind> {
        self.kind.as_ref().and_then(|kind| UnitKind::try_from_value(kind).ok())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    #[serde(serialize_with = "as_text")]
    pub operation: Operation,
    pub input: Input,
    #[serde(serialize_with = "as_text")]
    pub certainty: Certainty,
    /// Carried, but not done.
    pub held: bool,
    pub note: Option<String>,
}

fn as_text<E: ActiveEnum<Value = String>, S: serde::Serializer>(
    value: &E,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_value())
}

impl Step {
    /// Whether it changes anything when the plan is applied.
    pub fn is_done(&self) -> bool {
        !self.held && self.operation != Operation::Keep
    }

    /// When it is carried out: what makes comes before what fills, what empties before what ends.
    pub fn rank(&self) -> u8 {
        match self.operation {
            Operation::Create => 0,
            Operation::Recode => 1,
            Operation::Rename => 2,
            Operation::Reestablish => 3,
            Operation::ChangeKind => 4,
            Operation::Move => 5,
            Operation::Split => 6,
            Operation::Merge | Operation::Dissolve => 7,
            Operation::Keep => 8,
        }
    }

    pub fn of_row(row: &Model) -> Result<Step> {
        let input = serde_json::from_str(&row.input)
            .map_err(|error| Error::Internal(format!("step {} of a reorganisation: {error}", row.position)))?;
        let (operation, certainty, held, note) = (row.operation, row.certainty, row.held, row.note.clone());
        Ok(Step { operation, input, certainty, held, note })
    }

    pub fn into_row(self, reorganisation_id: i64, position: i32) -> Result<Model> {
        let input = serde_json::to_string(&self.input)
            .map_err(|error| Error::Internal(format!("a step cannot be written: {error}")))?;
        let Step { operation, certainty, held, note, .. } = self;
        Ok(Model { reorganisation_id, position, operation, input, certainty, held, note })
    }
}
