//! Filters of lists.

use entity::enums::InitiativeState;
use entity::{initiative, unit};

use super::super::super::model::Initiative;
use super::super::things::{Answer, Ask, Thing};
use super::word;

/// Units of the list that the filters leave.
pub fn units(a: &Ask, wanted: impl Fn(usize) -> bool) -> Answer {
    let kinds = a.texts("kind");
    let left = |row: &&unit::Model| {
        let found = a
            .text("search")
            .is_none_or(|word| row.name_folded.contains(word) || row.code.to_lowercase().contains(word));
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&word(&row.kind).as_str())) && found
    };
    let rows = a.data.units.values().filter(left).filter(|row| wanted(a.data.unit(row.id)));
    Answer::Page(rows.map(|row| Thing::Unit(row.id)).collect())
}

/// Initiatives of the list that the filters leave.
pub fn initiatives(a: &Ask, wanted: impl Fn(&initiative::Model, &Initiative) -> bool) -> Answer {
    let programme = match a.text("programme") {
        None => None,
        Some(_) => match a.programme() {
            None => return Answer::Failed("NOT_FOUND"),
            Some((id, _)) => Some(id),
        },
    };
    let (states, kinds, blocs) = (a.texts("state"), a.sliced("kind"), a.sliced("bloc"));
    let (phases, groups) = (a.sliced("phase"), a.sliced("group"));
    let over: Option<i64> = a.text("verifiedBenefitOver").map(|over| over.parse().unwrap());
    let left = |row: &&initiative::Model| {
        let unit = &a.data.units[&row.unit_id];
        let bloc = unit.bloc.as_deref().unwrap_or_default();
        programme.is_none_or(|id| row.programme_id == id)
            && states.as_ref().is_none_or(|states| states.contains(&word(&row.state).as_str()))
            && kinds.as_ref().is_none_or(|kinds| kinds.contains(&word(&unit.kind).as_str()))
            && blocs.as_ref().is_none_or(|blocs| blocs.contains(&bloc))
            // The scene's programmes have one phase and one group.
            && phases.as_ref().is_none_or(|phases| phases.contains(&"1"))
            && groups.as_ref().is_none_or(|groups| groups.contains(&"A"))
            && a.text("search").is_none_or(|word| row.title_folded.contains(word) || row.code.to_lowercase().contains(word))
            && over.is_none_or(|over| row.state == InitiativeState::Approved && row.verified_benefit.unwrap_or(-1) > over)
    };
    let of = |row: &initiative::Model| &a.world().initiatives[a.data.initiative(row.id)];
    let rows = a.data.initiatives.values().filter(left).filter(|row| wanted(row, of(row)));
    Answer::Page(rows.map(|row| Thing::Initiative(row.id)).collect())
}
