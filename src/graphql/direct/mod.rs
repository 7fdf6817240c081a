//! Hot queries executed by hand. A query whose selection lies wholly within the shapes of [`plan`] (a unit by its code, its direct
//! units, the present roll-ups of both) is compiled once with its variables ([`compile`]), read level by level in a few statements of
//! one snapshot ([`gather`]), and its rows are written straight into the answer ([`write`]).
//!
//! What is read beside the figures ([`Frame`](gather::Frame)) is kept for the next time ([`frames`]): then one statement reads the
//! figures, and tells the generation of definitions in its snapshot. Where that is the frame's, both are of one snapshot; else everything
//! is read anew. Where nothing is known yet, one statement reads both for what a dashboard opens with ([`overview`]).
//!
//! The ordinary executor is what this has to equal, byte for byte: a test compares them on generated queries. Every other query goes
//! there, and so does one in which anything goes wrong, so that errors, their paths and nulls have one source. What shows to whom is
//! decided where it always is: units come through the doors of [`crate::unit`], aggregates through [`crate::access::aggregates`].

mod arguments;
mod collect;
mod compile;
mod frames;
mod gather;
mod overview;
mod plan;
mod rollups;
mod write;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::api::Api;
use super::operation::Operation;
use super::prepare::{OperationKind, Prepared};
use crate::error::{Error, Result};

pub use compile::compile;
pub use frames::Frames;
pub use plan::Plan;

impl Api {
    /// The data of a query as JSON; none where the ordinary executor is to answer.
    pub(super) async fn direct(&self, operation: &Arc<Operation>, prepared: &Prepared) -> Option<Vec<u8>> {
        if self.ordinary || prepared.kind != OperationKind::Query {
            return None;
        }
        let plan = prepared.plan()?;
        if !self.passes(prepared).await {
            return None;
        }
        match operation.alone(self.answer_by_hand(operation, prepared, plan)).await {
            Ok(data) => {
                self.written.fetch_add(1, Ordering::Relaxed);
                Some(data)
            }
            Err(error) => {
                tracing::debug!(%error, "left to the ordinary executor");
                operation.renew().await;
                None
            }
        }
    }

    async fn answer_by_hand(&self, operation: &Operation, prepared: &Prepared, plan: &Plan) -> Result<Vec<u8>> {
        let (frame, figures) = self.frames.read(operation, prepared.call, plan).await?;
        let (rollups, language) = (frame.rollups.found(&figures), operation.caller.labels());
        let answer = write::Answer { frame: &frame, rollups: &rollups, language };
        answer.write(plan).ok_or_else(|| Error::Internal("a number is beyond what the API tells".to_owned()))
    }

    /// How many queries have been executed by hand: for tests.
    #[doc(hidden)]
    pub fn by_hand(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}
