//! Which state the database is in: two looks that answer the same saw the very same rows, whoever writes, in whichever process.
//!
//! PostgreSQL is asked for a snapshot: which transactions it sees. Transactions that have ended stay as they ended, so equal
//! snapshots see equal data; every commit that wrote anything makes another one. That somebody has begun to write makes another one too,
//! which sees the same: it is told the same way ([`seen`]). (On a standby snapshots do not tell, and there is no version.) A server that was started again may have been restored: its start is part of the version. SQLite counts, for each
//! connection, what the others commit: one connection does nothing but look, and another connection is another version.
//!
//! What is read after a look is what holds while looks answer the same. Neither costs anything to those who write.
//!
//! A look tells the generation of credentials too ([`super::generation`]), as it was then or later.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, SqliteConnection};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::generation::{Generation, Topic};
use super::joint::{Joint, Next};
use super::single::Target;
use super::{Dialect, Store};

/// How long the next look waits at most for those whom the last one answered, where these were several: what a look costs, they share.
const GATHERING: Duration = Duration::from_millis(1);

/// A look that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(2);

const POSTGRES: &str = "CASE WHEN pg_is_in_recovery() THEN NULL ELSE \
     EXTRACT(EPOCH FROM pg_postmaster_start_time())::text || ' ' || pg_current_snapshot()::text END";

/// A state of the database. Comparable within one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    connection: u64,
    seen: Arc<str>,
    credentials: Generation,
}

impl Version {
    pub fn credentials(&self) -> Generation {
        self.credentials
    }
}

/// Where looks go: one connection of their own, opened by the first.
#[derive(Clone)]
pub(super) struct Looks(Arc<Inner>);

struct Inner {
    target: Target,
    /// Taken out while it is looked through: one that a look was broken off on is not used again.
    connection: Mutex<Option<Open>>,
    opened: AtomicU64,
    joint: Arc<Joint<(), (), Option<Version>>>,
}

struct Open {
    number: u64,
    connection: Connection,
    /// The last look of this connection.
    last: Option<(String, Generation)>,
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Store {
    /// The state that the database is in, seen after this was called; those who ask at the same time share a look. None where it
    /// cannot be told.
    pub async fn version(&self) -> Option<Version> {
        let looks = self.looks.clone();
        let look = move |asking: Vec<()>| {
            let looks = looks.clone();
            async move {
                let seen = looks.look().await;
                let all = looks.0.joint.gathering(&(), asking.len(), GATHERING);
                // Those who came to write are not soon there again: nobody waits for more than half.
                (seen, Next { many: all.many.div_ceil(2), ..all })
            }
        };
        self.looks.0.joint.ask_with((), (), look).await.flatten()
    }
}

impl Looks {
    pub fn sqlite(options: SqliteConnectOptions) -> Looks {
        Looks::of(Target::Sqlite(options))
    }

    pub fn postgres(options: PgConnectOptions) -> Looks {
        Looks::of(Target::Postgres(options))
    }

    fn of(target: Target) -> Looks {
        let opened = AtomicU64::new(0);
        Looks(Arc::new(Inner { target, connection: Mutex::default(), opened, joint: Arc::default() }))
    }

    async fn look(&self) -> Option<Version> {
        match timeout(PATIENCE, self.try_look()).await {
            Ok(Ok(version)) => version,
            Ok(Err(error)) => {
                tracing::debug!(%error, "cannot look at the database's version");
                None
            }
            Err(_) => None,
        }
    }

    async fn try_look(&self) -> Result<Option<Version>, sqlx::Error> {
        let mut place = self.0.connection.lock().await;
        let mut open = match place.take() {
            Some(open) => open,
            None => Open {
                number: self.0.opened.fetch_add(1, Ordering::Relaxed),
                connection: Connection::open(&self.0.target).await?,
                last: None,
            },
        };
        open.last = open.connection.look(open.last.take()).await?;
        let last = open.last.clone();
        let connection = open.number;
        *place = Some(open);
        Ok(last.map(|(seen, credentials)| Version { connection, seen: seen.into(), credentials }))
    }

    /// Closes the connection: SQLite tidies its log away when the last one goes.
    pub async fn close(&self) {
        match self.0.connection.lock().await.take().map(|open| open.connection) {
            Some(Connection::Sqlite(connection)) => ended(sqlx::Connection::close(connection)).await,
            Some(Connection::Postgres(connection)) => ended(sqlx::Connection::close(connection)).await,
            None => {}
        }
    }
}

async fn ended(closing: impl Future<Output = Result<(), sqlx::Error>>) {
    if let Err(error) = closing.await {
        tracing::debug!(%error, "closing the connection that looks at versions");
    }
}

impl Connection {
    async fn open(target: &Target) -> Result<Connection, sqlx::Error> {
        Ok(match target {
            Target::Sqlite(options) => Connection::Sqlite(options.connect().await?),
            Target::Postgres(options) => Connection::Postgres(options.connect().await?),
        })
    }

    async fn look(&mut self, last: Option<(String, Generation)>) -> Result<Option<(String, Generation)>, sqlx::Error> {
        match self {
            Connection::Sqlite(connection) => {
                let count: i64 = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut *connection).await?;
                let seen = count.to_string();
                if let Some(last) = last.filter(|(before, _)| *before == seen) {
                    return Ok(Some(last));
                }
                // Read after the count: where somebody has committed between, the next count is another one.
                let statement = Topic::Credentials.select(Dialect::Sqlite);
                let row: (i64, i64, i64) = sqlx::query_as(AssertSqlSafe(statement)).fetch_one(connection).await?;
                Ok(Some((seen, Generation::of(row.0, row.1, row.2))))
            }
            Connection::Postgres(connection) => {
                let generation = Topic::Credentials.select(Dialect::Postgres);
                let statement = format!("SELECT {POSTGRES}, g.number, g.steps, g.seat FROM ({generation}) g");
                let row: (Option<String>, i64, i64, i64) =
                    sqlx::query_as(AssertSqlSafe(statement)).fetch_one(connection).await?;
                Ok(row.0.map(|snapshot| (seen(&snapshot), Generation::of(row.1, row.2, row.3))))
            }
        }
    }
}

/// A snapshot without those who have begun after everybody whom it sees: "start xmin:xmax:xip,…" (PostgreSQL's `pg_snapshot`, behind
/// the server's start) sees what is below xmax and not among xip, so that xip may lose its last one where xmax goes down to it.
fn seen(snapshot: &str) -> String {
    let shorter = || {
        let (start, numbers) = snapshot.rsplit_once(' ')?;
        let mut parts = numbers.split(':');
        let (_, most, running) = (parts.next()?, parts.next()?, parts.next()?);
        let mut most: u64 = most.parse().ok()?;
        let mut running: Vec<u64> =
            running.split(',').filter(|one| !one.is_empty()).map(str::parse).collect::<Result<_, _>>().ok()?;
        running.sort_unstable();
        while running.last().is_some_and(|last| *last + 1 == most) {
            most = running.pop()?;
        }
        let running: Vec<String> = running.iter().map(u64::to_string).collect();
        Some(format!("{start} {most}:{}", running.join(",")))
    };
    // What has another form is told as it is.
    shorter().unwrap_or_else(|| snapshot.to_owned())
}

impl fmt::Debug for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Looks")
    }
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn who_has_begun_changes_nothing_and_who_has_ended_does() {
        let before = seen("1.5 100:100:");
        assert_eq!(before, "1.5 100:");
        // 100 begins, then 101; 101 commits, then 100.
        assert_eq!(seen("1.5 100:101:100"), before);
        assert_eq!(seen("1.5 100:102:100,101"), before);
        let first = seen("1.5 100:102:100");
        assert_eq!(first, "1.5 102:100");
        let both = seen("1.5 102:102:");
        assert!(first != before && both != before && both != first);
        // Whoever begins meanwhile hides nothing of this.
        assert_eq!(seen("1.5 100:103:100,102"), first);
        assert_eq!(seen("1.5 102:103:102"), both);
        // Another start of the server, and what is no snapshot.
        assert_ne!(seen("1.6 100:100:"), before);
        assert_eq!(seen("1.5 strange"), "1.5 strange");
    }
}
