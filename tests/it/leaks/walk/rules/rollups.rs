//! `Rollup`, its parts, and rankings: what shows is the rule of what led there; the numbers are the same for whomever they show to.

use entity::enums::InitiativeState;
use serde_json::Value;

use super::super::super::model::Aggregates;
use super::super::things::{Answer, Ask, Thing};
use super::{Table, is, known};

pub const RULES: Table = &[
    ("Rollup.id", super::id),
    ("Rollup.unit", |a| Answer::One(Some(Thing::Unit(rollup(a).0)))),
    ("Rollup.asOf", |_| Answer::Moment),
    ("Rollup.computedAt", |_| Answer::Moment),
    ("Rollup.structure", known),
    ("Rollup.isFinal", known),
    ("Rollup.targetReachedAt", known),
    ("Rollup.daysAheadOfPlan", known),
    ("Rollup.benefitOver", known),
    ("Rollup.activity", |_| Answer::KnownList("ActivityPart")),
    ("ActivityPart.key", |a| Answer::One(Some(Thing::Under("DimensionKey", format!("{:?}", a.thing))))),
    ("ActivityPart.submitted", known),
    ("ActivityPart.approved", known),
    ("ActivityPart.rejected", known),
    ("ActivityPart.returned", known),
    ("ActivityPart.withdrawn", known),
    ("ActivityPart.revoked", known),
    ("Rollup.initiatives", behind),
    ("ExplainedConnection.hiddenCount", super::part),
    ("ExplainedEdge.stateAsOf", super::part),
    ("Rollup.submitted", |a| {
        let (unit, programme, slice) = rollup(a);
        let count = || a.world().submitted(a.data.unit(unit), a.data.programme(programme));
        if slice == "{}" { is(count()) } else { Answer::Known }
    }),
    ("Rollup.pending", known),
    ("Rollup.returned", known),
    ("Rollup.approved", known),
    ("Rollup.rejected", known),
    ("Rollup.revoked", known),
    ("Rollup.claimedBenefit", known),
    ("Rollup.verifiedBenefit", known),
    ("Rollup.benefitNotComputable", known),
    ("Rollup.participants", known),
    ("Rollup.target", known),
    ("Rollup.registeredBelow", known),
    ("Rollup.completion", |a| Answer::KnownObject(under(a, "Completion"))),
    ("Rollup.unitsOverTarget", |a| Answer::One(Some(under(a, "UnitsOverTarget")))),
    ("Rollup.breakdown", |a| {
        let (unit, programme, _) = rollup(a);
        let (unit, programme) = (a.data.unit(unit), a.data.programme(programme));
        let whole = a.world().aggregates(a.viewer, unit, programme) == Aggregates::Whole;
        let by = a.texts("by").unwrap();
        let level = a.world().depth(unit) < a.world().programmes[programme].level;
        Answer::Parts(whole || (by.len() == 1 && (by[0] != "CHILD" || level)))
    }),
    ("Completion.numerator", known),
    ("Completion.target", known),
    ("Completion.kind", known),
    ("Completion.ratio", known),
    ("UnitsOverTarget.over", known),
    ("UnitsOverTarget.withTarget", known),
    ("UnitsOverTarget.total", known),
    ("RollupPart.keys", |a| {
        let Thing::Part(_, by, _) = a.thing else { unreachable!() };
        let key = |n| Some(Thing::Under("DimensionKey", format!("{:?} {n}", a.thing)));
        Answer::Slots((0..by.len()).map(key).collect())
    }),
    ("DimensionKey.dimension", known),
    ("DimensionKey.value", known),
    ("DimensionKey.label", known),
    ("RollupPart.unit", |a| {
        let Thing::Part(_, by, values) = a.thing else { unreachable!() };
        let child = by.iter().position(|by| by == "CHILD").map(|n| values[n].as_str()).filter(|code| *code != "SELF");
        Answer::One(child.map(|code| Thing::Unit(a.data.unit_of_code(code).unwrap().0)))
    }),
    ("RollupPart.submitted", known),
    ("RollupPart.pending", known),
    ("RollupPart.returned", known),
    ("RollupPart.approved", known),
    ("RollupPart.rejected", known),
    ("RollupPart.revoked", known),
    ("RollupPart.claimedBenefit", known),
    ("RollupPart.verifiedBenefit", known),
    ("RollupPart.benefitNotComputable", known),
    ("RollupPart.participants", known),
    ("Ranking.unit", |a| {
        let Thing::Ranking(unit, _) = a.thing else { unreachable!() };
        Answer::One(Some(Thing::Unit(*unit)))
    }),
    ("Ranking.rank", known),
    ("Ranking.of", known),
    ("Ranking.value", known),
    ("Ranking.amount", known),
    ("Ranking.gapToNext", known),
    ("Ranking.previousRank", known),
    ("Ranking.change", known),
];

/// The initiatives of the unit, of those below it and of the slice that the measure counts, and which of them may be read.
fn behind(a: &Ask) -> Answer {
    use InitiativeState::{Approved, Rejected, Returned, Revoked, Submitted};
    let (unit, programme, text) = rollup(a);
    let states: &[InitiativeState] = match a.text("measure").unwrap_or("SUBMITTED") {
        "PENDING" => &[Submitted],
        "RETURNED" => &[Returned],
        "APPROVED" | "VERIFIED_BENEFIT" | "COMPLETION" => &[Approved],
        "REJECTED" => &[Rejected],
        "REVOKED" => &[Revoked],
        "CLAIMED_BENEFIT" => &[Submitted, Returned, Approved],
        _ => &[Submitted, Returned, Approved, Rejected, Revoked],
    };
    let slice: Value = serde_json::from_str(text).unwrap();
    let among = |member: &str, value: &str| {
        slice[member].as_array().is_none_or(|list| list.iter().any(|one| one.as_str() == Some(value)))
    };
    let counted = |row: &&entity::initiative::Model| {
        let own = &a.data.units[&row.unit_id];
        let of = &a.world().initiatives[a.data.initiative(row.id)];
        row.programme_id == programme
            && states.contains(&row.state)
            && a.world().stands_in(of.unit, a.data.unit(unit))
            && among("bloc", own.bloc.as_deref().unwrap_or_default())
            && among("kind", &super::word(&own.kind))
            // The scene's programmes have one phase and one group.
            && among("phase", "1")
            && among("group", "A")
    };
    let all: Vec<i64> = a.data.initiatives.values().filter(counted).map(|row| row.id).collect();
    let reads = |id: &&i64| a.world().reads(a.viewer, &a.world().initiatives[a.data.initiative(**id)]);
    let readable = all.iter().filter(reads).map(|id| Thing::Initiative(*id)).collect();
    Answer::Behind(readable, all.len())
}

fn rollup<'a>(a: &Ask<'a>) -> (i64, i64, &'a str) {
    let Thing::Rollup(unit, programme, slice) = a.thing else { unreachable!() };
    (*unit, *programme, slice)
}

/// An object below a roll-up, told by the arguments.
fn under(a: &Ask, ty: &'static str) -> Thing {
    Thing::Under(ty, format!("{:?} {}", a.thing, Value::Object(a.arguments.clone())))
}
