//! One transaction: a read snapshot or a write.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryResult, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tracing::Span;

use super::away::Unasked;
use super::expected::Expected;
use super::{Dialect, Sql, Stamp, Store};
use crate::error::{Error, Result};
use crate::meter::Pool;
use crate::spans;

/// An open transaction. Dropped without [`Tx::commit`] it is rolled back.
pub struct Tx {
    pub dialect: Dialect,
    pub(super) inner: DatabaseTransaction,
    statements: AtomicU32,
    /// Whether it is ready for reading very much.
    pub(super) sweeps: AtomicBool,
    stamp: std::sync::Mutex<Option<Stamp>>,
    /// What travels with the next statement.
    pub(super) later: std::sync::Mutex<Vec<Sql>>,
    /// Whether differences of roll-ups were queued when somebody looked last: the store's.
    pub queued: Expected,
    /// Plans of what was read, where they are kept.
    pub(super) plans: std::sync::Mutex<Option<Vec<String>>>,
    /// Ends with the transaction.
    _span: Span,
}

impl Store {
    /// A read-only snapshot: every statement in it sees the same commits.
    pub async fn read(&self) -> Result<Tx> {
        let (asked, span) = (Instant::now(), spans::transaction(self.dialect, Pool::Reader));
        let mut unasked = Unasked::of(self.dialect, &self.reader);
        let mut begun = self.reader.begin().await;
        while unasked.ended(&begun) {
            begun = self.reader.begin().await;
        }
        self.meter.begun(Pool::Reader, asked.elapsed());
        Ok(Tx::new(self, begun?, span))
    }

    /// An empty statement, for [`Store::one`].
    pub fn sql(&self) -> Sql {
        Sql::new(self.dialect, "")
    }

    /// One row by one statement: it is a snapshot by itself, and there is no beginning and no end to wait for.
    pub async fn one<T: FromQueryResult>(&self, sql: Sql) -> Result<Option<T>> {
        Ok(self.all::<T>(sql).await?.into_iter().next())
    }

    /// The rows of one statement, in the same way.
    pub async fn all<T: FromQueryResult>(&self, sql: Sql) -> Result<Vec<T>> {
        let rows = self.singles.rows(&sql.into_statement()).await?;
        Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
    }

    /// A write transaction. On SQLite it has waited for its turn as the only one.
    pub async fn write(&self) -> Result<Tx> {
        let mode = || TransactionOptions {
            sqlite_transaction_mode: match self.dialect {
                Dialect::Sqlite => Some(SqliteTransactionMode::Immediate),
                Dialect::Postgres => None,
            },
            ..Default::default()
        };
        let (asked, span) = (Instant::now(), spans::transaction(self.dialect, Pool::Writer));
        let mut unasked = Unasked::of(self.dialect, &self.writer);
        let mut begun = self.writer.begin_with_options(mode()).await;
        while unasked.ended(&begun) {
            begun = self.writer.begin_with_options(mode()).await;
        }
        self.meter.begun(Pool::Writer, asked.elapsed());
        let tx = Tx::new(self, begun?, span);
        if let Some(bounds) = self.bounds() {
            tx.run_plain(&bounds).await?;
        }
        Ok(tx)
    }
}

impl Tx {
    fn new(store: &Store, inner: DatabaseTransaction, span: Span) -> Self {
        Self {
            dialect: store.dialect,
            inner,
            queued: store.queued.clone(),
            statements: AtomicU32::new(0),
            sweeps: AtomicBool::new(false),
            stamp: std::sync::Mutex::default(),
            later: std::sync::Mutex::default(),
            plans: std::sync::Mutex::default(),
            _span: span,
        }
    }

    /// An empty statement in this transaction's dialect.
    pub fn sql(&self, text: impl Into<String>) -> Sql {
        Sql::new(self.dialect, text)
    }

    pub async fn all<T: FromQueryResult>(&self, sql: Sql) -> Result<Vec<T>> {
        self.plan(&sql).await?;
        let rows = self.conn().await?.query_all_raw(sql.into_statement()).await?;
        Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
    }

    pub async fn one<T: FromQueryResult>(&self, sql: Sql) -> Result<Option<T>> {
        let row = self.conn().await?.query_one_raw(sql.into_statement()).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// The rows as the database gives them.
    pub async fn rows(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        self.plan(&sql).await?;
        Ok(self.conn().await?.query_all_raw(sql.into_statement()).await?)
    }

    /// The first column of the rows, named `id`.
    pub async fn ids(&self, sql: Sql) -> Result<Vec<i64>> {
        let rows = self.conn().await?.query_all_raw(sql.into_statement()).await?;
        Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<std::result::Result<_, _>>()?)
    }

    /// Runs the statement and answers how many rows it changed.
    pub async fn run(&self, sql: Sql) -> Result<u64> {
        Ok(self.conn().await?.execute_raw(sql.into_statement()).await?.rows_affected())
    }

    /// A statement without values, unprepared.
    pub async fn run_plain(&self, sql: &str) -> Result<()> {
        self.conn().await?.execute_unprepared(sql).await?;
        Ok(())
    }

    /// As [`Tx::run_plain`], for what serves the transaction itself.
    pub(super) async fn run_uncounted(&self, sql: &str) -> Result<()> {
        self.inner.execute_unprepared(sql).await?;
        Ok(())
    }

    /// From here on what waits longer than a moment for what somebody else holds fails instead.
    pub async fn wait_for_nobody(&self) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => self.run_uncounted("SET LOCAL lock_timeout = '100ms'").await,
        }
    }

    /// What is done after this can be undone alone.
    pub async fn savepoint(&self) -> Result<()> {
        self.run_plain("SAVEPOINT work").await
    }

    /// Undoes what was done since [`Tx::savepoint`].
    pub async fn rollback_to_savepoint(&self) -> Result<()> {
        self.forget_waiting();
        self.run_plain("ROLLBACK TO SAVEPOINT work").await
    }

    /// How many statements have run, the transaction's own begin and end not counted.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Makes everything durable, unless the transaction outlived its limit after it drew its stamp.
    pub async fn commit(self) -> Result<()> {
        self.flush().await?;
        let stamp = self.stamp.lock().map_err(|_| Error::Internal("a stamp's lock is poisoned".to_owned()))?.take();
        if stamp.is_some_and(|stamp| stamp.is_too_old()) {
            self.inner.rollback().await?;
            return Err(Error::Busy);
        }
        Ok(self.inner.commit().await?)
    }

    /// Undoes everything, and has done so when it answers.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }

    /// Takes back everything since the savepoint `trial`, the stamp that was drawn included.
    pub async fn end_trial(&self) -> Result<()> {
        self.forget_waiting();
        self.run_plain("ROLLBACK TO SAVEPOINT trial").await?;
        *self.stamp.lock().map_err(|_| Error::Internal("a stamp's lock is poisoned".to_owned()))? = None;
        Ok(())
    }

    /// What is done from here on is tried only: [`Tx::end_trial`] takes it back.
    pub async fn begin_trial(&self) -> Result<()> {
        self.run_plain("SAVEPOINT trial").await
    }

    pub(super) fn keep_stamp(&self, stamp: Stamp) -> Result<()> {
        *self.stamp.lock().map_err(|_| Error::Internal("a stamp's lock is poisoned".to_owned()))? = Some(stamp);
        Ok(())
    }

    /// What waits has run; counts the statement that is about to run.
    async fn conn(&self) -> Result<&DatabaseTransaction> {
        self.flush().await?;
        Ok(self.counted())
    }

    /// Counts the statement that is about to run on it.
    pub(super) fn counted(&self) -> &DatabaseTransaction {
        self.statements.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }
}
