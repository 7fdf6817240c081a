//! When an API token was used last: written beside the requests, and rarely.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::app::{App, KnownToken};
use crate::error::Result;

/// How old a stored last use may be before it is written anew, in milliseconds.
const GRAIN: i64 = 60_000;

/// Writes the use soon, unless the stored one is young or a write of it is under way.
pub(super) fn note(app: &App, row: &Arc<KnownToken>) {
    let (token, now) = (row.id, app.now());
    let used_at = row.last_used_at.unwrap_or(0).max(row.noted_at.load(Ordering::Relaxed));
    if now.saturating_sub(used_at) < GRAIN {
        return;
    }
    if !app.noting.lock().unwrap_or_else(PoisonError::into_inner).insert(token) {
        return;
    }
    let (app, row) = (app.clone(), row.clone());
    tokio::spawn(async move {
        match write(&app, token, now).await {
            // What is known of the token is not read again for that.
            Ok(()) => row.noted_at.store(now, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the last use of a token was not written"),
        }
        app.noting.lock().unwrap_or_else(PoisonError::into_inner).remove(&token);
    });
}

async fn write(app: &App, token: i64, at: i64) -> Result<()> {
    let tx = app.store.write().await?;
    let mut sql = tx.sql("UPDATE token SET last_used_at = ");
    let (at, id) = (sql.bind(at), sql.bind(token));
    sql.push(&format!("{at} WHERE id = {id} AND (last_used_at IS NULL OR last_used_at < {at})"));
    tx.run(sql).await?;
    tx.commit().await
}
