//! Ending statements that take too long: on SQLite by its progress handler, on PostgreSQL by a limit of the session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Sqlite;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnection, SqlitePoolOptions};

use super::single::Deadline;
use super::stamp::WRITE_LIMIT;
use super::{Dialect, Store, Tx};
use crate::error::Result;

/// After so many steps of SQLite's machine, well under a millisecond, the handler looks at the clock.
const STEPS: i32 = 10_000;

/// Ends whatever runs on a connection longer than the limit after it was taken out of the pool.
pub(super) fn bounded(pool: SqlitePoolOptions, limit: Option<Duration>) -> PoolOptions<Sqlite> {
    let Some(limit) = limit else { return pool };
    // Nobody can hang up on a file: asking whether the connection lives would only cost time.
    pool.test_before_acquire(false)
        .after_connect(move |connection, _| Box::pin(bound(connection, limit)))
        .before_acquire(move |connection, _| {
            Box::pin(async move {
                bound(connection, limit).await?;
                Ok(true)
            })
        })
}

async fn bound(connection: &mut SqliteConnection, limit: Duration) -> std::result::Result<(), sqlx::Error> {
    let until = Instant::now() + limit;
    connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < until);
    Ok(())
}

/// Ends whatever runs on a connection once its deadline is over.
pub(super) async fn until(
    connection: &mut SqliteConnection,
    deadline: Arc<Deadline>,
) -> std::result::Result<(), sqlx::Error> {
    connection.lock_handle().await?.set_progress_handler(STEPS, move || !deadline.is_over());
    Ok(())
}

impl Store {
    /// For work in the background, which takes as long as it takes. SQLite's connections stay bounded.
    pub fn unhurried(&self) -> Store {
        Store { limit: None, ..self.clone() }
    }

    /// What a write transaction on PostgreSQL has to set, so that it ends where its process hangs, and its statements by their limit.
    pub(super) fn bounds(&self) -> Option<String> {
        if self.dialect == Dialect::Sqlite {
            return None;
        }
        let statements = (self.sessions != self.limit).then(|| {
            let limit = self.limit.map_or(0, |limit| limit.as_millis());
            format!("SET LOCAL statement_timeout = {limit}")
        });
        let idle = self.sessions.is_none().then(|| {
            let limit = WRITE_LIMIT.as_millis();
            format!("SET LOCAL idle_in_transaction_session_timeout = {limit}")
        });
        let bounds: Vec<String> = statements.into_iter().chain(idle).collect();
        (!bounds.is_empty()).then(|| bounds.join("; "))
    }
}

impl Tx {
    /// Lets what is read from now on take only so long. On SQLite the whole snapshot is bounded already.
    pub async fn hurry(&self, left: Duration) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => {
                self.run_uncounted(&format!("SET LOCAL statement_timeout = {}", left.as_millis() + 1)).await
            }
        }
    }
}
