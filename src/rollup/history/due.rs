//! Whether there are events enough for another mark: counted on from look to look, so that a look costs what has happened since the
//! one before.

use super::grade::Grade;
use super::write::last_mark;
use crate::config::History;
use crate::error::Result;
use crate::store::Tx;

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
}

impl Due {
    /// The grades that may get another mark before the instant, up to which time is closed.
    pub async fn look(&mut self, tx: &Tx, history: &History, closed: i64) -> Result<Vec<Grade>> {
        let mut due = Vec::new();
        for (grade, counted) in Grade::ALL.into_iter().zip(&mut self.0) {
            let (mark, every) = (last_mark(tx, grade).await?, grade.every(history));
            if counted.mark != mark {
                *counted = Counted { mark, upto: mark, events: 0 };
            }
            counted.go_on(tx, closed, every).await?;
            if counted.events > every {
                due.push(grade);
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
        let mut sql = tx.sql("SELECT COUNT(*) AS id FROM (SELECT 1 FROM initiative_event w WHERE ");
        let (from, to) = (sql.bind(self.upto), sql.bind(closed));
        let most = every + 1 - self.events;
        sql.push(&format!("w.at >= {from} AND w.at < {to} AND w.submitted_at IS NOT NULL LIMIT {most}) e"));
        let new = tx.ids(sql).await?.pop().unwrap_or(0);
        self.events += usize::try_from(new).unwrap_or(0);
        self.upto = closed;
        Ok(())
    }
}
