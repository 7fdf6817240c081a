//! Storing programmes and their targets.

use chrono::NaiveDate;
use entity::enums::{Bound, TargetKind, Visibility};
use entity::{bloc, participant_group, phase, programme, programme_bloc, target, target_event};

use super::plan::{PlanGroup, PlanPhase, PlanProgramme, PlanTarget};
use super::records::coded;
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// The database's ids of a programme and its parts, in order.
#[derive(Clone)]
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
    pub created_at: i64,
    pub starts_on: NaiveDate,
    pub plan_ends_on: NaiveDate,
    pub visibility: Visibility,
    pub phases: &'a [PlanPhase],
    pub groups: &'a [PlanGroup],
    pub blocs: &'a [&'static str],
}

impl Campaign<'_> {
    /// One that was announced, which everybody sees.
    pub fn announced(plan: &PlanProgramme) -> Campaign<'_> {
        Campaign {
            code: plan.code,
            name: plan.name,
            name_en: plan.name_en,
            created_at: plan.created_at,
            starts_on: plan.starts_on,
            plan_ends_on: plan.plan_ends_on,
            visibility: Visibility::Public,
            phases: plan.phases,
            groups: &plan.groups,
            blocs: &plan.blocs,
        }
    }
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
        created_at: campaign.created_at,
    };
    tx.insert::<programme::Entity>(&[row], Conflict::Fail).await?;
    let phases = (0..).zip(campaign.phases).map(|(position, phase)| phase_row(app.new_id(), id, position, phase));
    let phases: Vec<_> = phases.collect();
    tx.insert::<phase::Entity>(&phases, Conflict::Fail).await?;
    let groups = (0..).zip(campaign.groups).map(|(position, group)| group_row(app.new_id(), id, position, group));
    let groups: Vec<_> = groups.collect();
    tx.insert::<participant_group::Entity>(&groups, Conflict::Fail).await?;
    let codes = campaign.blocs.iter().map(|code| code.to_string());
    let list = codes.clone().map(|code| bloc::Model { name: code.clone(), code, name_en: None });
    let used = (0..).zip(codes).map(|(position, bloc)| programme_bloc::Model { programme_id: id, bloc, position });
    tx.insert::<bloc::Entity>(&list.collect::<Vec<_>>(), Conflict::Keep).await?;
    tx.insert::<programme_bloc::Entity>(&used.collect::<Vec<_>>(), Conflict::Fail).await?;
    Ok(Programme {
        id,
        phases: phases.iter().map(|phase| phase.id).collect(),
        groups: groups.iter().map(|group| group.id).collect(),
    })
}

fn phase_row(id: i64, programme_id: i64, position: i32, plan: &PlanPhase) -> phase::Model {
    phase::Model {
        id,
        programme_id,
        code: plan.code.to_owned(),
        name: plan.name.to_owned(),
        position,
        applied_from: plan.applied_from,
        applied_to: plan.applied_to,
        entered_from: plan.entered_from,
        entered_to: plan.entered_to,
    }
}

fn group_row(id: i64, programme_id: i64, position: i32, plan: &PlanGroup) -> participant_group::Model {
    let (code, name) = (plan.code.to_owned(), plan.name.to_owned());
    participant_group::Model { id, programme_id, code, name, position }
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
    for set in plan {
        rows.push(target::Model {
            id: app.new_id(),
            unit_id: units[set.unit],
            programme_id: programme.id,
            kind: coded::<TargetKind>(set.kind)?,
            phase_id: set.phase.map_or(0, |phase| programme.phases[phase]),
            bloc: set.bloc.unwrap_or_default().to_owned(),
            value: set.value,
            bound: if set.at_least { Bound::AtLeast } else { Bound::Exact },
            set_at: set.set_at,
        });
    }
    let events: Vec<_> = rows.iter().map(|row| setting(app.new_id(), row)).collect();
    tx.insert::<target::Entity>(&rows, Conflict::Fail).await?;
    tx.insert::<target_event::Entity>(&events, Conflict::Fail).await?;
    Ok(())
}

/// That a target was set.
fn setting(id: i64, row: &target::Model) -> target_event::Model {
    target_event::Model {
        id,
        target_id: row.id,
        unit_id: row.unit_id,
        programme_id: row.programme_id,
        kind: row.kind,
        phase_id: row.phase_id,
        bloc: row.bloc.clone(),
        value: Some(row.value),
        bound: Some(row.bound),
        at: row.set_at,
        by_id: None,
    }
}
