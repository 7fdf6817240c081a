//! Ending statements that take too long: on SQLite by its progress handler, on PostgreSQL by a limit of the session.

use std::time::{Duration, Instant};

use sqlx::Sqlite;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnection, SqlitePoolOptions};

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

impl Store {
    /// For work in the background, which takes as long as it takes. SQLite's connections stay bounded.
    pub fn unhurried(&self) -> Store {
        Store { limit: None, ..self.clone() }
    }

    /// What ends a long statement of a write transaction on PostgreSQL, ready to be set.
    pub(super) fn statement_limit(&self) -> String {
        let limit = self.limit.filter(|_| self.dialect == Dialect::Postgres);
        limit.map_or_else(String::new, |limit| format!("SET LOCAL statement_timeout = {};", limit.as_millis()))
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
