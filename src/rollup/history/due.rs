//! Whether there are events enough for another mark, or events that have waited for one long enough: counted on from look to look, so that
//! a look costs what has happened since the one before.

use sea_orm::FromQueryResult;

use super::grade::Grade;
use super::write::last_mark;
use crate::config::History;
use crate::error::Result;
use crate::store::Tx;

/// After so many milliseconds a mark is set behind events of a grade with steps though there are few of them: from then on rows tell every
/// instant up to it.
const WAITING: i64 = 15_000;

/// What there is to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dues {
    /// Grades that may get another mark.
    pub grades: Vec<Grade>,
    /// Grades whose few events have waited.
    pub waiting: Vec<Grade>,
}

impl Dues {
    pub fn is_empty(&self) -> bool {
        self.grades.is_empty() && self.waiting.is_empty()
    }
}

/// What was counted of each grade.
#[derive(Default)]
pub struct Due([Counted; Grade::ALL.len()]);

#[derive(Clone, Copy, Default)]
struct Counted {
    /// The mark since which events are counted; 0: from the beginning.
    mark: i64,
    /// Up to which instant; time was closed up to there.
    upto: i64,
    events: usize,
    /// The first one's instant.
    first: Option<i64>,
}

#[derive(FromQueryResult)]
struct New {
    events: i64,
    first: Option<i64>,
}

impl Due {
    /// Before the instant, up to which time is closed.
    pub async fn look(&mut self, tx: &Tx, history: &History, closed: i64) -> Result<Dues> {
        let mut due = Dues::default();
        for (grade, counted) in Grade::ALL.into_iter().zip(&mut self.0) {
            let (mark, every) = (last_mark(tx, grade).await?, grade.every(history));
            if counted.mark != mark {
                *counted = Counted { mark, upto: mark, events: 0, first: None };
            }
            counted.go_on(tx, closed, every).await?;
            if counted.events > every {
                due.grades.push(grade);
            } else if grade.is_stepped() && counted.first.is_some_and(|first| first < closed - WAITING) {
                due.waiting.push(grade);
            }
        }
        Ok(due)
    }
}

impl Counted {
    /// Counts on, no further than one event more than a mark needs.
    async fn go_on(&mut self, tx: &Tx, closed: i64, every: usize) -> Result<()> {
        if self.events > every || closed <= self.upto {
            return Ok(());
        }
        let mut sql =
            tx.sql("SELECT COUNT(*) AS events, MIN(e.at) AS first FROM (SELECT w.at FROM initiative_event w WHERE ");
        let (from, to) = (sql.bind(self.upto), sql.bind(closed));
        let most = every + 1 - self.events;
        sql.push(&format!(
            "w.at >= {from} AND w.at < {to} AND w.submitted_at IS NOT NULL ORDER BY w.at LIMIT {most}) e"
        ));
        if let Some(New { events, first }) = tx.one::<New>(sql).await? {
            self.events += usize::try_from(events).unwrap_or(0);
            self.first = self.first.or(first);
        }
        self.upto = closed;
        Ok(())
    }
}
