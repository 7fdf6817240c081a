//! Initiative by initiative: the row, its authors and participants against its events; and what all of them add up to.

use std::collections::HashMap;

use sea_orm::ActiveEnum;

use super::days::Days;
use super::found::Found;
use super::history::History;
use super::lists::Lists;
use super::mend::Mend;
use super::pages::Page;
use super::recount::{Recounted, replay};
use super::rows::{Author, InitiativeRow, Period};
use super::spill::{Record, Spill};
use super::tree::Tree;
use super::vocabulary::Vocabulary;
use super::words::or_none;
use crate::error::Result;
use crate::ledger::{OwnKey, Tally, out_of_range};
use crate::text;

/// What own records add up to, by number.
#[derive(Default)]
pub(super) struct Owns {
    numbers: HashMap<OwnKey, u32>,
    pub keys: Vec<OwnKey>,
    pub tallies: Vec<Tally>,
}

impl Owns {
    pub fn with_capacity(n: usize) -> Owns {
        Owns { numbers: HashMap::with_capacity(n), keys: Vec::with_capacity(n), tallies: Vec::with_capacity(n) }
    }

    pub fn find(&self, key: &OwnKey) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// Adds to the sum; answers its number.
    pub fn add(&mut self, key: OwnKey, tally: Tally) -> Result<u32> {
        let next = u32::try_from(self.keys.len()).map_err(|_| out_of_range())?;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
            self.tallies.push(Tally::default());
        }
        let sum = &mut self.tallies[number as usize];
        *sum = sum.plus(tally).ok_or_else(out_of_range)?;
        Ok(number)
    }
}

/// What was found and added up so far.
pub(super) struct Ledger {
    pub tree: Tree,
    pub found: Found,
    pub owns: Owns,
    pub lists: Lists,
    pub history: History,
    pub days: Days,
    /// The words that searches know.
    pub vocabulary: Vocabulary,
    /// Who counted where.
    pub spill: Spill,
}

impl Ledger {
    /// Compares a page; answers how many initiatives it had.
    pub fn page(&mut self, page: Page) -> Result<usize> {
        let rows = page.initiatives.read()?;
        let (events, periods, authors) = (page.events.read()?, page.periods.read()?, page.authors.read()?);
        let (mut events, mut periods, mut authors) = (&events[..], &periods[..], &authors[..]);
        for row in &rows {
            let events = take(&mut events, |event| event.initiative_id <= row.id);
            let periods = take(&mut periods, |period| period.initiative_id <= row.id);
            let authors = take(&mut authors, |author| author.initiative_id <= row.id);
            self.found.report.initiatives += 1;
            self.found.report.events += events.len();
            match replay(events) {
                Ok(said) => {
                    self.row(row, &said, authors);
                    self.participants(row, &said, periods);
                    self.count(&said)?;
                }
                Err(why) => self.found.lasting(
                    format!("initiative {} events", row.code),
                    "a history of the life cycle".to_owned(),
                    why,
                ),
            }
        }
        Ok(rows.len())
    }

    fn row(&mut self, row: &InitiativeRow, said: &Recounted, authors: &[Author]) {
        let found = &mut self.found;
        let mut compare = |what: &str, expected: String, stored: String| {
            if expected != stored {
                found.lasting(format!("initiative {} {what}", row.code), expected, stored);
            }
        };
        compare("state", said.state.to_value(), row.state.clone());
        let numbers = (said.version, said.submitted_at, said.decided_at, said.claim, said.opaque, said.verified);
        let stored = (
            row.version,
            row.submitted_at,
            row.decided_at,
            row.counted_claim,
            row.counted_opaque,
            row.verified_benefit,
        );
        if numbers != stored {
            compare("version", numbers.0.to_string(), stored.0.to_string());
            compare("first submission", or_none(numbers.1), or_none(stored.1));
            compare("latest decision", or_none(numbers.2), or_none(stored.2));
            compare("counted claim", numbers.3.to_string(), stored.3.to_string());
            compare("counted as not computable", numbers.4.to_string(), stored.4.to_string());
            compare("verified benefit", or_none(numbers.5), or_none(stored.5));
        }
        if (said.latest.claimed, said.latest.not_computable) != (row.claimed_benefit, row.benefit_not_computable) {
            compare("claimed benefit", or_none(said.latest.claimed), or_none(row.claimed_benefit));
            compare("not computable", said.latest.not_computable.to_string(), row.benefit_not_computable.to_string());
        }
        if !said.latest.authors.iter().eq(authors.iter().map(|author| &author.account_id)) {
            let stored: Vec<i64> = authors.iter().map(|author| author.account_id).collect();
            compare("authors", format!("{:?}", said.latest.authors), format!("{stored:?}"));
        }
        let first = authors.iter().find(|author| author.position == 0).map(|author| author.account_id);
        if first != Some(row.first_author_id) {
            compare("first author", or_none(first), row.first_author_id.to_string());
        }
        if let Some(key) = said.key {
            let stored = (row.unit_id, row.programme_id, row.phase_id, row.group_id);
            if stored != (key.unit, key.programme, key.phase, key.group) {
                let key = (key.unit, key.programme, key.phase, key.group);
                compare("place", format!("{key:?}"), format!("{stored:?}"));
            }
        }
        for (what, expected, stored) in &said.faults {
            compare(what, expected.clone(), stored.clone());
        }
        if text::fold(&row.title) != row.title_folded
            || text::lower(&row.title) != row.title_lower
            || text::sort_key(&row.title) != row.title_sort
        {
            self.found.mendable(
                format!("initiative {} title's search and sort keys", row.code),
                "those of its title".to_owned(),
                "others".to_owned(),
                Mend::Title(row.id),
            );
        } else if !row.words || !self.vocabulary.has(row) {
            self.found.mendable(
                format!("initiative {} words in the search index", row.code),
                "those of its title".to_owned(),
                "others or none".to_owned(),
                Mend::TitleWords(row.id),
            );
        }
    }

    fn participants(&mut self, row: &InitiativeRow, said: &Recounted, stored: &[Period]) {
        let periods = stored.iter().map(|one| (one.account_id, one.counted_from, one.counted_to));
        let elsewhere = stored.iter().any(|one| {
            (one.unit_id, one.programme_id, one.phase_id, one.group_id)
                != (row.unit_id, row.programme_id, row.phase_id, row.group_id)
        });
        if elsewhere || !said.periods.iter().copied().eq(periods.clone()) {
            let periods: Vec<_> = periods.collect();
            self.found.mendable(
                format!("initiative {} participants", row.code),
                in_words(&said.periods),
                if elsewhere { "at another place".to_owned() } else { in_words(&periods) },
                Mend::Participants(row.id),
            );
        }
    }

    /// Adds what the initiative counts, and counted.
    fn count(&mut self, said: &Recounted) -> Result<()> {
        let (Some(key), Some(submitted_at)) = (said.key, said.submitted_at) else { return Ok(()) };
        let own = self.owns.add(key, said.tally())?;
        for (account, from, to) in &said.periods {
            let to = to.unwrap_or(i64::MAX);
            self.spill.push(Record { account: *account, own, submitted_at, from: *from, to })?;
        }
        self.days.add(key, submitted_at, &said.changes);
        if self.history.is_kept() {
            let class = self.tree.class(key.unit);
            let lists = class.map(|class| self.lists.then(&self.tree.classes, class, key));
            self.history.add(lists.as_deref().unwrap_or_default(), submitted_at, &said.changes);
        }
        Ok(())
    }
}

fn in_words(periods: &[(i64, i64, Option<i64>)]) -> String {
    let now = periods.iter().filter(|(_, _, to)| to.is_none()).count();
    format!("{now} now, in {} periods", periods.len())
}

/// The rows at the beginning of which this holds.
pub(super) fn take<'a, T>(rows: &mut &'a [T], these: impl Fn(&T) -> bool) -> &'a [T] {
    let n = rows.iter().take_while(|row| these(row)).count();
    let (here, rest) = rows.split_at(n);
    *rows = rest;
    here
}
