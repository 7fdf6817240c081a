//! Storing programmes and their targets.

use chrono::NaiveDate;
use entity::enums::{Bound, TargetKind, Visibility};
use entity::{bloc, participant_group, phase, programme, programme_bloc, target, target_event};

use super::load::OPENING;
use super::plan::{PlanGroup, PlanPhase, PlanTarget};
use super::records::coded;
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// The database's ids of a programme and its parts, in order.
pub(super) struct Programme {
    pub id: i64,
    pub phases: Vec<i64>,
    pub groups: Vec<i64>,
}

/// A programme to be stored.
pub(super) struct Campaign<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub name_en: &'a str,
    pub starts_on: NaiveDate,
    pub plan_ends_on: NaiveDate,
    pub visibility: Visibility,
    pub phases: &'a [PlanPhase],
    pub groups: &'a [PlanGroup],
    pub blocs: &'a [&'static str],
}

/// Stores a programme with its parts.
pub(super) async fn found(app: &App, tx: &Tx, campaign: &Campaign<'_>) -> Result<Programme> {
    let id = app.new_id();
    let row = programme::Model {
        id,
        code: campaign.code.to_owned(),
        name: campaign.name.to_owned(),
        name_en: Some(campaign.name_en.to_owned()),
        starts_on: campaign.starts_on,
        plan_ends_on: campaign.plan_ends_on,
        visibility: campaign.visibility,
        public_level: 1,
        created_at: OPENING,
    };
    let phases = (0..).zip(campaign.phases).map(|(position, phase)| phase::Model {
        id: app.new_id(),
        programme_id: id,
        code: phase.code.to_owned(),
        name: phase.name.to_owned(),
        position,
        applied_from: phase.applied_from,
        applied_to: phase.applied_to,
        entered_from: phase.entered_from,
        entered_to: phase.entered_to,
    });
    let phases: Vec<_> = phases.collect();
    let groups = (0..).zip(campaign.groups).map(|(position, group)| participant_group::Model {
        id: app.new_id(),
        programme_id: id,
        code: group.code.to_owned(),
        name: group.name.to_owned(),
        position,
    });
    let groups: Vec<_> = groups.collect();
    let codes = campaign.blocs.iter().map(|code| code.to_string());
    let list = codes.clone().map(|code| bloc::Model { name: code.clone(), code, name_en: None });
    let used = (0..).zip(codes).map(|(position, bloc)| programme_bloc::Model { programme_id: id, bloc, position });
    tx.insert::<programme::Entity>(&[row], Conflict::Fail).await?;
    tx.insert::<phase::Entity>(&phases, Conflict::Fail).await?;
    tx.insert::<participant_group::Entity>(&groups, Conflict::Fail).await?;
    tx.insert::<bloc::Entity>(&list.collect::<Vec<_>>(), Conflict::Keep).await?;
    tx.insert::<programme_bloc::Entity>(&used.collect::<Vec<_>>(), Conflict::Fail).await?;
    Ok(Programme {
        id,
        phases: phases.iter().map(|phase| phase.id).collect(),
        groups: groups.iter().map(|group| group.id).collect(),
    })
}

/// Stores targets as they were set at their instants.
pub(super) async fn targets(
    app: &App,
    tx: &Tx,
    units: &[i64],
    programme: &Programme,
    plan: &[PlanTarget],
) -> Result<()> {
    let mut rows = Vec::with_capacity(plan.len());
    let mut events = Vec::with_capacity(plan.len());
    for set in plan {
        let bound = if set.at_least { Bound::AtLeast } else { Bound::Exact };
        let row = target::Model {
            id: app.new_id(),
            unit_id: units[set.unit],
            programme_id: programme.id,
            kind: coded::<TargetKind>(set.kind)?,
            phase_id: set.phase.map_or(0, |phase| programme.phases[phase]),
            bloc: set.bloc.unwrap_or_default().to_owned(),
            value: set.value,
            bound,
            set_at: set.set_at,
        };
        events.push(target_event::Model {
            id: app.new_id(),
            target_id: row.id,
            unit_id: row.unit_id,
            programme_id: row.programme_id,
            kind: row.kind,
            phase_id: row.phase_id,
            bloc: row.bloc.clone(),
            value: Some(row.value),
            bound: Some(bound),
            at: row.set_at,
            by_id: None,
        });
        rows.push(row);
    }
    tx.insert::<target::Entity>(&rows, Conflict::Fail).await?;
    tx.insert::<target_event::Entity>(&events, Conflict::Fail).await?;
    Ok(())
}
