//! How the database means to answer what a transaction asks: for tests and for whoever wonders why it is slow.

use std::sync::PoisonError;

use sea_orm::ConnectionTrait;

use super::{Dialect, Sql, Tx};
use crate::error::Result;

impl Tx {
    /// From now on the plan of every statement that answers rows is kept, before it runs.
    pub fn keep_plans(&self) {
        *self.plans.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// The lines of the plans since the last time, without the space before them.
    pub fn plans(&self) -> Vec<String> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) async fn plan(&self, sql: &Sql) -> Result<()> {
        if self.plans.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Ok(());
        }
        let (explain, column) = match self.dialect {
            Dialect::Sqlite => ("EXPLAIN QUERY PLAN ", "detail"),
            Dialect::Postgres => ("EXPLAIN ", "QUERY PLAN"),
        };
        let mut explained = sql.clone();
        explained.text.insert_str(0, explain);
        let rows = self.inner.query_all_raw(explained.into_statement()).await?;
        let lines = rows.iter().map(|row| row.try_get("", column)).collect::<std::result::Result<Vec<String>, _>>()?;
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.get_or_insert_default().extend(lines.iter().map(|line| line.trim().to_owned()));
        Ok(())
    }
}
