//! Lists of units and initiatives, wherever they hang.

use async_graphql::Result;

use super::batches::{InitiativeCounts, InitiativePages, ProgrammeByCode, UnitCounts, UnitPages};
use super::connection::{connection, counted};
use super::error::expose;
use super::initiative::Initiative;
use super::operation::Operation;
use super::scalars::BigInt;
use super::unit::Unit;
use crate::error::Error;
use crate::initiative::{InitiativeFilter, InitiativeOrder, Of};
use crate::page::PageArgs;
use crate::programme::Slice;
use crate::unit::UnitFilter;
use std::sync::Arc;

connection!(UnitConnection, UnitEdge, Unit, "units");
connection!(InitiativeConnection, InitiativeEdge, Initiative, "initiatives");

/// A page of units.
pub async fn units(op: &Arc<Operation>, filter: UnitFilter, owner: i64, page: PageArgs) -> Result<UnitConnection> {
    page.limit().map_err(expose)?;
    let loaded = op.load::<UnitPages>(((filter.clone(), page), owner)).await.map_err(expose)?;
    let page = loaded.unwrap_or_default().map(Unit);
    Ok(UnitConnection::new(page, counted::<UnitCounts>((filter, owner))))
}

/// What the fields that list initiatives have in common.
pub struct InitiativeArgs {
    pub programme: Option<String>,
    pub slice: Slice,
    pub states: Option<Vec<entity::enums::InitiativeState>>,
    pub search: Option<String>,
    pub verified_over: Option<BigInt>,
    pub order: Option<InitiativeOrder>,
}

/// A page of initiatives.
pub async fn initiatives(
    op: &Arc<Operation>,
    of: Of,
    owner: i64,
    args: InitiativeArgs,
    page: PageArgs,
) -> Result<InitiativeConnection> {
    page.limit().map_err(expose)?;
    let filter = InitiativeFilter {
        of,
        programme: programme_id(op, args.programme, &args.slice).await?,
        slice: args.slice,
        zone: op.app.config.time_zone,
        states: args.states,
        search: args.search,
        verified_over: args.verified_over.map(|over| over.0),
        order: args.order,
    };
    let loaded = op.load::<InitiativePages>(((filter.clone(), page), owner)).await.map_err(expose)?;
    let page = loaded.unwrap_or_default().map(Initiative);
    Ok(InitiativeConnection::new(page, counted::<InitiativeCounts>((filter, owner))))
}

/// The programme's id; NOT_FOUND where the viewer sees none with the code. A phase, group or bloc that it does not have is refused, as
/// a roll-up refuses it.
async fn programme_id(op: &Arc<Operation>, code: Option<String>, slice: &Slice) -> Result<Option<i64>> {
    let Some(code) = code else { return Ok(None) };
    let programme = op.load::<ProgrammeByCode>(code.clone()).await.map_err(expose)?;
    let programme = programme.ok_or_else(|| expose(Error::programme_not_found(&code)))?;
    slice.resolve(&programme, op.app.config.time_zone).map_err(expose)?;
    Ok(Some(programme.row.id))
}
