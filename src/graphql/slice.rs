//! Slices as clients write them, and as a roll-up's id keeps them.

use async_graphql::InputObject;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use super::enums::{self, UnitKind};
use crate::programme::Slice;

/// Which initiatives; each list means any of its members, and what is left out means all.
#[derive(InputObject, Clone, Debug, Default)]
#[graphql(name = "Slice")]
pub struct SliceInput {
    /// Codes of phases (giai đoạn).
    phase: Option<Vec<String>>,
    /// Codes of participant groups (nhóm đối tượng).
    group: Option<Vec<String>>,
    /// Codes of blocs (khối) of the initiative's unit.
    bloc: Option<Vec<String>>,
    /// Kinds of the initiative's unit.
    kind: Option<Vec<UnitKind>>,
}

impl From<SliceInput> for Slice {
    fn from(input: SliceInput) -> Slice {
        Slice { phase: input.phase, group: input.group, bloc: input.bloc, kind: enums::list(input.kind) }
    }
}

/// A slice inside a node id.
#[derive(Serialize, Deserialize)]
struct Text {
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bloc: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Vec<String>>,
}

/// The slice as text, the same for the same slice in whatever order it was written.
pub fn to_text(slice: &Slice) -> String {
    let sorted = |list: &Option<Vec<String>>| {
        list.clone().map(|mut list| {
            list.sort();
            list.dedup();
            list
        })
    };
    let kind = slice.kind.as_ref().map(|kinds| kinds.iter().map(|kind| kind.to_value()).collect());
    let text = Text {
        phase: sorted(&slice.phase),
        group: sorted(&slice.group),
        bloc: sorted(&slice.bloc),
        kind: sorted(&kind),
    };
    // Lists of strings always serialise.
    serde_json::to_string(&text).unwrap_or_default()
}

/// The slice that was written as this text.
pub fn from_text(text: &str) -> Option<Slice> {
    let text: Text = serde_json::from_str(text).ok()?;
    let kind = match text.kind {
        None => None,
        Some(kinds) => {
            let kinds: Result<_, _> = kinds.iter().map(entity::enums::UnitKind::try_from_value).collect();
            Some(kinds.ok()?)
        }
    };
    Some(Slice { phase: text.phase, group: text.group, bloc: text.bloc, kind })
}
