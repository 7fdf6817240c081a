//! Slices as clients write them, and as a roll-up's id keeps them.

use async_graphql::InputObject;
use chrono::NaiveDate;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

use super::enums::{self, UnitKind};
use super::scalars::Date;
use crate::programme::{Days, Slice};
use crate::rollup::Lens;

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
    /// Those that were first sent in on these local days (ngày gửi).
    during: Option<DateRange>,
}

/// Local days, both inside; an end that is left out is open.
#[derive(InputObject, Clone, Debug, Default)]
pub struct DateRange {
    /// The first day.
    from: Option<Date>,
    /// The last day.
    to: Option<Date>,
}

impl From<DateRange> for Days {
    fn from(range: DateRange) -> Days {
        Days { from: range.from.map(|day| day.0), to: range.to.map(|day| day.0) }
    }
}

impl From<SliceInput> for Slice {
    fn from(input: SliceInput) -> Slice {
        let (kind, during) = (enums::list(input.kind), input.during.map(Days::from));
        Slice { phase: input.phase, group: input.group, bloc: input.bloc, kind, during }
    }
}

/// What a roll-up is of, inside a node id.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    reported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure_at: Option<i64>,
}

/// Slice, instant and lens as text, the same for the same in whatever order the slice was written.
pub fn to_text(slice: &Slice, as_of: Option<i64>, lens: Lens) -> String {
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
        from: slice.during.and_then(|days| days.from),
        to: slice.during.and_then(|days| days.to),
        as_of,
        reported: lens == Lens::Reported,
        structure_at: match lens {
            Lens::At(at) => Some(at),
            Lens::Current | Lens::Reported => None,
        },
    };
    // Strings, days and numbers always serialise.
    serde_json::to_string(&text).unwrap_or_default()
}

/// What was written as this text.
pub fn from_text(text: &str) -> Option<(Slice, Option<i64>, Lens)> {
    let text: Text = serde_json::from_str(text).ok()?;
    let kind = match text.kind {
        None => None,
        Some(kinds) => {
            let kinds: Result<_, _> = kinds.iter().map(entity::enums::UnitKind::try_from_value).collect();
            Some(kinds.ok()?)
        }
    };
    let lens = match (text.reported, text.structure_at) {
        (false, None) => Lens::Current,
        (true, None) => Lens::Reported,
        (false, Some(at)) => Lens::At(at),
        (true, Some(_)) => return None,
    };
    let days = Days { from: text.from, to: text.to };
    let during = (days != Days::default()).then_some(days);
    Some((Slice { phase: text.phase, group: text.group, bloc: text.bloc, kind, during }, text.as_of, lens))
}
