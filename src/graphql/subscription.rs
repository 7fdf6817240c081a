//! The root of subscribing. Each event is an operation of its own: a resolver runs once for each, and answers one value or none.

use std::sync::{Arc, OnceLock};

use async_graphql::{Context, Result, Subscription as Object};
use futures_util::Stream;
use futures_util::stream::iter;

use super::batches::{InitiativeById, ProgrammeByCode, UnitByCode};
use super::error::expose;
use super::initiative::Initiative;
use super::operation::{Operation, operation};
use super::rollup::{self, Rollup};
use super::slice::SliceInput;
use crate::error::Error;
use crate::feed::{Interest, What};
use crate::rollup::Lens;
use crate::unit::SeenUnit;

/// Why a subscription is executed.
#[derive(Default)]
pub struct Occasion {
    /// The initiative that changed; none at the beginning.
    pub initiative: Option<i64>,
    /// What the subscription is about, told by its resolver.
    pub interest: OnceLock<Interest>,
    /// The version of the initiative that was told.
    pub version: OnceLock<i32>,
}

impl Occasion {
    pub fn of_initiative(id: i64) -> Occasion {
        Occasion { initiative: Some(id), ..Occasion::default() }
    }
}

pub struct Subscription;

/// The root of subscribing, by graphql-transport-ws or as text/event-stream. What the viewer may see is asked anew at each event.
#[Object]
impl Subscription {
    /// The roll-up of a unit: its present value first, then whenever it has changed, at most a few times a second.
    async fn rollup_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the unit.")] unit: String,
        #[graphql(desc = "Code of the programme.")] programme: String,
        #[graphql(desc = "Which initiatives; all if left out.")] slice: Option<SliceInput>,
    ) -> Result<impl Stream<Item = Rollup>> {
        let op = operation(ctx)?;
        let unit = seen_unit(op, unit).await?;
        let rollup =
            rollup::of_unit(op, &unit, &programme, slice.unwrap_or_default().into(), None, Lens::Current).await?;
        let rollup = rollup.ok_or_else(|| expose(Error::programme_not_found(&programme)))?;
        let programme = Some(rollup.programme_id());
        about(ctx, Interest { what: What::Rollup, unit: unit.row.id, programme })?;
        Ok(iter(Some(rollup)))
    }

    /// Every change of an initiative of a unit or of one below it that the viewer may read, as it is then; changes of one
    /// initiative that follow each other closely are told as one.
    async fn initiative_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the unit.")] within: String,
        #[graphql(desc = "Code of the programme; all of them if left out.")] programme: Option<String>,
    ) -> Result<impl Stream<Item = Initiative>> {
        let op = operation(ctx)?;
        let unit = seen_unit(op, within).await?;
        let programme = match programme {
            Some(code) => {
                let found = op.load::<ProgrammeByCode>(code.clone()).await.map_err(expose)?;
                Some(found.ok_or_else(|| expose(Error::programme_not_found(&code)))?.row.id)
            }
            None => None,
        };
        about(ctx, Interest { what: What::Initiatives, unit: unit.row.id, programme })?;
        let occasion = ctx.data::<Arc<Occasion>>()?;
        let Some(id) = occasion.initiative else { return Ok(iter(None)) };
        let changed = op.load::<InitiativeById>(id).await.map_err(expose)?;
        if let Some(row) = &changed {
            let _ = occasion.version.set(row.version);
        }
        Ok(iter(changed.map(Initiative)))
    }
}

async fn seen_unit(op: &Arc<Operation>, code: String) -> Result<Arc<SeenUnit>> {
    let unit = op.load::<UnitByCode>(code.clone()).await.map_err(expose)?;
    unit.ok_or_else(|| expose(Error::unit_not_found(&code)))
}

fn about(ctx: &Context<'_>, interest: Interest) -> Result<()> {
    // The same at every event: codes are given once and for ever.
    let _ = ctx.data::<Arc<Occasion>>()?.interest.set(interest);
    Ok(())
}
