//! Events in the order of time, and where marks stand among them.

use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::ledger::{OwnKey, Tally};
use crate::rollup::changes;
use crate::store::Tx;

/// What one event changes.
#[derive(FromQueryResult)]
pub struct Change {
    pub at: i64,
    pub unit_id: i64,
    programme_id: i64,
    phase_id: i64,
    group_id: i64,
    pub submitted_at: i64,
    #[sea_orm(nested)]
    pub tally: Tally,
}

impl Change {
    pub fn key(&self) -> OwnKey {
        OwnKey { unit: self.unit_id, programme: self.programme_id, phase: self.phase_id, group: self.group_id }
    }
}

/// Part of the time, with the marks in it.
pub struct Span {
    /// The mark at which it begins.
    pub from: i64,
    /// Marks, in order; each after `from`.
    pub marks: Vec<i64>,
    /// Events from `from` up to the last mark, in order.
    pub changes: Vec<Change>,
}

const CHANGE: &str = "w.at, w.unit_id, w.programme_id, w.phase_id, w.group_id, w.submitted_at";

impl Span {
    /// From a mark on, with a new mark after every so many events, as far as time is closed and as many events as there may be at
    /// once; none where there are too few for a mark.
    pub async fn next(tx: &Tx, from: i64, closed: i64, every: usize, most: usize) -> Result<Option<Span>> {
        let mut most = most.max(every);
        loop {
            let mut sql = tx.sql(format!("SELECT {CHANGE}, {} FROM initiative_event w WHERE ", changes::each("w")));
            let (first, end) = (sql.bind(from), sql.bind(closed));
            sql.push(&format!(
                "w.at >= {first} AND w.at < {end} AND w.submitted_at IS NOT NULL ORDER BY w.at LIMIT {}",
                most + 1
            ));
            let mut changes: Vec<Change> = tx.all(sql).await?;
            let marks = marks(changes.iter().map(|change| change.at), from, every);
            if let Some(last) = marks.last().copied() {
                changes.truncate(changes.partition_point(|change| change.at < last));
                return Ok(Some(Span { from, marks, changes }));
            }
            if changes.len() <= most {
                return Ok(None);
            }
            // More events of one instant than are read at once: an instant is not divided.
            most *= 2;
        }
    }

    /// From the beginning to marks that are set, of what these units did.
    pub async fn whole(tx: &Tx, marks: Vec<i64>, units: &[i64]) -> Result<Span> {
        let mut sql = tx.sql(format!("SELECT {CHANGE}, {} FROM initiative_event w WHERE ", changes::each("w")));
        let end = sql.bind(marks.last().copied().unwrap_or(0));
        let these = sql.any_id("w.unit_id", units);
        sql.push(&format!("{these} AND w.at < {end} AND w.submitted_at IS NOT NULL ORDER BY w.at"));
        Ok(Span { from: 0, marks, changes: tx.all(sql).await? })
    }

    /// The last mark.
    pub fn to(&self) -> i64 {
        self.marks.last().copied().unwrap_or(self.from)
    }

    /// The marks, each with the number of events since the one before.
    pub fn counted(&self) -> Vec<(i64, i64)> {
        let mut before = 0;
        let count = |at: &i64| {
            let upto = self.changes.partition_point(|change| change.at < *at);
            let events = upto.saturating_sub(std::mem::replace(&mut before, upto));
            (*at, i64::try_from(events).unwrap_or(i64::MAX))
        };
        self.marks.iter().map(count).collect()
    }

    /// Which mark is the first after the instant.
    pub fn place(&self, at: i64) -> usize {
        self.marks.partition_point(|mark| *mark <= at)
    }
}

/// A mark at every so many instants of events: events of one instant are never divided by a mark.
fn marks(instants: impl Iterator<Item = i64>, from: i64, every: usize) -> Vec<i64> {
    let mut marks = Vec::new();
    let (mut n, mut last) = (0, from);
    for at in instants {
        if n >= every && at > last {
            marks.push(at);
            (n, last) = (0, at);
        }
        n += 1;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::marks;

    #[test]
    fn marks_stand_between_instants() {
        let at = |instants: &[i64]| marks(instants.iter().copied(), 1, 2);
        assert_eq!(at(&[1, 2, 3, 4, 5]), [3, 5]);
        assert_eq!(at(&[1, 1, 1, 1, 2, 3]), [2]);
        assert_eq!(at(&[1, 1, 1, 1]), [0; 0]);
        assert_eq!(at(&[1, 2]), [0; 0]);
    }
}
