//! `Programme`, its parts, and `Target`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use entity::target;

use super::batches::{ProgrammeById, UnitById};
use super::connection::connection;
use super::enums::{Bound, TargetKind, Visibility};
use super::error::expose;
use super::id::NodeId;
use super::operation::operation;
use super::scalars::{Date, DateTime};
use super::unit::Unit;
use crate::error::Error;
use crate::programme::Definition;

connection!(ProgrammeConnection, ProgrammeEdge, Programme, "programmes");

/// A campaign (chương trình).
#[derive(Clone)]
pub struct Programme(pub Arc<Definition>);

impl From<Arc<Definition>> for Programme {
    fn from(definition: Arc<Definition>) -> Programme {
        Programme(definition)
    }
}

/// A campaign (chương trình) with its phases, participant groups and blocs.
#[Object]
impl Programme {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::Programme(self.0.row.id).encode()
    }

    /// Unique (mã chương trình).
    async fn code(&self) -> &str {
        &self.0.row.code
    }

    /// Vietnamese name.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// English name.
    async fn name_en(&self) -> Option<&str> {
        self.0.row.name_en.as_deref()
    }

    /// First day.
    async fn starts_on(&self) -> Date {
        Date(self.0.row.starts_on)
    }

    /// Last day of the plan.
    async fn plan_ends_on(&self) -> Date {
        Date(self.0.row.plan_ends_on)
    }

    /// Who sees its aggregates outside his scope.
    async fn visibility(&self) -> Visibility {
        self.0.row.visibility.into()
    }

    /// Depth of the tree down to which they show there: 0 the root, 1 the direct units.
    async fn public_level(&self) -> i32 {
        self.0.row.public_level
    }

    /// Its phases, in order (giai đoạn).
    async fn phases(&self) -> Vec<Phase> {
        let phases = self.0.phases.iter();
        phases
            .map(|phase| Phase {
                code: phase.code.clone(),
                name: phase.name.clone(),
                applied_from: Date(phase.applied_from),
                applied_to: Date(phase.applied_to),
                entered_from: Date(phase.entered_from),
                entered_to: Date(phase.entered_to),
            })
            .collect()
    }

    /// Its participant groups, in order (nhóm đối tượng).
    async fn groups(&self) -> Vec<ParticipantGroup> {
        let groups = self.0.groups.iter();
        groups.map(|group| ParticipantGroup { code: group.code.clone(), name: group.name.clone() }).collect()
    }

    /// Codes of the blocs that it uses, in order (khối).
    async fn blocs(&self) -> &[String] {
        &self.0.blocs
    }
}

/// A phase (giai đoạn): when an initiative was applied, and when it may be entered; both days inside.
#[derive(SimpleObject, Clone)]
pub struct Phase {
    /// Unique in its programme.
    code: String,
    /// Vietnamese name.
    name: String,
    /// First day of application.
    applied_from: Date,
    /// Last day of application.
    applied_to: Date,
    /// First day of entry.
    entered_from: Date,
    /// Last day of entry.
    entered_to: Date,
}

/// A participant group (nhóm đối tượng).
#[derive(SimpleObject, Clone)]
pub struct ParticipantGroup {
    /// Unique in its programme.
    code: String,
    /// Vietnamese name.
    name: String,
}

/// A target of a unit (chỉ tiêu).
#[derive(Clone)]
pub struct Target {
    pub row: target::Model,
}

impl From<target::Model> for Target {
    fn from(row: target::Model) -> Target {
        Target { row }
    }
}

/// A target of a unit (chỉ tiêu): one cell of unit, programme, kind, phase or none, bloc or none, as last set.
#[Object]
impl Target {
    /// Opaque; a cell keeps it while it is set.
    pub async fn id(&self) -> ID {
        NodeId::Target(self.row.id).encode()
    }

    /// Whose target it is.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Unit> {
        let unit = operation(ctx)?.load::<UnitById>(self.row.unit_id).await.map_err(expose)?;
        unit.map(Unit).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// In which programme.
    async fn programme(&self, ctx: &Context<'_>) -> Result<Programme> {
        let programme = operation(ctx)?.load::<ProgrammeById>(self.row.programme_id).await.map_err(expose)?;
        programme.map(Programme).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// Who set it.
    async fn kind(&self) -> TargetKind {
        self.row.kind.into()
    }

    /// Code of the phase; null: the whole programme.
    async fn phase(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if self.row.phase_id == 0 {
            return Ok(None);
        }
        let programme = operation(ctx)?.load::<ProgrammeById>(self.row.programme_id).await.map_err(expose)?;
        Ok(programme.and_then(|programme| programme.phase_code(self.row.phase_id).map(str::to_owned)))
    }

    /// Code of the bloc; null: every bloc.
    async fn bloc(&self) -> Option<&str> {
        Some(self.row.bloc.as_str()).filter(|bloc| !bloc.is_empty())
    }

    /// How many initiatives.
    async fn value(&self) -> i32 {
        self.row.value
    }

    /// The value itself, or at least that.
    async fn bound(&self) -> Bound {
        self.row.bound.into()
    }

    /// When it was set last.
    async fn set_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime::new(operation(ctx)?.app.config.time_zone, self.row.set_at))
    }
}
