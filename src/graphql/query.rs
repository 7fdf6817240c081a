//! The root of reading.

use async_graphql::{Context, ID, Object, Result};

use super::account::Viewer;
use super::batches::{InitiativeByCode, ProgrammeByCode, ProgrammeById, ReorganisationByCode, UnitByCode};
use super::connection::{args, known};
use super::enums::{self, InitiativeOrder, InitiativeState, UnitKind, UnitOrder};
use super::error::expose;
use super::initiative::Initiative;
use super::lists::{self, InitiativeArgs, InitiativeConnection, UnitConnection};
use super::node::{self, Node};
use super::operation::{Operation, operation};
use super::programme::{Programme, ProgrammeConnection};
use super::reorganisation::{self, Reorganisation, ReorganisationConnection};
use super::scalars::{BigInt, DateTime};
use super::slice::SliceInput;
use super::unit::Unit;
use super::view;
use crate::error::Error;
use crate::initiative::Of;
use crate::programme;
use crate::text::message;
use crate::unit::{UnitFilter, Within};
use std::sync::Arc;

pub struct Query;

/// Most ids in one `nodes`.
const NODES: usize = 100;

/// The root of reading. Lists take exactly one of first and last, from 1 to 100.
#[Object]
impl Query {
    /// Whoever is signed in; null for nobody.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        Ok(operation(ctx)?.viewer.account().map(|account| Viewer { account }))
    }

    /// The object with this id; null where there is none that the viewer may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "An opaque id.")] id: ID) -> Result<Option<Node>> {
        node::find(operation(ctx)?, &id).await
    }

    /// The objects with these ids, at most 100, in their order; null where there is none that the viewer may see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Opaque ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > NODES {
            return Err(expose(Error::BadInput(message!(
                "ids has {n} members; at most {most} are found at once",
                n = ids.len(),
                most = NODES
            ))));
        }
        let op = operation(ctx)?;
        futures_util::future::try_join_all(ids.iter().map(|id| node::find(op, id))).await
    }

    /// The unit with this code; null where there is none that the viewer may see.
    async fn unit(&self, ctx: &Context<'_>, #[graphql(desc = "Its code.")] code: String) -> Result<Option<Unit>> {
        Ok(operation(ctx)?.load::<UnitByCode>(code).await.map_err(expose)?.map(Unit))
    }

    /// The units of one's scope.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a unit: it and everything below.")] within: Option<String>,
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
        let op = operation(ctx)?;
        let owner = unit_id(op, within).await?;
        let within = if owner.is_some() { Within::Unit } else { Within::Scope };
        let (order, as_of) = (order_by.map(Into::into), view::as_of(op, as_of).await?);
        let filter = UnitFilter { within, kinds: enums::list(kind), search, order, as_of };
        lists::units(op, filter, owner.unwrap_or(0), args(first, after, last, before)).await
    }

    /// The programme with this code; null where there is none that the viewer may see.
    async fn programme(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
    ) -> Result<Option<Programme>> {
        Ok(operation(ctx)?.load::<ProgrammeByCode>(code).await.map_err(expose)?.map(Programme))
    }

    /// The programmes, newest first.
    async fn programmes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ProgrammeConnection> {
        let op = operation(ctx)?;
        let page = args(first, after, last, before);
        let viewer = op.viewer;
        let listed = op.read(move |tx| async move {
            Ok((programme::page(&tx, viewer, &page).await?, programme::count(&tx, viewer).await?))
        });
        let (page, total) = listed.await.map_err(expose)?;
        let mut edges = Vec::with_capacity(page.edges.len());
        let loads = page.edges.iter().map(|edge| op.load::<ProgrammeById>(edge.node));
        let found = futures_util::future::try_join_all(loads).await.map_err(expose)?;
        for (edge, programme) in page.edges.iter().zip(found) {
            let programme = programme.ok_or_else(|| expose(Error::id_not_found()))?;
            edges.push(crate::page::Edge { cursor: edge.cursor.clone(), node: Programme(programme) });
        }
        let page =
            crate::page::Page { edges, has_next: page.has_next, has_previous: page.has_previous, until: page.until };
        Ok(ProgrammeConnection::new(page, known(total)))
    }

    /// The reorganisation with this code; null where there is none that the viewer may see.
    async fn reorganisation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
    ) -> Result<Option<Reorganisation>> {
        Ok(operation(ctx)?.load::<ReorganisationByCode>(code).await.map_err(expose)?.map(Reorganisation))
    }

    /// The reorganisations, newest first.
    async fn reorganisations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a unit: those drawn up by it or below.")] within: Option<String>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ReorganisationConnection> {
        let op = operation(ctx)?;
        let owner = unit_id(op, within).await?.unwrap_or(0);
        reorganisation::list(op, owner, args(first, after, last, before)).await
    }

    /// The initiative with this code; null where there is none that the viewer may read.
    async fn initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
    ) -> Result<Option<Initiative>> {
        Ok(operation(ctx)?.load::<InitiativeByCode>(code).await.map_err(expose)?.map(Initiative))
    }

    /// The initiatives that the viewer may read.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a unit: of it and everything below.")] within: Option<String>,
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
        let op = operation(ctx)?;
        let owner = unit_id(op, within).await?;
        let of = if owner.is_some() { Of::Unit } else { Of::All };
        let filter = InitiativeArgs {
            programme,
            slice: slice.unwrap_or_default().into(),
            states: enums::list(state),
            search,
            verified_over: verified_benefit_over,
            order: order_by.map(Into::into),
        };
        lists::initiatives(op, of, owner.unwrap_or(0), filter, args(first, after, last, before)).await
    }
}

/// The id of the unit with the code; NOT_FOUND where the viewer sees none.
async fn unit_id(op: &Arc<Operation>, code: Option<String>) -> Result<Option<i64>> {
    let Some(code) = code else { return Ok(None) };
    let unit = op.load::<UnitByCode>(code.clone()).await.map_err(expose)?;
    Ok(Some(unit.ok_or_else(|| expose(Error::unit_not_found(&code)))?.row.id))
}
