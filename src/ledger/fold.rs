//! The fold on PostgreSQL: queued differences go into what is stored, by whichever server gets to it.

use std::time::Duration;

use entity::rollup_delta;

use super::apply::apply;
use super::delta::Delta;
use super::lock::{lock_tree, try_lock_tree};
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::Tx;

/// Differences in one batch.
const BATCH: usize = 5_000;

/// Between two turns, so that one takes what several writers left; no one waits for it.
const PAUSE: Duration = Duration::from_millis(50);

/// Folds until nothing is left, now and whenever a commit here asks for it; other servers' differences are looked for once a
/// second. Ends with the server.
pub async fn run_folder(app: App) {
    if !app.store.dialect.queues_deltas() {
        return;
    }
    // A batch that is slow is not one that is bad.
    let app = app.unhurried();
    loop {
        if let Err(error) = fold_turn(&app).await {
            app.meter.fold_failed();
            tracing::error!(%error, "the fold failed; it is tried again");
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), app.fold_wanted.notified()).await;
        // Reads count what is queued: nobody waits for the fold, and what is written meanwhile is folded together.
        tokio::time::sleep(PAUSE).await;
    }
}

/// Folds everything that is queued, waiting for the lock; for checks and commands.
pub async fn fold_all(app: &App) -> Result<()> {
    while app.store.dialect.queues_deltas() {
        let tx = app.store.write().await?;
        lock_tree(&tx).await?;
        let folded = fold_batch(&tx, BATCH).await?;
        tx.commit().await?;
        if folded == 0 {
            return Ok(());
        }
        app.meter.folded(folded, app.now());
    }
    Ok(())
}

/// Folds everything that is committed, under the tree's lock that the transaction holds: until it ends, what is stored changes by
/// nobody else.
pub async fn fold_queued(tx: &Tx) -> Result<()> {
    while tx.dialect.queues_deltas() && fold_batch(tx, BATCH).await? > 0 {}
    Ok(())
}

/// Folds batch after batch while there are any and nobody else is at it.
async fn fold_turn(app: &App) -> Result<()> {
    let mut size = BATCH;
    // A look costs nothing that anybody waits for; the lock would.
    while anything_queued(app).await? {
        let tx = app.store.write().await?;
        if !try_lock_tree(&tx).await? {
            return Ok(());
        }
        match fold_batch(&tx, size).await {
            Ok(folded) => {
                tx.commit().await?;
                app.meter.folded(folded, app.now());
                if folded < size {
                    // What has come since waits for the next turn: many differences cost little more than one.
                    return Ok(());
                }
                size = BATCH;
            }
            Err(error) => {
                // Ended before the next try asks for the lock.
                tx.rollback().await?;
                size = smaller_batch(app, error, size).await?;
            }
        }
    }
    Ok(())
}

/// How many to try next after a batch failed: half of them; the one that fails alone is set aside.
async fn smaller_batch(app: &App, error: Error, size: usize) -> Result<usize> {
    if error.is_transient() {
        return Err(error);
    }
    if size > 1 {
        tracing::warn!(%error, size, "a batch of differences cannot be folded; halving it");
        return Ok(size / 2);
    }
    set_first_aside(app, &error).await?;
    Ok(BATCH)
}

async fn anything_queued(app: &App) -> Result<bool> {
    let tx = app.store.read().await?;
    let sql = tx.sql("SELECT id FROM rollup_delta WHERE NOT set_aside LIMIT 1");
    Ok(!tx.ids(sql).await?.is_empty())
}

/// Folds up to `size` differences and answers how many. Under the tree's lock.
async fn fold_batch(tx: &Tx, size: usize) -> Result<usize> {
    let sql = tx.sql(format!(
        "DELETE FROM rollup_delta WHERE id IN (SELECT id FROM rollup_delta WHERE NOT set_aside ORDER BY id LIMIT {size}) \
         RETURNING *"
    ));
    let rows: Vec<rollup_delta::Model> = tx.all(sql).await?;
    if !rows.is_empty() {
        let deltas: Vec<Delta> = rows.iter().map(Delta::from_row).collect();
        apply(tx, &deltas).await?;
    }
    Ok(rows.len())
}

/// Takes the one difference that cannot be folded out of the fold's way. Reads go on counting it.
async fn set_first_aside(app: &App, error: &Error) -> Result<()> {
    let tx = app.store.write().await?;
    lock_tree(&tx).await?;
    let sql = tx.sql(
        "UPDATE rollup_delta SET set_aside = TRUE WHERE id IN \
         (SELECT id FROM rollup_delta WHERE NOT set_aside ORDER BY id LIMIT 1)",
    );
    tx.run(sql).await?;
    tx.commit().await?;
    tracing::error!(%error, "one difference cannot be folded and was set aside; `banyan check` reports it");
    Ok(())
}
