//! What queries read beside figures, kept while the generation of definitions stays: for the next execution, not for an answer.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::gather::{Frame, gather};
use super::overview;
use super::plan::Plan;
use super::rollups::Figures;
use crate::access::Viewer;
use crate::error::{Error, Result};
use crate::graphql::again::CallDigest;
use crate::graphql::operation::Operation;
use crate::store::{Generation, Topic, Tx};

/// About the size of a frame, bytes.
const FRAME: usize = 8_000;

/// Everything that a frame depends on beside the database.
type Key = (CallDigest, Viewer);

#[derive(Clone)]
enum Kept {
    /// It was asked once: what is not asked again is not kept.
    Asked,
    In(Generation, Arc<Frame>),
}

/// Kept frames; cheap to clone. None are kept where there is no memory for them.
#[derive(Clone)]
pub struct Frames(Option<Arc<Cache<Key, Kept, ByBytes>>>);

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Kept> for ByBytes {
    fn weight(&self, _key: &Key, kept: &Kept) -> u64 {
        let frame = if let Kept::In(_, frame) = kept { frame.bytes() } else { 0 };
        (frame + size_of::<Key>() + size_of::<Kept>()) as u64
    }
}

impl Frames {
    /// Keeps up to so many bytes.
    pub fn new(bytes: u64) -> Frames {
        let number = usize::try_from(bytes).unwrap_or(usize::MAX) / FRAME;
        Frames((bytes > 0).then(|| Arc::new(Cache::with_weighter(number.max(16), bytes, ByBytes))))
    }

    /// The plan's frame and figures, both in one snapshot.
    pub async fn read(&self, operation: &Operation, call: CallDigest, plan: &Plan) -> Result<(Arc<Frame>, Figures)> {
        let (viewer, zone) = (operation.viewer, operation.app.config.time_zone);
        let key = (call, viewer);
        let before = self.0.as_ref().and_then(|kept| kept.get(&key));
        // Of an instant nothing is read by itself later.
        if (before.is_none() || plan.latest().is_some())
            && let Some(read) = overview::read(operation, plan).await?
        {
            if let Some(kept) = &self.0 {
                kept.insert(key, Kept::Asked);
            }
            return Ok(read);
        }
        let Some((kept, before)) = self.0.as_ref().zip(before) else {
            let tx = snapshot(operation, plan).await?;
            let frame = gather(&tx, viewer, zone, plan).await?;
            let figures = frame.rollups.read(&tx).await?;
            if let Some(kept) = &self.0 {
                kept.insert(key, Kept::Asked);
            }
            return Ok((Arc::new(frame), figures));
        };
        if let Kept::In(generation, frame) = &before
            && let Some((seen, figures)) = frame.rollups.read_alone(&operation.app.store).await?
            && seen == *generation
        {
            operation.read_beside(figures.statements);
            return Ok((frame.clone(), figures));
        }
        let tx = snapshot(operation, plan).await?;
        let generation = tx.generation(Topic::Definitions).await?;
        let frame = match before {
            Kept::In(of, frame) if generation == Some(of) => frame,
            _ => {
                let frame = Arc::new(gather(&tx, viewer, zone, plan).await?);
                if let Some(generation) = generation {
                    kept.insert(key, Kept::In(generation, frame.clone()));
                }
                frame
            }
        };
        let figures = frame.rollups.read(&tx).await?;
        Ok((frame, figures))
    }
}

/// The operation's snapshot, which sees everything before the instants that the plan asks for; an error where one lies in the future.
async fn snapshot(operation: &Operation, plan: &Plan) -> Result<Arc<Tx>> {
    let tx = operation.snapshot().await?;
    if let Some(latest) = plan.latest()
        && latest > tx.as_of(&operation.app.clock).await?
    {
        return Err(Error::Internal("an instant that is asked for lies in the future".to_owned()));
    }
    Ok(tx)
}
