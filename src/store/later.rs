//! Statements that nobody waits for by themselves: on PostgreSQL they travel together, with whatever comes next in the transaction or
//! with its end. An approval writes its event, its difference and its audit line in one exchange.

use std::sync::PoisonError;

use sea_orm::{ConnectionTrait, EntityTrait, ModelTrait};

use super::{Conflict, Dialect, Sql, Tx};
use crate::error::Result;

impl Tx {
    /// Runs a statement that answers nothing, at the latest before the next one that does. None of those that wait together may need
    /// what another writes.
    pub async fn run_later(&self, sql: Sql) -> Result<()> {
        match self.dialect {
            // Nothing travels.
            Dialect::Sqlite => self.run(sql).await.map(drop),
            Dialect::Postgres => {
                self.later.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
                Ok(())
            }
        }
    }

    /// Inserts a few rows, whose keys must be new, as [`Tx::run_later`] does.
    pub async fn insert_later<E>(&self, rows: &[E::Model]) -> Result<()>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        match rows {
            [] => Ok(()),
            rows => self.run_later(self.insertion::<E>(rows, Conflict::Fail)?).await,
        }
    }

    /// The same, with what an expression says in one of the columns, whatever the rows have there.
    pub async fn insert_later_at<E>(
        &self,
        rows: &[E::Model],
        given: (&str, impl FnOnce(&mut Sql) -> String),
    ) -> Result<()>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        match rows {
            [] => Ok(()),
            rows => self.run_later(self.insertion_with::<E>(rows, given)?).await,
        }
    }

    /// What waits is undone before it was done: what stood before a savepoint has run with it.
    pub(super) fn forget_waiting(&self) {
        self.later.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs what waits.
    pub(super) async fn flush(&self) -> Result<()> {
        let waiting = std::mem::take(&mut *self.later.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(all) = together(waiting) else { return Ok(()) };
        self.counted().execute_raw(all.into_statement()).await?;
        Ok(())
    }
}

/// One statement that runs all of them: they see the same snapshot.
fn together(mut waiting: Vec<Sql>) -> Option<Sql> {
    let last = waiting.pop()?;
    let mut all = Sql::new(last.dialect, "");
    for (i, sql) in waiting.into_iter().enumerate() {
        all.push(if i == 0 { "WITH " } else { ", " });
        all.push(&format!("w{i} AS ("));
        all.append(sql);
        all.push(")");
    }
    all.push(" ");
    all.append(last);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_travels_together_keeps_its_values() {
        let sql = |table: &str, values: &[i64]| {
            let mut sql = Sql::new(Dialect::Postgres, format!("INSERT INTO {table} VALUES ("));
            let bound: Vec<String> = values.iter().map(|value| sql.bind(*value)).collect();
            sql.push(&format!("{}, '$')", bound.join(", ")));
            sql
        };
        assert!(together(Vec::new()).is_none());
        assert_eq!(together(vec![sql("a", &[1])]).unwrap().text, " INSERT INTO a VALUES ($1, '$')");
        let many = sql("b", &(0..11).collect::<Vec<i64>>());
        let all = together(vec![sql("a", &[1, 2]), many, sql("c", &[3])]).unwrap();
        assert_eq!(
            all.text,
            "WITH w0 AS (INSERT INTO a VALUES ($1, $2, '$')), w1 AS (INSERT INTO b VALUES \
             ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '$')) INSERT INTO c VALUES ($14, '$')"
        );
        let values = all.into_statement().values.unwrap().0;
        assert_eq!((values.len(), &values[2], &values[13]), (14, &0_i64.into(), &3_i64.into()));
    }
}
