//! Mutations of units.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result};

use super::perform::{payload, perform};
use super::reorganisation::move_since;
use crate::graphql::batches::{ClusterById, UnitById};
use crate::graphql::cluster::Cluster;
use crate::graphql::enums::UnitKind;
use crate::graphql::scalars::{Date, DateTime};
use crate::graphql::unit::Unit;
use crate::unit::cluster::ClusterSet;
use crate::unit::{CoordinatorSet, UnitCreate, UnitMove, UnitRename};

payload!(UnitCreatePayload { unit: Unit } by UnitById);
payload!(UnitRenamePayload { unit: Unit } by UnitById);
payload!(ClusterSetPayload { cluster: Cluster } by ClusterById);
payload!(UnitMovePayload { unit: Unit } by UnitById);
payload!(CoordinatorSetPayload { unit: Unit } by UnitById);

/// A unit to be founded.
#[derive(InputObject)]
struct UnitCreateInput {
    /// Its code, unique for ever: letters, digits, '-', '_' and '.', at most 40.
    code: String,
    /// Vietnamese name.
    name: String,
    /// English name.
    name_en: Option<String>,
    /// Kind; must be legal below the parent's kind, and one that units were founded of on that day.
    kind: UnitKind,
    /// Code of the unit above.
    parent: String,
    /// Code of the unit that coordinates it.
    coordinator: Option<String>,
    /// Code of a bloc of the federation.
    bloc: Option<String>,
    /// Code of a sector.
    sector: Option<String>,
    /// The day it was founded; moves nothing in time.
    established_on: Option<Date>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// New names of a unit.
#[derive(InputObject)]
struct UnitRenameInput {
    /// Code of the unit.
    unit: String,
    /// Vietnamese name.
    name: String,
    /// English name; left out it stays, null takes it away.
    name_en: MaybeUndefined<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A new place of a unit and everything below it, from now on.
#[derive(InputObject)]
struct UnitMoveInput {
    /// Code of the unit.
    unit: String,
    /// Code of the unit above it from now on.
    parent: String,
    /// Why.
    reason: Option<String>,
    /// An instant in the past at which it took effect; needs an OPERATOR and a reason. Now if left out.
    effective_at: Option<DateTime>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// The coordinator of a unit from now on.
#[derive(InputObject)]
struct CoordinatorSetInput {
    /// Code of the unit.
    unit: String,
    /// Code of the unit that coordinates it from now on; left out, nobody does.
    coordinator: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A cluster as it is to be from now on.
#[derive(InputObject)]
struct ClusterSetInput {
    /// Code of the unit that sets it up.
    unit: String,
    /// Its code, unique in the federation for ever: letters, digits, '-', '_' and '.', at most 40.
    code: String,
    /// The version that the caller saw; left out: a new cluster.
    version: Option<i32>,
    /// Vietnamese name.
    name: String,
    /// Codes of all its members from now on, of any kinds, all of them below the unit; at most 100. An empty list ends
    /// the cluster: its past stays, and so does its code.
    members: Vec<String>,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

#[derive(Default)]
pub struct UnitMutation;

#[Object]
impl UnitMutation {
    /// Founds a unit. Needs ADMIN at the parent or above.
    async fn unit_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] input: UnitCreateInput,
    ) -> Result<UnitCreatePayload> {
        let command = UnitCreate {
            code: input.code,
            name: input.name,
            name_en: input.name_en,
            kind: input.kind.into(),
            parent: input.parent,
            coordinator: input.coordinator,
            bloc: input.bloc,
            sector: input.sector,
            established_on: input.established_on.map(|day| day.0),
        };
        UnitCreatePayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Gives a unit other names; the old ones stay in its history. Needs ADMIN at the unit or above.
    async fn unit_rename(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The names.")] input: UnitRenameInput,
    ) -> Result<UnitRenamePayload> {
        let name_en = match input.name_en {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(String::new()),
            MaybeUndefined::Value(name) => Some(name),
        };
        let command = UnitRename { unit: input.unit, name: input.name, name_en };
        UnitRenamePayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Puts a unit and everything below it under another parent, now. Needs ADMIN at or above the lowest common ancestor of both
    /// parents.
    async fn unit_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place.")] input: UnitMoveInput,
    ) -> Result<UnitMovePayload> {
        let (unit, parent, reason) = (input.unit, input.parent, input.reason);
        let done = match input.effective_at {
            None => perform(ctx, input.idempotency_key, UnitMove { unit, parent, reason }).await?,
            Some(at) => move_since(ctx, input.idempotency_key, unit, parent, reason, at).await?,
        };
        UnitMovePayload::of(ctx, done).await
    }

    /// Says who coordinates a unit beside its parent (phối hợp chỉ đạo), or that nobody does. Nothing is counted along this line, and no
    /// right leads along it. Needs ADMIN at the unit or above.
    async fn coordinator_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The coordinator.")] input: CoordinatorSetInput,
    ) -> Result<CoordinatorSetPayload> {
        let command = CoordinatorSet { unit: input.unit, coordinator: input.coordinator, reason: input.reason };
        CoordinatorSetPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Sets up a cluster of units that compete (cụm, khối thi đua), or gives it another name and other members. Needs ADMIN at the
    /// unit or above.
    async fn cluster_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cluster.")] input: ClusterSetInput,
    ) -> Result<ClusterSetPayload> {
        let command = ClusterSet {
            unit: input.unit,
            code: input.code,
            version: input.version,
            name: input.name,
            members: input.members,
        };
        ClusterSetPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }
}
