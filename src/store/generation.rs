//! Generations: what was read of certain tables holds still for as long as their generation is the same, whatever else is committed.
//! Triggers count every transaction that changes one of these tables, by whichever program (`generation` in the migrations).
//!
//! A generation is told by a statement that reads something else beside it, and so holds in that statement's snapshot: then what was
//! read before, in the same generation, is what the snapshot has.

use std::marker::PhantomData;
use std::time::Duration;

use sea_orm::{DbErr, FromQueryResult, QueryResult, Statement};

use super::{Dialect, Lean, Packed, Sql, Store, Tx};
use crate::error::Result;

/// Which tables are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The tree, programmes, targets, accounts and roles: what is counted, and who sees it; but nothing of what is counted.
    Definitions,
    /// Whether a token that held once holds still, and what it carries.
    Credentials,
}

/// What a topic's tables have been through. Those of one topic are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation {
    number: i64,
    /// Transactions since the number changed.
    steps: i64,
    /// The table that tells it: another one is another database.
    table: i64,
}

/// So many steps are cleared away, and how often they are looked at.
const STEPS: i64 = 50;
const LOOKED_AT: Duration = Duration::from_secs(20);

/// A statement that tells the generation beside its rows: drawn up once, run as often as one likes.
pub struct InGeneration<T> {
    statement: Statement,
    of: PhantomData<fn() -> T>,
}

impl Topic {
    fn name(self) -> &'static str {
        match self {
            Topic::Definitions => "DEFINITIONS",
            Topic::Credentials => "CREDENTIALS",
        }
    }

    /// A statement of one row: `number`, `steps` and `seat`, as [`Generation::at`] and [`Generation::of`] have them.
    pub(super) fn select(self, dialect: Dialect) -> String {
        let name = self.name();
        match dialect {
            Dialect::Sqlite => format!("SELECT number, 0 AS steps, 0 AS seat FROM generation WHERE topic = '{name}'"),
            Dialect::Postgres => format!(
                "SELECT g.number, (SELECT COUNT(*) FROM generation_step s WHERE s.topic = '{name}') AS steps, \
                 g.tableoid::bigint AS seat FROM generation g WHERE g.topic = '{name}'"
            ),
        }
    }
}

impl Generation {
    /// Of the first three columns.
    fn at(row: &QueryResult) -> std::result::Result<Generation, DbErr> {
        let n = |place: usize| row.try_get_by_index(place);
        Ok(Generation { number: n(0)?, steps: n(1)?, table: n(2)? })
    }

    /// Of these columns.
    pub(super) fn of(number: i64, steps: i64, table: i64) -> Generation {
        Generation { number, steps, table }
    }
}

impl Tx {
    /// The generation in this transaction's snapshot.
    pub async fn generation(&self, topic: Topic) -> Result<Option<Generation>> {
        let rows = self.rows(self.sql(topic.select(self.dialect))).await?;
        Ok(rows.first().map(Generation::at).transpose()?)
    }
}

impl Store {
    /// The same statement, telling the generation too.
    pub fn in_generation<T: Lean>(&self, topic: Topic, mut sql: Sql) -> InGeneration<T> {
        let generation = topic.select(self.dialect);
        let rows = Packed::<T>::text(self.dialect, sql.text);
        // Where there are no rows, one tells the generation still.
        sql.text = format!(
            "SELECT g.number, g.steps, g.seat, r.* FROM ({generation}) g LEFT JOIN (SELECT TRUE AS there, p.* FROM ({rows}) p) r ON TRUE"
        );
        InGeneration { statement: sql.into_statement(), of: PhantomData }
    }

    /// The rows of the statement, by itself, and the generation in its snapshot.
    pub async fn lean_in<T: Lean>(&self, sql: &InGeneration<T>) -> Result<Option<(Generation, Packed<T>)>> {
        let mut rows = self.singles.rows(&sql.statement).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let generation = Generation::at(row)?;
        if row.try_get_by_index::<Option<bool>>(3)?.is_none() {
            rows.clear();
        }
        Ok(Some((generation, Packed::of(rows, 4))))
    }

    /// Clears steps away while the server runs; on SQLite there are none.
    pub async fn run_clearing(self) {
        if self.dialect == Dialect::Sqlite {
            return;
        }
        let mut turns = tokio::time::interval(LOOKED_AT);
        loop {
            turns.tick().await;
            if let Err(error) = self.clear_steps().await {
                tracing::debug!(%error, "steps of generations were not cleared away");
            }
        }
    }

    /// Clears steps away where there are many. Those that are not to be seen yet stay; what was read in a generation before is read anew.
    pub async fn clear_steps(&self) -> Result<()> {
        let count: Option<Count> =
            self.one(Sql::new(self.dialect, "SELECT COUNT(*) AS n FROM generation_step")).await?;
        if count.is_none_or(|count| count.n < STEPS) {
            return Ok(());
        }
        let tx = self.write().await?;
        // Both in one transaction: whoever sees fewer steps sees another number.
        tx.run(tx.sql("UPDATE generation SET number = number + 1")).await?;
        tx.run(tx.sql("DELETE FROM generation_step")).await?;
        tx.commit().await
    }
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}
