//! What a server does for the audit log in the background: seal, tell what was left out, take old lines away.

use std::time::Duration;

use super::heads::keep;
use super::origin::Origin;
use super::prune::prune;
use super::refusal::record_left_out;
use super::seal::{Turn, seal};
use crate::app::App;
use crate::error::Result;

/// How often lines are sealed.
const EVERY: Duration = Duration::from_secs(5);
/// How often old lines are looked for, milliseconds.
const PRUNE_EVERY: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Keeps the log sealed. Any number of servers may run it on one database: one of them at a time does the work. Ends with the
/// server.
pub async fn run_sealer(app: App) {
    let mut pruned_at = None;
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = turn(&app, &mut pruned_at).await {
            tracing::error!(%error, "the audit log was not sealed; it is tried again");
        }
    }
}

async fn turn(app: &App, pruned_at: &mut Option<i64>) -> Result<()> {
    record_left_out(app).await?;
    keep(app, &seal(app, Turn::Leave).await?).await;
    let Some(days) = app.config.audit.audit_retention_days else { return Ok(()) };
    let now = app.now();
    if pruned_at.is_none_or(|at| now - at >= PRUNE_EVERY) {
        let pruned = prune(app, &Origin::SERVER, now.saturating_sub(days.saturating_mul(DAY)), Turn::Leave).await?;
        if pruned.lines > 0 {
            tracing::info!(
                lines = pruned.lines,
                through = pruned.through,
                "old lines of the audit log were taken away"
            );
        }
        *pruned_at = Some(now);
    }
    Ok(())
}
