//! How far a snapshot sees: what has been committed, and what may still be, in an order that no sequence and no clock gives.

use sea_orm::FromQueryResult;

use super::{Dialect, Tx};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// How far the database's clock may be set back without an event being missed, in milliseconds.
const CLOCK_SLACK: i64 = 5_000;

/// What a snapshot knows of the transactions beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Horizon {
    /// Every writing transaction with a lower number has ended, and the snapshot sees what it did.
    pub oldest: i64,
    /// Every writing transaction that is new to the snapshot will have this number or a higher one.
    pub next: i64,
    /// The latest event's instant, 0 before the first.
    last: i64,
    /// The clock that stamps; none where it may stand still.
    now: Option<i64>,
}

impl Horizon {
    #[cfg(test)]
    pub fn of(oldest: i64, next: i64, last: i64) -> Horizon {
        Horizon { oldest, next, last, now: None }
    }

    /// No transaction from number `next` on stamps an event earlier than this.
    pub fn floor(&self) -> i64 {
        self.now.map_or(self.last, |now| self.last.max(now - CLOCK_SLACK))
    }
}

impl Tx {
    /// The horizon of this snapshot. On SQLite one writer follows the other, so nothing that is open can end before it.
    pub async fn horizon(&self, clock: &Clock) -> Result<Horizon> {
        let last = "COALESCE((SELECT MAX(at) FROM initiative_event), 0) AS last";
        let mut sql = match self.dialect {
            Dialect::Sqlite => self.sql(format!("SELECT 0 AS oldest, 0 AS next, {last}, ")),
            Dialect::Postgres => self.sql(format!(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest, \
                 pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next, {last}, "
            )),
        };
        let now = match clock {
            Clock::System => sql.now(clock),
            Clock::Fixed(_) => "CAST(NULL AS BIGINT)".to_owned(),
        };
        sql.push(&format!("{now} AS now"));
        self.one(sql).await?.ok_or_else(|| Error::Internal("a snapshot has no horizon".to_owned()))
    }
}
