//! The initiatives behind a number: exactly those that it counts, under the same slice, instant and lens.

use std::collections::HashMap;

use entity::enums::InitiativeState;
use entity::initiative::Model;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::measures::Measure;
use super::path;
use super::read::of;
use super::view::{Lens, View};
use crate::access::{Right, Viewer, places, readable_among_many, readable_initiative};
use crate::error::Result;
use crate::ledger::Tally;
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::{Sql, Tx};

/// An initiative, and its state at the instant.
#[derive(Clone, FromQueryResult)]
pub struct Explained {
    #[sea_orm(nested)]
    pub row: Model,
    pub state_as_of: InitiativeState,
}

/// A page for each unit of those that the viewer may read, the latest first submissions first; one statement.
pub async fn explained(
    tx: &Tx,
    viewer: Viewer,
    programme: i64,
    view: &View,
    units: &[i64],
    measure: Measure,
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Explained>>> {
    listing(tx, |sql| readable_initiative(sql, viewer, "i"), programme, view, measure).pages(tx, units, args).await
}

/// For each unit how many there are, and how many of them the viewer may read. The first is a number of the roll-up itself, and so
/// is the second where he reads every record of the unit: only others are counted one by one.
pub async fn explained_counts(
    tx: &Tx,
    viewer: Viewer,
    programme: i64,
    view: &View,
    units: &[i64],
    measure: Measure,
) -> Result<HashMap<i64, (i64, i64)>> {
    let measures = of(tx, programme, view, units).await?;
    let all = |unit: &i64| measures.get(unit).map_or(0, |measures| counted(&measures.tally, measure));
    let places = places(tx, viewer, units).await?;
    // Scope goes by the tree now: what another tree credits to a unit may stand outside it.
    let reads_all = |unit: &i64| {
        view.lens == Lens::Current && places.get(unit).is_some_and(|places| places.permit(Right::ReadRecords))
    };
    let others: Vec<i64> = units.iter().copied().filter(|unit| all(unit) > 0 && !reads_all(unit)).collect();
    let readable = match others.as_slice() {
        [] => HashMap::new(),
        others => {
            let readable = |sql: &mut Sql| readable_among_many(sql, viewer, "i");
            listing(tx, readable, programme, view, measure).counts(tx, others).await?
        }
    };
    let read = |unit: &i64| if reads_all(unit) { all(unit) } else { readable.get(unit).copied().unwrap_or(0) };
    Ok(units.iter().map(|unit| (*unit, (all(unit), read(unit)))).collect())
}

/// How many initiatives a measure counts, or adds up.
fn counted(tally: &Tally, measure: Measure) -> i64 {
    let of = |state: &InitiativeState| match state {
        InitiativeState::Submitted => tally.pending,
        InitiativeState::Returned => tally.returned,
        InitiativeState::Approved => tally.approved,
        InitiativeState::Rejected => tally.rejected,
        InitiativeState::Revoked => tally.revoked,
        InitiativeState::Draft | InitiativeState::Withdrawn => 0,
    };
    states(measure).iter().map(of).sum()
}

/// The states over which a measure counts or sums.
fn states(measure: Measure) -> &'static [InitiativeState] {
    use InitiativeState::{Approved, Rejected, Returned, Revoked, Submitted};
    match measure {
        Measure::Submitted | Measure::Participants => &[Submitted, Returned, Approved, Rejected, Revoked],
        Measure::ClaimedBenefit => &[Submitted, Returned, Approved],
        Measure::Pending => &[Submitted],
        Measure::Returned => &[Returned],
        Measure::Approved | Measure::VerifiedBenefit | Measure::Completion => &[Approved],
        Measure::Rejected => &[Rejected],
        Measure::Revoked => &[Revoked],
    }
}

/// `readable`: the condition that the viewer may read an `i`.
fn listing(
    tx: &Tx,
    readable: impl FnOnce(&mut Sql) -> String,
    programme: i64,
    view: &View,
    measure: Measure,
) -> Listing {
    let mut sql = tx.sql("");
    let as_of = view.as_of.map(|at| sql.bind(at));
    let state = match &as_of {
        None => "i.state".to_owned(),
        Some(at) => format!(
            "(SELECT e.to_state FROM initiative_event e WHERE e.initiative_id = i.id AND e.at < {at} \
             ORDER BY e.seq DESC LIMIT 1)"
        ),
    };
    let programme = sql.bind(programme);
    let mut conditions = vec![format!("i.programme_id = {programme}"), "i.submitted_at IS NOT NULL".to_owned()];
    conditions.extend(as_of.map(|at| format!("i.submitted_at < {at}")));
    if let Some((from, to)) = view.slice.during {
        conditions.push(format!("i.submitted_at >= {} AND i.submitted_at < {}", sql.bind(from), sql.bind(to)));
    }
    let states: Vec<String> = states(measure).iter().map(|state| state.to_value()).collect();
    conditions.push(sql.any_text(&state, &states));
    if let Some(phases) = &view.slice.phases {
        conditions.push(sql.any_id("i.phase_id", phases));
    }
    if let Some(groups) = &view.slice.groups {
        conditions.push(sql.any_id("i.group_id", groups));
    }
    let mut seat = String::new();
    if let Some(blocs) = &view.slice.blocs {
        seat += &format!(" AND {}", sql.any_text("d.bloc", blocs));
    }
    if let Some(kinds) = &view.slice.kinds {
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        seat += &format!(" AND {}", sql.any_text("d.kind", &kinds));
    }
    let paths = path::paths(&mut sql, view.lens);
    conditions.push(format!(
        "i.unit_id IN (SELECT c.descendant_id FROM {paths} c JOIN unit d ON d.id = c.seat_id \
         WHERE c.ancestor_id = o.id{seat}{})",
        path::holds(view, "c", "i.submitted_at")
    ));
    conditions.push(readable(&mut sql));
    let keys = vec![Key::desc("i.submitted_at", KeyKind::Int), Key::asc("i.code", KeyKind::Text)];
    let (columns, from) = (format!("i.*, {state} AS state_as_of"), "initiative i".to_owned());
    Listing { sql, columns, from, id: "i.id", conditions, order: format!("explained.{measure:?}"), keys }
}
