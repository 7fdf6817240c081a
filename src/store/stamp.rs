//! The instant that a write transaction gives to its events.

use std::time::{Duration, Instant};

use sea_orm::FromQueryResult;

use super::{Dialect, Sql, Tx};
use crate::clock::Clock;
use crate::error::Result;

/// How long a write transaction may live after it drew its stamp. An instant older than this can get no earlier event.
pub const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// When the stamp was drawn, by the process's steady clock.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    drawn: Instant,
    limit: Duration,
}

impl Stamp {
    fn within(limit: Duration) -> Stamp {
        Stamp { drawn: Instant::now(), limit }
    }

    /// None where the clock stands still: its instants say nothing of how long the transaction lives, and nobody waits for them to pass. (The
    /// demo is loaded by such clocks, and its last transaction takes long on a slow disk.)
    fn of(clock: &Clock, limit: Duration) -> Option<Stamp> {
        match clock {
            Clock::System => Some(Stamp::within(limit)),
            Clock::Fixed(_) => None,
        }
    }

    pub(super) fn is_too_old(self) -> bool {
        self.drawn.elapsed() > self.limit
    }
}

#[derive(FromQueryResult)]
struct Last {
    at: Option<i64>,
    now: i64,
}

impl Tx {
    /// Draws the instant of this transaction's events, to be called when nothing is left to wait for: the database's clock,
    /// never earlier than the latest event stored. Milliseconds since the epoch.
    pub async fn stamp(&self, clock: &Clock) -> Result<i64> {
        let (last, now) = self.clocks(clock, true).await?;
        self.keep(clock, WRITE_LIMIT)?;
        Ok(last.map_or(now, |last| now.max(last)))
    }

    /// Draws the instant of a change of the tree: after everything that was ever stamped, so that no event of that very instant is
    /// older than the change. Under the tree's lock; what is stamped later is not earlier.
    pub async fn stamp_tree(&self, clock: &Clock) -> Result<i64> {
        self.stamp_tree_ahead(clock, Duration::ZERO).await
    }

    /// The same for a change that takes long: an instant that lies so far ahead, before which the transaction has to commit. Whatever is
    /// stamped after it is not earlier, so nothing that was final changes.
    pub async fn stamp_tree_ahead(&self, clock: &Clock, ahead: Duration) -> Result<i64> {
        let (last, now) = self.clocks(clock, true).await?;
        self.keep(clock, ahead.max(WRITE_LIMIT))?;
        let now = now + i64::try_from(ahead.as_millis()).unwrap_or(0);
        let at = last.map_or(now, |last| now.max(last + 1));
        let mut sql = self.sql("UPDATE tree SET changed_at = ");
        let bound = sql.bind(at);
        sql.push(&format!("{bound} WHERE id = 1"));
        self.run(sql).await?;
        Ok(at)
    }

    fn keep(&self, clock: &Clock, limit: Duration) -> Result<()> {
        Stamp::of(clock, limit).map_or(Ok(()), |stamp| self.keep_stamp(stamp))
    }

    /// An instant after every event that this snapshot sees.
    pub async fn as_of(&self, clock: &Clock) -> Result<i64> {
        let (last, now) = self.clocks(clock, false).await?;
        Ok(last.map_or(now, |last| now.max(last + 1)))
    }

    /// `writes`: the transaction has its number before it reads the clock, so that an instant is never older than what a horizon
    /// knows of the transaction.
    async fn clocks(&self, clock: &Clock, writes: bool) -> Result<(Option<i64>, i64)> {
        let number =
            if writes && self.dialect == Dialect::Postgres { "pg_current_xact_id()::text AS number, " } else { "" };
        let mut sql = self.sql(format!(
            "SELECT {number}(SELECT MAX(l.at) FROM (SELECT MAX(at) AS at FROM initiative_event UNION ALL \
             SELECT MAX(at) FROM target_event UNION ALL SELECT changed_at FROM tree) l) AS at, "
        ));
        let now = sql.now(clock);
        sql.push(&format!("{now} AS now"));
        let row: Option<Last> = self.one(sql).await?;
        Ok(row.map_or((None, clock.now()), |row| (row.at, row.now)))
    }
}

impl Sql {
    /// An expression: the present instant, milliseconds since the epoch.
    pub fn now(&mut self, clock: &Clock) -> String {
        // One writer process has one clock; several share their database's.
        if matches!((self.dialect, clock), (Dialect::Postgres, Clock::System)) {
            "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)".to_owned()
        } else {
            let now = self.bind(clock.now());
            format!("CAST({now} AS BIGINT)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_still_sets_no_limit() {
        let long_ago = Stamp { drawn: Instant::now() - Duration::from_secs(1), limit: Duration::ZERO };
        assert!(long_ago.is_too_old());
        assert!(Stamp::of(&Clock::System, WRITE_LIMIT).is_some_and(|stamp| !stamp.is_too_old()));
        assert!(Stamp::of(&Clock::Fixed(Default::default()), Duration::ZERO).is_none());
    }
}
