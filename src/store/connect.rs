//! Opening a database by its URL.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::Dialect;
use super::expected::Expected;
use super::interrupt::bounded;
use super::single::{Singles, Target};
use super::stamp::WRITE_LIMIT;
use super::version::Looks;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::meter::Meter;

/// How long a statement may wait for a connection, and an SQLite writer for its turn.
pub(super) const ACQUIRE: Duration = Duration::from_secs(30);

/// How long a connection that nobody used is taken for alive.
const FRESH: Duration = Duration::from_secs(1);

/// An open database: readers that cannot write, and writers.
#[derive(Clone, Debug)]
pub struct Store {
    pub dialect: Dialect,
    pub(super) reader: DatabaseConnection,
    pub(super) writer: DatabaseConnection,
    /// What looks which state it is in.
    pub(super) looks: Looks,
    /// Where single statements run.
    pub(super) singles: Singles,
    /// Whether differences of roll-ups were queued when somebody looked last.
    pub queued: Expected,
    /// How long a statement may take.
    pub(super) limit: Option<Duration>,
    /// The same of the writers' sessions on PostgreSQL, which bound themselves where there is one.
    pub(super) sessions: Option<Duration>,
    /// What is counted of it, and of everything that runs on it.
    pub meter: Meter,
}

/// How many connections, and whether an SQLite file may be made.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    pub count: u32,
    pub create: bool,
    /// How long a statement may take, on SQLite a transaction.
    pub limit: Option<Duration>,
}

impl Store {
    /// Opens the database of the configuration; nothing is read or written yet.
    pub async fn open(config: &Config, create: bool) -> Result<Store> {
        Store::connect(config, Connections { count: config.connections(), create, limit: None }).await
    }

    /// As [`Store::open`], for a server: no statement takes longer than an operation may.
    pub async fn serving(config: &Config, create: bool) -> Result<Store> {
        let limit = Some(Duration::from_millis(config.limits.operation_ms));
        Store::connect(config, Connections { count: config.connections(), create, limit }).await
    }

    /// The same database for work that reads for long, with connections of its own for reading: what takes long neither is ended
    /// nor takes a place from those who are waited for. It writes where everybody does.
    pub async fn background(&self, config: &Config) -> Result<Store> {
        let own = Store::connect(config, Connections { count: 2, create: false, limit: None }).await?;
        let Store { reader, writer, looks, singles, .. } = own;
        looks.close().await;
        singles.close().await;
        writer.close().await?;
        Ok(Store { reader, limit: None, ..self.clone() })
    }

    async fn connect(config: &Config, connections: Connections) -> Result<Store> {
        let url = config.database_url.as_str();
        if url.starts_with("sqlite:") {
            sqlite(url, connections).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            postgres(url, connections).await
        } else {
            Err(Error::Setting("--database-url must begin with sqlite:// or postgres://".to_owned()))
        }
    }

    /// The connection that migrations run on.
    pub fn migrator(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Closes every connection; SQLite then tidies its write-ahead log away.
    pub async fn close(self) {
        self.looks.close().await;
        self.singles.close().await;
        if let Err(error) = self.reader.close().await {
            tracing::warn!(%error, "closing the readers");
        }
        if let Err(error) = self.writer.close().await {
            tracing::warn!(%error, "closing the writers");
        }
    }
}

async fn sqlite(url: &str, connections: Connections) -> Result<Store> {
    let base = SqliteConnectOptions::from_str(url)
        .map_err(|error| Error::Setting(format!("--database-url: {error}")))?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(64)
        // The log has no statements: they tell what was searched for.
        .disable_statement_logging();
    // One writer, and a pool hands it out in the order of asking.
    let writer = bounded(SqlitePoolOptions::new(), connections.limit)
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_with(base.clone().create_if_missing(connections.create))
        .await
        .map_err(|error| cannot_open(url, &error))?;
    let reading = base.create_if_missing(false).pragma("query_only", "on");
    let reader = bounded(SqlitePoolOptions::new(), connections.limit)
        .max_connections(connections.count)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(reading.clone());
    Ok(Store {
        dialect: Dialect::Sqlite,
        looks: Looks::sqlite(reading.clone()),
        // Each has a cache of its own: as many as can work at the same time.
        singles: Singles::new(Target::Sqlite(reading), processors(), connections.limit),
        queued: Expected::default(),
        limit: connections.limit,
        sessions: None,
        meter: Meter::default(),
        reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
        writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
    })
}

async fn postgres(url: &str, connections: Connections) -> Result<Store> {
    let base = PgConnectOptions::from_str(url)
        .map_err(|error| Error::Setting(format!("--database-url: {error}")))?
        .application_name("banyan")
        // Compiling a statement takes longer than any of ours runs.
        .options([("jit", "off")])
        .statement_cache_capacity(256)
        // The log has no statements: they tell what was searched for.
        .disable_statement_logging();
    let pool = || {
        PgPoolOptions::new()
            .max_connections(connections.count)
            .acquire_timeout(ACQUIRE)
            // A connection that was just used is there still; asking each time costs as much as a small statement.
            .test_before_acquire(false)
            .before_acquire(|connection, idle| {
                Box::pin(async move {
                    if idle.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
    };
    // Limits of a server are the sessions': no statement more for each transaction.
    let timeout = connections.limit.map(|limit| ("statement_timeout", limit.as_millis().to_string()));
    let idle = connections.limit.map(|_| ("idle_in_transaction_session_timeout", WRITE_LIMIT.as_millis().to_string()));
    let writer = pool()
        .connect_with(base.clone().options(timeout.clone()).options(idle))
        .await
        .map_err(|error| cannot_open("the PostgreSQL database", &error))?;
    // Readers see one snapshot for each transaction, set once for the connection: no statement more for each operation.
    let snapshot = [("default_transaction_isolation", "repeatable read"), ("default_transaction_read_only", "on")];
    let reading = base.options(snapshot).options(timeout);
    let reader = pool().connect_lazy_with(reading.clone());
    Ok(Store {
        dialect: Dialect::Postgres,
        looks: Looks::postgres(reading.clone()),
        singles: Singles::new(Target::Postgres(reading), connections.count, connections.limit),
        queued: Expected::default(),
        limit: connections.limit,
        sessions: connections.limit,
        meter: Meter::default(),
        reader: SqlxPostgresConnector::from_sqlx_postgres_pool(reader),
        writer: SqlxPostgresConnector::from_sqlx_postgres_pool(writer),
    })
}

fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |number| u32::try_from(number.get()).unwrap_or(u32::MAX))
}

fn cannot_open(what: &str, error: &sqlx::Error) -> Error {
    Error::Setting(format!("cannot open {what}: {error}"))
}
