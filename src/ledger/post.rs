//! Where writers hand in their differences.

use super::apply::apply;
use super::delta::Delta;
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// More than these are written by a statement of their own.
const FEW: usize = 500;

/// Adds the differences to the roll-ups: on PostgreSQL by queueing them, so that no two writers wait for each other; on SQLite,
/// which has one writer, at once.
pub async fn post(app: &App, tx: &Tx, deltas: &[Delta]) -> Result<()> {
    if deltas.is_empty() {
        return Ok(());
    }
    if !tx.dialect.queues_deltas() {
        return apply(tx, deltas).await;
    }
    let rows: Vec<_> = deltas.iter().map(|delta| delta.into_row(app.new_id())).collect();
    match rows.len() {
        ..=FEW => tx.insert_later::<entity::rollup_delta::Entity>(&rows).await,
        _ => tx.insert::<entity::rollup_delta::Entity>(&rows, Conflict::Fail).await.map(drop),
    }
}
