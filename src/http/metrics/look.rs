//! What waits in the database, looked at now and then.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::app::App;
use crate::audit::unsealed;
use crate::error::Result;
use crate::ledger::queue;
use crate::meter::Backlog;
use crate::store::Ages;

/// From one look to the next.
const EVERY: Duration = Duration::from_secs(5);

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks as long as the server runs. A database that does not answer leaves its series out, and nothing else.
pub async fn run(app: App) {
    let mut ages = Ages::default();
    loop {
        let backlog = match timeout(PATIENCE, look(&app, &mut ages)).await {
            Ok(Ok(backlog)) => Some(backlog),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database does not tell the metrics what waits");
                None
            }
            Err(_) => None,
        };
        app.meter.note_backlog(backlog);
        sleep(EVERY).await;
    }
}

async fn look(app: &App, ages: &mut Ages) -> Result<Backlog> {
    let tx = app.store.read().await?;
    let (waiting, set_aside) = queue(&tx).await?;
    Ok(Backlog {
        differences: waiting.rows,
        oldest_difference: ages.of(&waiting, Instant::now()),
        set_aside: set_aside.rows,
        audit_lines: unsealed(&tx).await?.rows,
    })
}
