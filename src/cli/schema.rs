//! How far the database's schema is: which migrations it has, which it lacks, and which this program does not know.

use migration::{Migrator, MigratorTrait, STEPS, Step};

use super::failure::Outcome;
use crate::error::{Error, Result};
use crate::store::{Dialect, Store};

/// The schema of a database beside this program's.
pub struct Schema {
    applied: Vec<String>,
}

#[derive(sea_orm::FromQueryResult)]
struct Applied {
    version: String,
}

impl Schema {
    /// Of a database that does not exist yet.
    pub fn none() -> Schema {
        Schema { applied: Vec::new() }
    }

    /// Reads it; writes nothing.
    pub async fn of(store: &Store) -> Result<Schema> {
        let tx = store.read().await?;
        let tables = match store.dialect {
            Dialect::Sqlite => "SELECT 1 AS id FROM sqlite_schema WHERE type = 'table' AND name = 'seaql_migrations'",
            Dialect::Postgres => "SELECT CAST(1 AS BIGINT) AS id WHERE to_regclass('seaql_migrations') IS NOT NULL",
        };
        if tx.ids(tx.sql(tables)).await?.is_empty() {
            return Ok(Schema::none());
        }
        let rows: Vec<Applied> = tx.all(tx.sql("SELECT version FROM seaql_migrations ORDER BY version")).await?;
        Ok(Schema { applied: rows.into_iter().map(|row| row.version).collect() })
    }

    /// Whether no migration has run.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty()
    }

    pub fn has(&self, step: &Step) -> bool {
        self.applied.iter().any(|version| version == step.name)
    }

    /// The steps that are still to be done, in order.
    pub fn pending(&self) -> Vec<&'static Step> {
        STEPS.iter().filter(|step| !self.has(step)).collect()
    }

    /// Migrations of a later version of this program.
    pub fn unknown(&self) -> Vec<&str> {
        let known = |version: &&str| STEPS.iter().any(|step| step.name == *version);
        self.applied.iter().map(String::as_str).filter(|version| !known(version)).collect()
    }

    /// Refuses a database that a later version of this program has changed.
    pub fn require_known(&self) -> Outcome {
        match self.unknown().as_slice() {
            [] => Ok(()),
            [first, ..] => Err(format!(
                "the database is ahead: it has the migration {first}, which this program does not know; run a newer banyan"
            )
            .into()),
        }
    }

    /// Refuses any schema but this program's own.
    pub fn require_current(&self) -> Outcome {
        self.require_known()?;
        match self.pending().len() {
            0 => Ok(()),
            n => {
                let migrations = if n == 1 { "migration" } else { "migrations" };
                Err(format!("the database is {n} {migrations} behind: run `banyan migrate up`").into())
            }
        }
    }
}

/// Does what is still to be done.
pub async fn migrate(store: &Store) -> Result<()> {
    Migrator::up(store.migrator(), None).await.map_err(Error::Database)
}
