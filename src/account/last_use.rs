//! When an API token was used last: written beside the requests, and rarely.

use std::sync::PoisonError;

use crate::app::App;
use crate::error::Result;

/// How old a stored last use may be before it is written anew, in milliseconds.
const GRAIN: i64 = 60_000;

/// Writes the use soon, unless the stored one is young or a write of it is under way.
pub(super) fn note(app: &App, token: i64, stored: Option<i64>) {
    let now = app.now();
    if stored.is_some_and(|at| now.saturating_sub(at) < GRAIN) {
        return;
    }
    if !app.noting.lock().unwrap_or_else(PoisonError::into_inner).insert(token) {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = write(&app, token, now).await {
            tracing::warn!(%error, "the last use of a token was not written");
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
