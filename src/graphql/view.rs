//! Instants and trees as clients name them.

use std::sync::Arc;

use async_graphql::Result;

use super::enums::Structure;
use super::error::expose;
use super::operation::Operation;
use super::scalars::DateTime;
use crate::error::Error;
use crate::rollup::Lens;
use crate::text::{Message, message};

/// The instant as a roll-up takes it; one that lies after everything is refused.
pub async fn instant(op: &Arc<Operation>, at: Option<DateTime>, refusal: fn() -> Message) -> Result<Option<i64>> {
    let Some(at) = at.map(|at| at.millis()) else { return Ok(None) };
    if at > op.as_of().await.map_err(expose)? {
        return Err(expose(Error::BadInput(refusal())));
    }
    Ok(Some(at))
}

pub async fn as_of(op: &Arc<Operation>, at: Option<DateTime>) -> Result<Option<i64>> {
    instant(op, at, || message!("asOf lies in the future: nobody knows yet what will count then")).await
}

pub async fn compared_to(op: &Arc<Operation>, at: Option<DateTime>) -> Result<Option<i64>> {
    instant(op, at, || message!("comparedTo lies in the future: nobody knows yet what will count then")).await
}

/// The lens; `structureAt` belongs to AT alone.
pub async fn lens(op: &Arc<Operation>, structure: Structure, at: Option<DateTime>) -> Result<Lens> {
    let refused = |message| Err(expose(Error::BadInput(message)));
    match (structure, at) {
        (Structure::Current, None) => Ok(Lens::Current),
        (Structure::AsReported, None) => Ok(Lens::Reported),
        (Structure::At, at @ Some(_)) => {
            let future = || message!("structureAt lies in the future: there is no such tree yet");
            Ok(instant(op, at, future).await?.map_or(Lens::Current, Lens::At))
        }
        (Structure::At, None) => refused(message!("structure AT needs structureAt: the instant of the tree")),
        (_, Some(_)) => refused(message!("structureAt is for structure AT: leave it out, or name structure AT")),
    }
}
