//! Events in the order of time, and where marks stand among them.

use entity::enums::Action;
use sea_orm::ActiveEnum;

use super::grade::Grade;
use crate::error::Result;
use crate::ledger::{OwnKey, Tally};
use crate::rollup::{activity, changes};
use crate::store::{Both, Sql, Tx, lean_row};

lean_row!(Event { at: i64, unit_id: i64, programme_id: i64, phase_id: i64, group_id: i64, submitted_at: i64 });

lean_row!(Deed { deed: String });

type EventRow = Both<Event, Both<Tally, Deed>>;

/// What one event changes.
pub struct Change {
    pub at: i64,
    pub unit_id: i64,
    pub submitted_at: i64,
    programme_id: i64,
    phase_id: i64,
    group_id: i64,
    pub tally: Tally,
    /// What it is among what happened in its period.
    pub deed: Option<Action>,
}

impl Change {
    fn of(Both(event, Both(tally, Deed { deed })): EventRow) -> Change {
        let Event { at, unit_id, programme_id, phase_id, group_id, submitted_at } = event;
        let deed = Action::try_from_value(&deed).ok();
        Change { at, unit_id, submitted_at, programme_id, phase_id, group_id, tally, deed }
    }

    pub fn key(&self) -> OwnKey {
        OwnKey { unit: self.unit_id, programme: self.programme_id, phase: self.phase_id, group: self.group_id }
    }
}

/// What a span means for one grade: where it begins for it, and the marks in it.
pub struct Reach {
    pub grade: Grade,
    /// The mark at which it begins.
    pub from: i64,
    /// Marks, in order; each after `from`, and one at least.
    pub marks: Vec<i64>,
}

impl Reach {
    /// The last mark.
    pub fn to(&self) -> i64 {
        self.marks.last().copied().unwrap_or(self.from)
    }

    pub fn has(&self, at: i64) -> bool {
        at >= self.from && at < self.to()
    }

    /// Which mark is the first after the instant.
    pub fn place(&self, at: i64) -> usize {
        self.marks.partition_point(|mark| *mark <= at)
    }
}

/// Part of the time, for one grade or several.
pub struct Span {
    pub reaches: Vec<Reach>,
    /// Events from the first beginning up to the last mark, in order.
    pub changes: Vec<Change>,
}

/// Events that are read by one statement.
const PAGE: usize = 4_000;

/// Units whose events are read by one statement.
const UNITS: usize = 1_000;

impl Span {
    /// From the grades' last marks on, with a new mark after every so many events, as far as time is closed and as many events as
    /// there may be at once; none where there are too few for any mark. Where they are not to `wait` for more, a mark is set behind few too.
    pub async fn next(
        tx: &Tx,
        grades: &[(Grade, i64, usize)],
        closed: i64,
        most: usize,
        wait: bool,
    ) -> Result<Option<Span>> {
        let Some(from) = grades.iter().map(|(_, from, _)| *from).min() else { return Ok(None) };
        let mut most = grades.iter().map(|(_, _, every)| *every).chain([most]).max().unwrap_or(most);
        loop {
            let mut changes = read(tx, from, closed, most + 1).await?;
            let reach = |(grade, from, every): &(Grade, i64, usize)| {
                let after = changes.partition_point(|change| change.at < *from);
                let mut marks = marks(changes[after..].iter().map(|change| change.at), *from, *every);
                if let Some(last) = changes[after..].last().filter(|_| marks.is_empty() && !wait) {
                    marks.push(last.at + 1);
                }
                Reach { grade: *grade, from: *from, marks }
            };
            let reaches: Vec<Reach> = grades.iter().map(reach).filter(|reach| !reach.marks.is_empty()).collect();
            if let Some(last) = reaches.iter().map(Reach::to).max() {
                changes.truncate(changes.partition_point(|change| change.at < last));
                return Ok(Some(Span { reaches, changes }));
            }
            if changes.len() <= most {
                return Ok(None);
            }
            // More events of one instant than are read at once: an instant is not divided.
            most *= 2;
        }
    }

    /// From the beginning to marks that are set, of what these units did.
    pub async fn whole(tx: &Tx, grade: Grade, marks: Vec<i64>, units: &[i64]) -> Result<Span> {
        let mut changes = Vec::new();
        for units in units.chunks(UNITS) {
            let mut sql = tx.sql(select());
            let end = sql.bind(marks.last().copied().unwrap_or(0));
            let these = sql.any_id("w.unit_id", units);
            sql.push(&format!("{these} AND w.at < {end} AND w.submitted_at IS NOT NULL"));
            changes.append(&mut changed(tx, sql).await?);
        }
        changes.sort_by_key(|change| change.at);
        Ok(Span { reaches: vec![Reach { grade, from: 0, marks }], changes })
    }

    pub fn reach(&self, grade: Grade) -> Option<&Reach> {
        self.reaches.iter().find(|reach| reach.grade == grade)
    }

    /// From the first beginning to the last mark.
    pub fn bounds(&self) -> (i64, i64) {
        let from = self.reaches.iter().map(|reach| reach.from).min().unwrap_or(0);
        (from, self.reaches.iter().map(Reach::to).max().unwrap_or(0))
    }

    /// The marks of a grade, each with the number of events since the one before.
    pub fn counted(&self, reach: &Reach) -> Vec<(i64, i64)> {
        let mut before = self.changes.partition_point(|change| change.at < reach.from);
        let count = |at: &i64| {
            let upto = self.changes.partition_point(|change| change.at < *at);
            let events = upto.saturating_sub(std::mem::replace(&mut before, upto));
            (*at, i64::try_from(events).unwrap_or(i64::MAX))
        };
        reach.marks.iter().map(count).collect()
    }
}

async fn changed(tx: &Tx, sql: Sql) -> Result<Vec<Change>> {
    Ok(tx.lean::<EventRow>(sql).await?.into_iter().map(Change::of).collect())
}

/// Events, up to the condition that says which.
fn select() -> String {
    let deed = activity::counted("w");
    format!(
        "SELECT w.at, w.unit_id, w.programme_id, w.phase_id, w.group_id, w.submitted_at, {}, CASE WHEN {deed} THEN w.action \
         ELSE '' END AS deed FROM initiative_event w WHERE ",
        changes::each("w")
    )
}

/// As many events from the instant on, and some more, or all up to the end, page by page: what a statement answers takes several times the
/// room.
async fn read(tx: &Tx, from: i64, end: i64, most: usize) -> Result<Vec<Change>> {
    let mut changes: Vec<Change> = Vec::new();
    let mut next = Some(from);
    while let Some(from) = next.filter(|_| changes.len() < most) {
        let (mut page, after) = page(tx, from, end).await?;
        changes.append(&mut page);
        next = after;
    }
    Ok(changes)
}

/// Events from the instant on, those of an instant together, and the instant from which on there are more.
pub async fn page(tx: &Tx, from: i64, end: i64) -> Result<(Vec<Change>, Option<i64>)> {
    let mut limit = PAGE;
    loop {
        let mut sql = tx.sql(select());
        let (first, last) = (sql.bind(from), sql.bind(end));
        sql.push(&format!(
            "w.at >= {first} AND w.at < {last} AND w.submitted_at IS NOT NULL ORDER BY w.at LIMIT {limit}"
        ));
        let mut rows = changed(tx, sql).await?;
        let Some(last) = rows.last().map(|row| row.at).filter(|_| rows.len() == limit) else {
            return Ok((rows, None));
        };
        // What happened at the last instant may go on.
        let whole = rows.partition_point(|row| row.at < last);
        if whole > 0 {
            rows.truncate(whole);
            return Ok((rows, Some(last)));
        }
        limit *= 2;
    }
}

lean_row!(Instant { at: i64, events: i64 });

/// Every mark that the grades get before the instant, from the beginning.
pub async fn all_marks(tx: &Tx, grades: &[(Grade, usize)], end: i64) -> Result<Vec<(Grade, Vec<i64>)>> {
    let mut settings: Vec<(Grade, Setting)> =
        grades.iter().map(|(grade, every)| (*grade, Setting::new(0, *every))).collect();
    let mut from = 0;
    loop {
        let mut sql = tx.sql("SELECT w.at, COUNT(*) AS events FROM initiative_event w WHERE ");
        let (first, last) = (sql.bind(from), sql.bind(end));
        sql.push(&format!(
            "w.at > {first} AND w.at < {last} AND w.submitted_at IS NOT NULL GROUP BY w.at ORDER BY w.at LIMIT {PAGE}"
        ));
        let instants: Vec<Instant> = tx.lean(sql).await?;
        let Some(last) = instants.last() else { break };
        from = last.at;
        for (_, setting) in &mut settings {
            instants.iter().for_each(|instant| (0..instant.events).for_each(|_| setting.see(instant.at)));
        }
    }
    Ok(settings.into_iter().map(|(grade, setting)| (grade, setting.marks)).collect())
}

/// Sets a mark after every so many events, at the next instant: so that going on from a mark sets the same ones as going through.
struct Setting {
    every: usize,
    /// Since the last mark.
    events: usize,
    /// The instant of the latest event.
    instant: i64,
    marks: Vec<i64>,
}

impl Setting {
    fn new(from: i64, every: usize) -> Setting {
        Setting { every, events: 0, instant: from, marks: Vec::new() }
    }

    fn see(&mut self, at: i64) {
        if self.events >= self.every && at > self.instant {
            self.marks.push(at);
            self.events = 0;
        }
        self.instant = at;
        self.events += 1;
    }
}

fn marks(instants: impl Iterator<Item = i64>, from: i64, every: usize) -> Vec<i64> {
    let mut setting = Setting::new(from, every);
    instants.for_each(|at| setting.see(at));
    setting.marks
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

    #[test]
    fn going_on_sets_the_marks_of_going_through() {
        let instants = [1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5, 6, 6, 6, 7, 8, 8, 9];
        for every in 1..6 {
            let through = marks(instants.into_iter(), 0, every);
            let mut on = Vec::new();
            for _ in 0..instants.len() {
                let from = on.last().copied().unwrap_or(0);
                let rest = instants.into_iter().filter(|at| *at >= from);
                on.extend(marks(rest, from, every).first());
            }
            assert_eq!(on, through, "every {every}");
        }
    }
}
