//! How much waits to be folded.

use crate::error::Result;
use crate::store::{Tx, Waiting};

/// Differences that wait, and those that cannot be folded.
pub async fn queue(tx: &Tx) -> Result<(Waiting, Waiting)> {
    Ok((tx.waiting("rollup_delta", "NOT set_aside").await?, tx.waiting("rollup_delta", "set_aside").await?))
}
