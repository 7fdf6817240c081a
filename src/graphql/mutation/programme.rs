//! Mutations of programmes and targets.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::perform::{UserError, payload, perform};
use crate::graphql::batches::{ProgrammeById, TargetById};
use crate::graphql::enums::{Bound, TargetKind, Visibility};
use crate::graphql::id::NodeId;
use crate::graphql::programme::{Programme, Target};
use crate::graphql::scalars::Date;
use crate::programme::target::{TargetClear, TargetSet};
use crate::programme::{GroupInput, PhaseInput as Phase, ProgrammeCreate};

payload!(ProgrammeCreatePayload { programme: Programme } by ProgrammeById);
payload!(TargetSetPayload { target: Target } by TargetById);

/// A programme to be made.
#[derive(InputObject)]
struct ProgrammeCreateInput {
    /// Its code, unique.
    code: String,
    /// Vietnamese name.
    name: String,
    /// English name.
    name_en: Option<String>,
    /// First day.
    starts_on: Date,
    /// Last day of the plan.
    plan_ends_on: Date,
    /// Who sees its aggregates outside his scope.
    visibility: Visibility,
    /// Depth of the tree down to which they show there: 0 the root, 1 the direct units.
    #[graphql(default = 1)]
    public_level: i32,
    /// Its phases, in order; at least one.
    phases: Vec<PhaseInput>,
    /// Its participant groups, in order; at least one.
    groups: Vec<ParticipantGroupInput>,
    /// Codes of the blocs that it uses. A code that is new joins the federation's list.
    blocs: Option<Vec<String>>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A phase of a new programme; both days inside.
#[derive(InputObject)]
struct PhaseInput {
    /// Unique in the programme.
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

/// A participant group of a new programme.
#[derive(InputObject)]
struct ParticipantGroupInput {
    /// Unique in the programme.
    code: String,
    /// Vietnamese name.
    name: String,
}

/// A target to be set.
#[derive(InputObject)]
struct TargetSetInput {
    /// Code of the unit.
    unit: String,
    /// Code of the programme.
    programme: String,
    /// GUIDELINE is set from above, REGISTERED and PLANNED by the unit.
    kind: TargetKind,
    /// Code of a phase; left out: the whole programme.
    phase: Option<String>,
    /// Code of a bloc; left out: every bloc.
    bloc: Option<String>,
    /// How many initiatives, 1 or more.
    value: i32,
    /// The value itself, or at least that.
    #[graphql(default_with = "Bound::Exact")]
    bound: Bound,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A target to be taken away.
#[derive(InputObject)]
struct TargetClearInput {
    /// Its id.
    id: ID,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct TargetClearPayload {
    /// The id of the target that was taken away; null where nothing was changed.
    id: Option<ID>,
    /// What the caller can mend; empty: done, all of it.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ProgrammeMutation;

#[Object]
impl ProgrammeMutation {
    /// Makes a programme. Needs OPERATOR at the root.
    async fn programme_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The programme.")] input: ProgrammeCreateInput,
    ) -> Result<ProgrammeCreatePayload> {
        let phase = |phase: PhaseInput| Phase {
            code: phase.code,
            name: phase.name,
            applied_from: phase.applied_from.0,
            applied_to: phase.applied_to.0,
            entered_from: phase.entered_from.0,
            entered_to: phase.entered_to.0,
        };
        let command = ProgrammeCreate {
            code: input.code,
            name: input.name,
            name_en: input.name_en,
            starts_on: input.starts_on.0,
            plan_ends_on: input.plan_ends_on.0,
            visibility: input.visibility.into(),
            public_level: input.public_level,
            phases: input.phases.into_iter().map(phase).collect(),
            groups: input.groups.into_iter().map(|group| GroupInput { code: group.code, name: group.name }).collect(),
            blocs: input.blocs.unwrap_or_default(),
        };
        ProgrammeCreatePayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Sets a target. GUIDELINE needs ADMIN above the unit (at the root OPERATOR), the others ADMIN at the unit or above.
    async fn target_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The target.")] input: TargetSetInput,
    ) -> Result<TargetSetPayload> {
        let command = TargetSet {
            unit: input.unit,
            programme: input.programme,
            kind: input.kind.into(),
            phase: input.phase,
            bloc: input.bloc,
            value: input.value,
            at_least: input.bound == Bound::AtLeast,
        };
        TargetSetPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Takes a target away. Needs what setting it needs.
    async fn target_clear(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The target.")] input: TargetClearInput,
    ) -> Result<TargetClearPayload> {
        // What is no target's id names no target.
        let id = match NodeId::decode(&input.id) {
            Some(NodeId::Target(id)) => id,
            _ => 0,
        };
        match perform(ctx, input.idempotency_key, TargetClear { id }).await? {
            Ok(id) => Ok(TargetClearPayload { id: Some(NodeId::Target(id).encode()), user_errors: Vec::new() }),
            Err(user_errors) => Ok(TargetClearPayload { id: None, user_errors }),
        }
    }
}
