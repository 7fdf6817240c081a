//! `Unit`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entity::enums::UnitKind as Kind;

use super::account::{Grant, GrantConnection};
use super::audit::{self, AuditArgs, AuditConnection, AuditOutcome};
use super::batches::{
    Ancestors, AncestorsAt, Histories, OfficerCounts, OfficerPages, ParentAt, Predecessors, Successors, TargetsOfUnit,
    UnitActions, UnitById, UnitKey,
};
use super::cluster::{self, ClusterConnection};
use super::connection::{args, counted};
use super::enums::{self, Action, Depth, InitiativeOrder, InitiativeState, Measure, Structure, UnitKind, UnitOrder};
use super::era::UnitEra;
use super::error::expose;
use super::id::NodeId;
use super::lists::{self, InitiativeArgs, InitiativeConnection, UnitConnection};
use super::operation::operation;
use super::programme::Target;
use super::ranking::{self, Race, Ranking, RankingConnection};
use super::rollup::{self, Rollup};
use super::scalars::{BigInt, Date, DateTime};
use super::slice::SliceInput;
use super::view;
use crate::access::Aggregates;
use crate::initiative::Of;
use crate::unit::cluster::Which;
use crate::unit::{SeenUnit, UnitFilter, Within};

/// A unit of the federation (đơn vị, cấp công đoàn): one tenant, a node of the tree.
#[derive(Clone)]
pub struct Unit(pub Arc<SeenUnit>);

impl From<Arc<SeenUnit>> for Unit {
    fn from(seen: Arc<SeenUnit>) -> Unit {
        Unit(seen)
    }
}

impl Unit {
    /// Those of the units that show.
    async fn relatives(&self, ctx: &Context<'_>, found: Option<Vec<i64>>) -> Result<Vec<Unit>> {
        let op = operation(ctx)?;
        let loads = found.unwrap_or_default().into_iter().map(|id| op.load::<UnitById>(id));
        let units = futures_util::future::try_join_all(loads).await.map_err(expose)?;
        Ok(units.into_iter().flatten().map(Unit).collect())
    }

    /// A value that shows only where a grant covers the unit.
    fn within<T>(&self, value: Option<T>) -> Option<T> {
        value.filter(|_| self.0.in_scope())
    }
}

fn kinds(kind: Option<Vec<UnitKind>>) -> Option<Vec<Kind>> {
    enums::list(kind)
}

/// A unit of the federation (đơn vị, cấp công đoàn): one tenant, a node of the tree. Outside one's scope only its public face
/// shows: id, code, names, kind, parent, children; and what programmes make visible of its aggregates and targets. Everything
/// else is null or empty.
#[Object]
impl Unit {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::Unit(self.0.row.id).encode()
    }

    /// Unique for ever, never given to another unit (mã đơn vị).
    async fn code(&self) -> &str {
        &self.0.row.code
    }

    /// Vietnamese name (tên).
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// English name.
    async fn name_en(&self) -> Option<&str> {
        self.0.row.name_en.as_deref()
    }

    /// Kind (loại đơn vị).
    async fn kind(&self) -> UnitKind {
        self.0.row.kind.into()
    }

    /// Code of its bloc (khối).
    async fn bloc(&self) -> Option<&str> {
        self.within(self.0.row.bloc.as_deref())
    }

    /// Code of its sector (ngành).
    async fn sector(&self) -> Option<&str> {
        self.within(self.0.row.sector.as_deref())
    }

    /// The day it was founded.
    async fn established_on(&self) -> Option<Date> {
        self.within(self.0.row.established_on.map(Date))
    }

    /// The day it ended.
    async fn dissolved_on(&self) -> Option<Date> {
        self.within(self.0.row.dissolved_on.map(Date))
    }

    /// The unit above (cấp trên trực tiếp); null for the root. Of a unit that has ended the last one.
    async fn parent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In the tree of this instant, as known today; now if left out.")] as_of: Option<DateTime>,
    ) -> Result<Option<Unit>> {
        let op = operation(ctx)?;
        let parent = match view::as_of(op, as_of).await? {
            None => self.0.row.parent_id,
            Some(at) => op.load::<ParentAt>((at, self.0.row.id)).await.map_err(expose)?,
        };
        let Some(parent) = parent else { return Ok(None) };
        Ok(op.load::<UnitById>(parent).await.map_err(expose)?.map(Unit))
    }

    /// The units that it followed: by merger, split or dissolution.
    async fn predecessors(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        let found = operation(ctx)?.load::<Predecessors>(self.0.row.id).await.map_err(expose)?;
        self.relatives(ctx, found).await
    }

    /// The units that followed it, and have what was its own.
    async fn successors(&self, ctx: &Context<'_>) -> Result<Vec<Unit>> {
        let found = operation(ctx)?.load::<Successors>(self.0.row.id).await.map_err(expose)?;
        self.relatives(ctx, found).await
    }

    /// What it was when: codes, names, kinds and parents with their periods, as known today, oldest first. Empty outside one's scope.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<UnitEra>> {
        let Some(id) = self.within(Some(self.0.row.id)) else { return Ok(Vec::new()) };
        let eras = operation(ctx)?.load::<Histories>(id).await.map_err(expose)?;
        Ok(eras.unwrap_or_default().into_iter().map(UnitEra).collect())
    }

    /// The unit that coordinates it beside its parent (phối hợp chỉ đạo); nothing is counted along this line.
    async fn coordinator(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let Some(coordinator) = self.within(self.0.row.coordinator_id) else { return Ok(None) };
        Ok(operation(ctx)?.load::<UnitById>(coordinator).await.map_err(expose)?.map(Unit))
    }

    /// The units above, root first.
    async fn ancestors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In the tree of this instant, as known today; now if left out.")] as_of: Option<DateTime>,
    ) -> Result<Vec<Unit>> {
        let op = operation(ctx)?;
        let found = match view::as_of(op, as_of).await? {
            None => op.load::<Ancestors>(self.0.row.id).await.map_err(expose)?,
            Some(at) => op.load::<AncestorsAt>((at, self.0.row.id)).await.map_err(expose)?,
        };
        Ok(found.unwrap_or_default().into_iter().map(Unit).collect())
    }

    /// Direct units, by name unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any of these kinds.")] kind: Option<Vec<UnitKind>>,
        #[graphql(desc = "NAME_ASC if left out.")] order_by: Option<UnitOrder>,
        #[graphql(desc = "Those of the tree of this instant, as known today; now if left out.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<UnitConnection> {
        let (op, order) = (operation(ctx)?, order_by.map(Into::into));
        let as_of = view::as_of(op, as_of).await?;
        let filter = UnitFilter { within: Within::Children, kinds: kinds(kind), search: None, order, as_of };
        lists::units(op, filter, self.0.row.id, args(first, after, last, before)).await
    }

    /// Everything below that is in one's scope.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn descendants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any of these kinds.")] kind: Option<Vec<UnitKind>>,
        #[graphql(desc = "Words of the name, with or without diacritics, or of the code.")] search: Option<String>,
        #[graphql(desc = "NAME_ASC if left out.")] order_by: Option<UnitOrder>,
        #[graphql(desc = "Those of the tree of this instant, as known today; now if left out.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<UnitConnection> {
        let (op, order) = (operation(ctx)?, order_by.map(Into::into));
        let as_of = view::as_of(op, as_of).await?;
        let filter = UnitFilter { within: Within::Below, kinds: kinds(kind), search, order, as_of };
        lists::units(op, filter, self.0.row.id, args(first, after, last, before)).await
    }

    /// Initiatives of the unit and everything below that the viewer may read.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a programme.")] programme: Option<String>,
        #[graphql(desc = "Which phases, groups, blocs, kinds.")] slice: Option<SliceInput>,
        #[graphql(desc = "Any of these states.")] state: Option<Vec<InitiativeState>>,
        #[graphql(desc = "Words of the title, with or without diacritics, or of the code.")] search: Option<String>,
        #[graphql(desc = "APPROVED with more verified benefit than this, VND.")] verified_benefit_over: Option<BigInt>,
        #[graphql(desc = "SUBMITTED_AT_DESC if left out.")] order_by: Option<InitiativeOrder>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<InitiativeConnection> {
        let filter = InitiativeArgs {
            programme,
            slice: slice.unwrap_or_default().into(),
            states: enums::list(state),
            search,
            verified_over: verified_benefit_over,
            order: order_by.map(Into::into),
        };
        let page = args(first, after, last, before);
        lists::initiatives(operation(ctx)?, Of::Unit, self.0.row.id, filter, page).await
    }

    /// Its targets in a programme (chỉ tiêu).
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the programme.")] programme: String,
    ) -> Result<Vec<Target>> {
        let op = operation(ctx)?;
        let Some((programme, _)) = rollup::visible(op, &self.0, &programme, Aggregates::Public).await? else {
            return Ok(Vec::new());
        };
        let targets = op.load::<TargetsOfUnit>((programme.row.id, self.0.row.id)).await.map_err(expose)?;
        Ok(targets.unwrap_or_default().into_iter().map(|row| Target { row }).collect())
    }

    /// Grants on this very unit: all for its admins and those above, others see their own.
    async fn officers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<GrantConnection> {
        let page = args(first, after, last, before);
        page.limit().map_err(expose)?;
        let id = self.0.row.id;
        let loaded = operation(ctx)?.load::<OfficerPages>((page, id)).await.map_err(expose)?;
        Ok(GrantConnection::new(loaded.unwrap_or_default().map(Grant), counted::<OfficerCounts>(id)))
    }

    /// The audit log of the unit and everything below it (nhật ký kiểm toán), the newest line first. For ADMINs at the unit or above
    /// and OPERATORs; null for everybody else.
    #[expect(clippy::too_many_arguments, reason = "filters and paging")]
    async fn audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this action, such as unitRename.")] action: Option<String>,
        #[graphql(desc = "Only what this account did or tried: its id.")] actor: Option<ID>,
        #[graphql(desc = "Any of these outcomes.")] outcome: Option<Vec<AuditOutcome>>,
        #[graphql(desc = "From this instant on.")] from: Option<DateTime>,
        #[graphql(desc = "Before this instant.")] to: Option<DateTime>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<Option<AuditConnection>> {
        let asked = AuditArgs { action, actor, outcome, from, to };
        audit::of_unit(operation(ctx)?, self.0.row.id, asked, args(first, after, last, before)).await
    }

    /// What the viewer may do here, so that screens need not guess.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let actions = operation(ctx)?.load::<UnitActions>(UnitKey(self.0.clone())).await.map_err(expose)?;
        Ok(actions.unwrap_or_default().into_iter().map(Action::from).collect())
    }

    /// What the unit and everything below it add up to in a programme, now or at an instant. Null where the viewer may not see it.
    async fn rollup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the programme.")] programme: String,
        #[graphql(desc = "Which phases, groups, blocs, kinds, days.")] slice: Option<SliceInput>,
        #[graphql(desc = "Events before this instant count; all of them if left out.")] as_of: Option<DateTime>,
        #[graphql(desc = "By which tree.", default_with = "Structure::Current")] structure: Structure,
        #[graphql(desc = "The instant of the tree, for structure AT.")] structure_at: Option<DateTime>,
    ) -> Result<Option<Rollup>> {
        let op = operation(ctx)?;
        let (as_of, lens) = (view::as_of(op, as_of).await?, view::lens(op, structure, structure_at).await?);
        let rollup = rollup::of_unit(op, &self.0, &programme, slice.unwrap_or_default().into(), as_of, lens).await?;
        match rollup {
            Some(rollup) => rollup.with_measures(ctx).await.map(Some),
            None => Ok(None),
        }
    }

    /// The clusters that it set up (cụm, khối thi đua), by code, those without members too.
    async fn clusters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ClusterConnection> {
        cluster::of_unit(operation(ctx)?, Which::Owned, self.0.row.id, args(first, after, last, before)).await
    }

    /// The clusters that it belongs to now (cụm, khối thi đua), by code.
    async fn member_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ClusterConnection> {
        cluster::of_unit(operation(ctx)?, Which::Joined, self.0.row.id, args(first, after, last, before)).await
    }

    /// Its place among its siblings, or in a named cluster (xếp hạng trong cụm), whose members and values are taken at each of the
    /// two instants. Null unless the aggregates of the whole cluster show, where it does not belong to the named one, and where it
    /// did not stand in the tree that is asked for.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn ranking(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the programme.")] programme: String,
        #[graphql(desc = "What decides.", default_with = "Measure::Approved")] by: Measure,
        #[graphql(desc = "Code of a cluster; its siblings if left out.")] among: Option<String>,
        #[graphql(desc = "Which phases, groups, blocs, kinds, days.")] slice: Option<SliceInput>,
        #[graphql(desc = "Events before this instant count; all of them if left out.")] as_of: Option<DateTime>,
        #[graphql(desc = "Another instant, for the previous rank.")] compared_to: Option<DateTime>,
        #[graphql(
            desc = "By which tree: who its siblings are, and what counts for whom.",
            default_with = "Structure::Current"
        )]
        structure: Structure,
        #[graphql(desc = "The instant of the tree, for structure AT.")] structure_at: Option<DateTime>,
    ) -> Result<Option<Ranking>> {
        let op = operation(ctx)?;
        let lens = view::lens(op, structure, structure_at).await?;
        let asked = Race::of(op, by.into(), slice.unwrap_or_default().into(), as_of, compared_to, lens).await?;
        match among {
            None => ranking::of_unit(op, &self.0, &programme, asked).await,
            Some(cluster) => ranking::of_unit_among(op, &self.0, &programme, asked, cluster).await,
        }
    }

    /// The ranking of what stands below, best first, ties by code. Null unless all of their aggregates show.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn leaderboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the programme.")] programme: String,
        #[graphql(desc = "What decides.", default_with = "Measure::Approved")] by: Measure,
        #[graphql(desc = "Direct units, or everything below.", default_with = "Depth::Children")] depth: Depth,
        #[graphql(desc = "Only these kinds: narrows the cluster.")] kind: Option<Vec<UnitKind>>,
        #[graphql(desc = "Which phases, groups, blocs, kinds, days.")] slice: Option<SliceInput>,
        #[graphql(desc = "Events before this instant count; all of them if left out.")] as_of: Option<DateTime>,
        #[graphql(desc = "Another instant, for the previous ranks.")] compared_to: Option<DateTime>,
        #[graphql(
            desc = "By which tree: who stands below, and what counts for whom.",
            default_with = "Structure::Current"
        )]
        structure: Structure,
        #[graphql(desc = "The instant of the tree, for structure AT.")] structure_at: Option<DateTime>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<Option<RankingConnection>> {
        let cluster = crate::rollup::Cluster { direct: depth == Depth::Children, kinds: kinds(kind) };
        let op = operation(ctx)?;
        let lens = view::lens(op, structure, structure_at).await?;
        let asked = Race::of(op, by.into(), slice.unwrap_or_default().into(), as_of, compared_to, lens).await?;
        ranking::leaderboard(op, &self.0, &programme, asked, cluster, args(first, after, last, before)).await
    }
}
