//! Single statements, on connections of their own. A pool asks after each use whether its connection still lives, which costs as much as
//! a small statement; here it is put back as it is, and whoever finds one that has ended takes another. A single statement is a
//! snapshot by itself: there is no transaction to begin and to end either.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Values;
use sea_orm::{ConnAcquireErr, DbErr, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, SqliteConnection};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::away::is_broken_off;
use super::connect::ACQUIRE;
use super::interrupt;

/// Where single statements run; cheap to clone.
#[derive(Clone)]
pub(super) struct Singles(Arc<Inner>);

struct Inner {
    target: Target,
    /// Taken out while they are used: one that a statement was broken off on is not used again.
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
    limit: Option<Duration>,
}

pub(super) enum Target {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

enum Connection {
    /// With the instant until which it may work.
    Sqlite(SqliteConnection, Arc<Deadline>),
    Postgres(PgConnection),
}

/// An instant that another thread looks at.
pub(super) struct Deadline {
    base: Instant,
    millis: AtomicU64,
}

impl Deadline {
    fn new() -> Deadline {
        Deadline { base: Instant::now(), millis: AtomicU64::new(u64::MAX) }
    }

    fn set(&self, from_now: Duration) {
        let until = (self.base.elapsed() + from_now).as_millis();
        self.millis.store(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.base.elapsed().as_millis() > u128::from(self.millis.load(Ordering::Relaxed))
    }
}

impl Singles {
    /// At most so many statements at the same time.
    pub fn new(target: Target, places: u32, limit: Option<Duration>) -> Singles {
        let places = Semaphore::new(places.max(1) as usize);
        Singles(Arc::new(Inner { target, idle: Mutex::default(), places, limit }))
    }

    /// The statement's rows.
    pub async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _place = match timeout(ACQUIRE, self.0.places.acquire()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Err(_) => return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        };
        loop {
            let kept = self.idle().pop();
            let used_before = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.0.target.open().await.map_err(unreachable)?,
            };
            match connection.rows(statement, self.0.limit).await {
                Ok(rows) => {
                    self.idle().push(connection);
                    return Ok(rows);
                }
                Err(error) => {
                    let error = DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)));
                    // It had ended while nobody used it, and nothing was done.
                    if !(used_before && is_broken_off(&error)) {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // A panic elsewhere leaves the list whole.
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes what is idle, and lets nobody begin.
    pub async fn close(&self) {
        self.0.places.close();
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            let closed = match connection {
                Connection::Sqlite(connection, _) => sqlx::Connection::close(connection).await,
                Connection::Postgres(connection) => sqlx::Connection::close(connection).await,
            };
            if let Err(error) = closed {
                tracing::debug!(%error, "closing a connection for single statements");
            }
        }
    }
}

fn unreachable(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}

impl Target {
    async fn open(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Target::Sqlite(options) => {
                let (mut connection, deadline) = (options.connect().await?, Arc::new(Deadline::new()));
                interrupt::until(&mut connection, deadline.clone()).await?;
                Connection::Sqlite(connection, deadline)
            }
            Target::Postgres(options) => Connection::Postgres(options.connect().await?),
        })
    }
}

impl Connection {
    async fn rows(&mut self, statement: &Statement, limit: Option<Duration>) -> Result<Vec<QueryResult>, sqlx::Error> {
        let text = AssertSqlSafe(statement.sql.as_str());
        let values = SqlxValues(statement.values.clone().unwrap_or_else(|| Values(Vec::new())));
        match self {
            Connection::Sqlite(connection, deadline) => {
                limit.iter().for_each(|limit| deadline.set(*limit));
                let rows = sqlx::query_with(text, values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
            Connection::Postgres(connection) => {
                let rows = sqlx::query_with(text, values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }
}

impl fmt::Debug for Singles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Singles")
    }
}
