//! Person by person: in how many counted initiatives he takes part, against what is stored and queued; and in which cells he counts.

use std::collections::VecDeque;
use std::sync::Arc;

use super::days::Days;
use super::found::Found;
use super::history::History;
use super::ledger::Owns;
use super::lists::{Lists, Past};
use super::mend::Mend;
use super::spill::{Record, Sorted};
use super::stored::QueuedPersons;
use super::tree::Tree;
use super::words::Codes;
use crate::error::Result;
use crate::ledger::OwnKey;
use crate::store::{Tx, lean_row};
use crate::watch::Watch;

/// Rows that are read at once.
const PAGE: usize = 10_000;

lean_row!(Row { account_id: i64, programme_id: i64, unit_id: i64, phase_id: i64, group_id: i64, n: i64 });

/// Stored rows in the order of persons.
struct Rows<'a> {
    tx: &'a Tx,
    rows: VecDeque<Row>,
    after: Option<Row>,
    ended: bool,
}

impl Rows<'_> {
    /// Makes sure that the next row is there, if there is one.
    async fn fill(&mut self) -> Result<()> {
        if !self.rows.is_empty() || self.ended {
            return Ok(());
        }
        let key = "account_id, programme_id, unit_id, phase_id, group_id";
        let mut sql = self.tx.sql(format!("SELECT {key}, n FROM rollup_person"));
        if let Some(row) = &self.after {
            let values = [row.account_id, row.programme_id, row.unit_id, row.phase_id, row.group_id];
            let values = values.map(|value| sql.bind(value));
            sql.push(&format!(" WHERE ({key}) > ({})", values.join(", ")));
        }
        sql.push(&format!(" ORDER BY {key} LIMIT {PAGE}"));
        let rows: Vec<Row> = self.tx.lean(sql).await?;
        self.ended = rows.len() < PAGE;
        self.after = rows.last().cloned();
        self.rows = rows.into();
        Ok(())
    }
}

/// What the comparison goes by and adds to.
pub(super) struct Persons<'a> {
    pub tree: &'a Tree,
    pub owns: &'a Owns,
    pub codes: &'a Codes,
    pub lists: &'a mut Lists,
    pub history: &'a mut History,
    pub days: &'a mut Days,
    pub found: &'a mut Found,
}

/// Compares all persons; answers how many count in each cell.
pub(super) async fn check(
    tx: &Tx,
    mut records: Sorted,
    mut queued: QueuedPersons,
    mut of: Persons<'_>,
    watch: &dyn Watch,
) -> Result<Vec<i64>> {
    let mut stored = Rows { tx, rows: VecDeque::new(), after: None, ended: false };
    let mut waiting: Vec<i64> = queued.keys().copied().collect();
    waiting.sort_unstable_by(|one, other| other.cmp(one));
    let (mut counts, mut mine, mut room, mut room_past) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut keys: Vec<(OwnKey, i64, i64)> = Vec::new();
    let mut done = 0;
    loop {
        stored.fill().await?;
        let heads = [records.account(), stored.rows.front().map(|row| row.account_id), waiting.last().copied()];
        let Some(account) = heads.into_iter().flatten().min() else { break };
        records.of(account, &mut mine)?;
        keys.clear();
        keys.extend(
            mine.iter().filter(|record| record.to == i64::MAX).map(|record| (of.owns.keys[record.own as usize], 1, 0)),
        );
        while stored.rows.front().is_some_and(|row| row.account_id == account) {
            if let Some(row) = stored.rows.pop_front() {
                let key =
                    OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
                keys.push((key, 0, row.n));
            }
            stored.fill().await?;
        }
        if waiting.last() == Some(&account) {
            waiting.pop();
            keys.extend(queued.remove(&account).into_iter().flatten().map(|(key, n)| (key, -n, 0)));
        }
        of.one(account, &mut keys, (&mut room, &mut counts));
        of.past(&mine, &mut room_past);
        of.days.add_person(of.owns, &mine);
        done += 1;
        if done % 10_000 == 0 {
            watch.advance(10_000);
        }
    }
    Ok(counts)
}

impl Persons<'_> {
    /// Compares where he counts now, and adds him to the cells.
    fn one(
        &mut self,
        account: i64,
        keys: &mut [(OwnKey, i64, i64)],
        (room, counts): (&mut Vec<(u32, i64)>, &mut Vec<i64>),
    ) {
        keys.sort_unstable_by_key(|(key, ..)| *key);
        room.clear();
        for same in keys.chunk_by(|one, other| one.0 == other.0) {
            let key = same[0].0;
            let (expected, stored) = same.iter().fold((0, 0), |sum, (_, n, there)| (sum.0 + n, sum.1 + there));
            if expected != stored {
                let place = format!("a person's initiatives in {}", self.codes.own(self.tree, key));
                let mend = Mend::Person(account, key, expected - stored);
                self.found.mendable(place, expected.to_string(), stored.to_string(), mend);
            }
            if let Some(class) = self.tree.class(key.unit).filter(|_| expected != 0) {
                room.extend(self.lists.now(&self.tree.classes, class, key).iter().map(|cell| (*cell, expected)));
            }
        }
        room.sort_unstable();
        counts.resize(counts.len().max(self.lists.cells.len()), 0);
        for same in room.chunk_by(|one, other| one.0 == other.0) {
            if same.iter().map(|(_, n)| n).sum::<i64>() > 0 {
                counts[same[0].0 as usize] += 1;
            }
        }
    }

    /// Adds when he counted in cells whose history is kept.
    fn past(&mut self, records: &[Record], room: &mut Vec<(usize, u32, usize)>) {
        if records.is_empty() || !self.history.is_kept() {
            return;
        }
        let listed = records.iter().filter_map(|record| {
            let key = self.owns.keys[record.own as usize];
            let class = self.tree.class(key.unit)?;
            Some((*record, self.lists.then(&self.tree.classes, class, key)))
        });
        let listed: Vec<(Record, Arc<[Past]>)> = listed.collect();
        self.history.add_person(&listed, room);
    }
}
