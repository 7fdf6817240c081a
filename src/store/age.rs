//! How long rows have waited that bear no time: PostgreSQL numbers transactions, and looks at the numbers tell when.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sea_orm::FromQueryResult;

use super::{Dialect, Tx};
use crate::error::{Error, Result};

/// Looks that are remembered.
const MOST: usize = 1_000;

const NEXT: &str = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

/// The rows of a table that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Waiting {
    pub rows: i64,
    /// The number of the transaction that wrote the oldest one; none where none waits, and on SQLite.
    oldest: Option<i64>,
    /// The number that the next transaction gets; on SQLite 0.
    next: i64,
}

impl Tx {
    /// The rows of the table that are so.
    pub async fn waiting(&self, table: &str, so: &str) -> Result<Waiting> {
        let numbers = match self.dialect {
            Dialect::Sqlite => "CAST(NULL AS BIGINT) AS oldest, 0 AS next".to_owned(),
            // A row has the lower 32 bits of its transaction's number, which is lower than the next one.
            Dialect::Postgres => {
                format!("MIN({NEXT} - (({NEXT} - xmin::text::bigint) & 4294967295)) AS oldest, {NEXT} AS next")
            }
        };
        let sql = self.sql(format!("SELECT COUNT(*) AS rows, {numbers} FROM {table} WHERE {so}"));
        self.one(sql).await?.ok_or_else(|| Error::Internal("a count has no row".to_owned()))
    }
}

/// Which number the next transaction had at which time.
#[derive(Default)]
pub struct Ages(VecDeque<(i64, Instant)>);

impl Ages {
    /// How long the oldest row has waited at least; remembers the look.
    pub fn of(&mut self, waiting: &Waiting, now: Instant) -> Duration {
        self.0.push_back((waiting.next, now));
        if self.0.len() > MOST {
            self.0.pop_front();
        }
        let Some(oldest) = waiting.oldest else { return Duration::ZERO };
        // The first look at which the transaction had begun.
        let begun = self.0.iter().find(|(next, _)| *next > oldest);
        begun.map_or(Duration::ZERO, |(_, at)| now.saturating_duration_since(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_old_as_the_first_look_after_it() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let waiting = |oldest, next| Waiting { rows: 1, oldest, next };
        let mut ages = Ages::default();
        assert_eq!(ages.of(&waiting(None, 10), at(0)), Duration::ZERO);
        assert_eq!(ages.of(&waiting(Some(10), 15), at(5)), Duration::ZERO);
        assert_eq!(ages.of(&waiting(Some(10), 20), at(10)), Duration::from_secs(5));
        // The oldest is another one each time, and always ten seconds old.
        assert_eq!(ages.of(&waiting(Some(14), 25), at(15)), Duration::from_secs(10));
        assert_eq!(ages.of(&waiting(Some(19), 30), at(20)), Duration::from_secs(10));
        // One that waited before the first look.
        assert_eq!(ages.of(&waiting(Some(3), 35), at(25)), Duration::from_secs(25));
        assert_eq!(ages.of(&waiting(None, 40), at(30)), Duration::ZERO);
    }
}
