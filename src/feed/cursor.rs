//! Reading what has been committed since the last look: each event once, however late its transaction ended.
//!
//! Instants are drawn before the commit, so a later look may find an earlier instant. So each look goes back to where
//! transactions that are open now may still write, and passes over what it has seen.

use std::collections::{HashMap, HashSet, VecDeque};

use sea_orm::FromQueryResult;

use crate::app::App;
use crate::error::Result;
use crate::store::{Horizon, Tx};

/// Rows of one statement.
const PAGE: usize = 5_000;

/// Something that happened in a unit's programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Change {
    /// Of an initiative; otherwise of a target.
    pub of_initiative: bool,
    pub id: i64,
    /// The initiative's version.
    pub seq: i32,
    at: i64,
    pub unit_id: i64,
    pub programme_id: i64,
}

type Key = (bool, i64, i32);

#[cfg(test)]
impl Change {
    /// A version of an initiative.
    pub fn of(id: i64, seq: i32) -> Change {
        Change { of_initiative: true, id, seq, at: 0, unit_id: 0, programme_id: 0 }
    }
}

impl Change {
    fn key(&self) -> Key {
        (self.of_initiative, self.id, self.seq)
    }
}

/// What one look found.
#[derive(Default)]
pub struct Found {
    pub changes: Vec<Change>,
    /// The tree is another one: any roll-up may have changed.
    pub tree_changed: bool,
}

/// How far the feed has read.
#[derive(Default)]
pub struct Cursor {
    /// Nothing that is not committed yet will have an earlier instant.
    low: i64,
    /// What was seen from there on, with its instant.
    seen: HashMap<Key, i64>,
    /// Looks whose open transactions have not all ended.
    marks: VecDeque<Mark>,
    tree: Option<i64>,
}

/// One look: transactions from number `next` on stamp nothing earlier than `floor`.
struct Mark {
    next: i64,
    floor: i64,
}

/// A look that has not been kept yet.
pub struct Look {
    pub found: Found,
    horizon: Horizon,
    tree: Option<i64>,
}

impl Cursor {
    /// A cursor at the present: what was committed before is no news.
    pub async fn now(app: &App) -> Result<Cursor> {
        let floor = app.store.read().await?.horizon(&app.clock).await?.floor();
        let mut cursor = Cursor { low: floor.saturating_sub(OPEN_AT_START), ..Cursor::default() };
        let look = cursor.look(app).await?;
        cursor.keep(look);
        Ok(cursor)
    }

    /// What has been committed since the last look that was kept.
    pub async fn look(&self, app: &App) -> Result<Look> {
        let tx = app.store.read().await?;
        let horizon = tx.horizon(&app.clock).await?;
        let tree = tx.ids(tx.sql("SELECT version AS id FROM tree WHERE id = 1")).await?.pop();
        let tree_changed = self.tree.is_some() && self.tree != tree;
        let mut changes = Vec::new();
        let mut after = None;
        loop {
            let page = page(&tx, self.low, after).await?;
            changes.extend(page.iter().filter(|change| !self.seen.contains_key(&change.key())));
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(*last),
                _ => break,
            }
        }
        Ok(Look { found: Found { changes, tree_changed }, horizon, tree })
    }

    /// What the look found is told: the next one goes on from there.
    pub fn keep(&mut self, look: Look) {
        self.seen.extend(look.found.changes.iter().map(|change| (change.key(), change.at)));
        self.tree = look.tree;
        self.advance(look.horizon);
    }

    /// Moves up to where everything has ended that was open at an earlier look.
    fn advance(&mut self, horizon: Horizon) {
        self.marks.push_back(Mark { next: horizon.next, floor: horizon.floor() });
        while let Some(mark) = self.marks.front().filter(|mark| mark.next <= horizon.oldest) {
            self.low = self.low.max(mark.floor);
            self.marks.pop_front();
        }
        // Behind a transaction that is open for long, some looks stand for all.
        if self.marks.len() > MARKS {
            self.marks.remove(MARKS / 2);
        }
        let low = self.low;
        self.seen.retain(|_, at| *at >= low);
    }
}

/// How much earlier than the present a transaction that is open when the feed starts may have stamped its events.
const OPEN_AT_START: i64 = 2 * crate::store::WRITE_LIMIT.as_millis() as i64;

/// Looks that are remembered.
const MARKS: usize = 64;

async fn page(tx: &Tx, low: i64, after: Option<Change>) -> Result<Vec<Change>> {
    let mut sql = tx.sql("");
    let low = sql.bind(low);
    sql.push(&format!(
        "SELECT * FROM (SELECT TRUE AS of_initiative, initiative_id AS id, seq, at, unit_id, programme_id \
         FROM initiative_event WHERE at >= {low} \
         UNION ALL SELECT FALSE, id, 0, at, unit_id, programme_id FROM target_event WHERE at >= {low}) c"
    ));
    if let Some(last) = after {
        let (at, id, seq) = (sql.bind(last.at), sql.bind(last.id), sql.bind(last.seq));
        sql.push(&format!(" WHERE (at, id, seq) > ({at}, {id}, {seq})"));
    }
    sql.push(&format!(" ORDER BY at, id, seq LIMIT {PAGE}"));
    tx.all(sql).await
}

/// Which of the units stand at or above each unit; one statement.
pub async fn above(app: &App, units: &HashSet<i64>, among: &HashSet<i64>) -> Result<HashMap<i64, Vec<i64>>> {
    #[derive(FromQueryResult)]
    struct Pair {
        ancestor_id: i64,
        descendant_id: i64,
    }
    let tx = app.store.read().await?;
    let mut sql = tx.sql("");
    let below = sql.any_id("descendant_id", &units.iter().copied().collect::<Vec<_>>());
    let these = sql.any_id("ancestor_id", &among.iter().copied().collect::<Vec<_>>());
    sql.push(&format!("SELECT ancestor_id, descendant_id FROM unit_closure WHERE {below} AND {these}"));
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    for pair in tx.all::<Pair>(sql).await? {
        found.entry(pair.descendant_id).or_default().push(pair.ancestor_id);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn horizon(oldest: i64, next: i64, last: i64) -> Horizon {
        Horizon::of(oldest, next, last)
    }

    #[test]
    fn a_look_goes_back_to_what_was_open() {
        let mut cursor = Cursor::default();
        // Transaction 7 is open while 8 commits at 100.
        cursor.advance(horizon(7, 9, 100));
        assert_eq!(cursor.low, 0);
        cursor.advance(horizon(7, 12, 140));
        assert_eq!(cursor.low, 0);
        // It has ended: whatever was open at the first look has, but 9 to 11 may go on.
        cursor.advance(horizon(9, 12, 150));
        assert_eq!(cursor.low, 100);
        cursor.advance(horizon(12, 12, 150));
        assert_eq!(cursor.low, 150);
    }

    #[test]
    fn what_was_seen_is_remembered_as_long_as_it_may_be_read_again() {
        let mut cursor = Cursor::default();
        cursor.seen.insert((true, 1, 1), 90);
        cursor.seen.insert((true, 2, 1), 100);
        cursor.advance(horizon(5, 6, 100));
        assert_eq!(cursor.seen.len(), 2);
        cursor.advance(horizon(6, 6, 100));
        assert_eq!(cursor.seen.keys().copied().collect::<Vec<_>>(), [(true, 2, 1)]);
    }

    #[test]
    fn a_transaction_that_never_ends_costs_no_more_than_so_many_marks() {
        let mut cursor = Cursor::default();
        for next in 10..1_000 {
            cursor.advance(horizon(5, next, next));
        }
        assert!(cursor.marks.len() <= MARKS);
        assert_eq!(cursor.low, 0);
        cursor.advance(horizon(1_000, 1_000, 2_000));
        assert_eq!(cursor.low, 2_000);
    }
}
