//! The one snapshot that everything in an operation reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::FromQueryResult;
use tokio::sync::Mutex;

use super::{Dialect, Store, Tx};
use crate::error::Result;

/// A read snapshot that is opened by the first reader and shared by the rest.
pub struct Snapshot {
    store: Store,
    tx: Mutex<Option<Arc<Tx>>>,
    /// Statements of snapshots that were closed before.
    past: AtomicU32,
}

impl Snapshot {
    pub fn new(store: Store) -> Self {
        Self { store, tx: Mutex::new(None), past: AtomicU32::new(0) }
    }

    pub async fn tx(&self) -> Result<Arc<Tx>> {
        let mut open = self.tx.lock().await;
        if let Some(tx) = open.as_ref() {
            return Ok(tx.clone());
        }
        let tx = Arc::new(self.store.read().await?);
        *open = Some(tx.clone());
        Ok(tx)
    }

    /// Closes it: the next reader sees what has been committed by then.
    pub async fn renew(&self) {
        if let Some(tx) = self.tx.lock().await.take() {
            self.past.fetch_add(tx.statements(), Ordering::Relaxed);
        }
    }

    /// Counts statements that were read beside it.
    pub fn read_beside(&self, statements: u32) {
        self.past.fetch_add(statements, Ordering::Relaxed);
    }

    /// How many statements were read through it, and beside it.
    pub async fn statements(&self) -> u32 {
        let open = self.tx.lock().await.as_ref().map_or(0, |tx| tx.statements());
        open + self.past.load(Ordering::Relaxed)
    }
}

#[derive(FromQueryResult)]
struct Exported {
    name: String,
}

impl Tx {
    /// Another transaction in the same snapshot, so that both are read from at the same time; none on SQLite, where a snapshot is its
    /// connection's alone.
    pub async fn beside(&self, store: &Store) -> Result<Option<Tx>> {
        if self.dialect == Dialect::Sqlite {
            return Ok(None);
        }
        let Some(exported) = self.one::<Exported>(self.sql("SELECT pg_export_snapshot() AS name")).await? else {
            return Ok(None);
        };
        let beside = store.read().await?;
        // PostgreSQL's own name, of digits and signs: no value can be bound here.
        beside.run_plain(&format!("SET TRANSACTION SNAPSHOT '{}'", exported.name.replace('\'', ""))).await?;
        Ok(Some(beside))
    }
}
