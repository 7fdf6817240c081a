//! Who counted for which initiative, put into the order of persons.

use crate::error::Result;
use crate::store;

/// Somebody's counting for one initiative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub account: i64,
    /// Where it counts: a number of own records.
    pub own: u32,
    /// When the initiative was first submitted.
    pub submitted_at: i64,
    /// When he counts, half-open; `i64::MAX`: now too.
    pub from: i64,
    pub to: i64,
}

impl Record {
    fn words(self) -> [i64; 5] {
        [self.account, i64::from(self.own), self.submitted_at, self.from, self.to]
    }

    fn of([account, own, submitted_at, from, to]: [i64; 5]) -> Record {
        // It was one when it was put away.
        Record { account, own: u32::try_from(own).unwrap_or(u32::MAX), submitted_at, from, to }
    }
}

/// Records as they come.
#[derive(Default)]
pub(super) struct Spill(store::Spill<5>);

impl Spill {
    pub fn push(&mut self, record: Record) -> Result<()> {
        self.0.push(record.words())
    }

    /// All of them, in the order of persons.
    pub fn sorted(self) -> Result<Sorted> {
        self.0.sorted().map(Sorted)
    }
}

pub(super) struct Sorted(store::Sorted<5>);

impl Sorted {
    /// The person of the next record.
    pub fn account(&self) -> Option<i64> {
        self.0.peek().map(|[account, ..]| *account)
    }

    /// Takes the records of the person, who must not come before the next record's.
    pub fn of(&mut self, account: i64, records: &mut Vec<Record>) -> Result<()> {
        records.clear();
        while let Some(words) = self.0.take_if(|[next, ..]| *next == account)? {
            records.push(Record::of(words));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_his_own() {
        let mut spill = Spill::default();
        let mut all = Vec::new();
        for i in 0..3_000_i64 {
            let account = (i * 7919) % 211 - 5;
            let record = Record { account, own: (i % 13) as u32, submitted_at: i, from: i - 4, to: i64::MAX };
            spill.push(record).unwrap();
            all.push(record);
        }
        all.sort_unstable_by_key(|record| record.words());
        let (mut sorted, mut found, mut records) = (spill.sorted().unwrap(), Vec::new(), Vec::new());
        while let Some(account) = sorted.account() {
            sorted.of(account, &mut records).unwrap();
            assert!(records.iter().all(|record| record.account == account));
            found.extend(records.iter().copied());
        }
        assert_eq!(found, all);
    }
}
