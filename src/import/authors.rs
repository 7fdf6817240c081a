//! Authors of initiatives, in two columns: the first one, and the others with their shares.

use std::collections::{HashMap, HashSet};

use super::fault::Faults;
use super::lines::note;
use super::people::{Who, find};
use super::sheet::{Line, Sheet};
use crate::error::{self, Result, clip};
use crate::initiative::{Authorship, CoAuthor, divide};
use crate::store::Tx;

/// The accounts of everybody whom the file names.
pub struct People {
    accounts: HashMap<Who, i64>,
    known: HashSet<i64>,
}

impl People {
    pub async fn of(tx: &Tx, sheet: &Sheet, author: usize, co_authors: usize) -> Result<People> {
        let mut wanted = HashSet::new();
        for line in sheet.lines() {
            let others = parts(line.cell(co_authors)).map(|part| part.split_once('=').map_or(part, |(who, _)| who));
            let named = std::iter::once(line.cell(author)).chain(others);
            wanted.extend(named.filter_map(|who| Who::parse(who).ok()));
        }
        let accounts = find(tx, &wanted).await?;
        let known = accounts.values().copied().collect();
        Ok(People { accounts, known })
    }

    fn account(&self, text: &str) -> std::result::Result<i64, String> {
        let who = Who::parse(text).map_err(|reason| format!("\"{}\": {reason}", clip(text)))?;
        self.accounts.get(&who).copied().ok_or_else(|| format!("\"{}\" has no account", clip(text)))
    }
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';').map(str::trim).filter(|part| !part.is_empty())
}

/// The first author with what the others leave him, then the others.
pub fn authors(
    faults: &mut Faults,
    people: &People,
    line: Line<'_>,
    author: usize,
    co_authors: usize,
) -> Option<Vec<Authorship>> {
    let first = faults.take(line.number, "author", people.account(line.cell(author)));
    let others = parts(line.cell(co_authors)).map(|part| {
        let co_author = co_author(people, part);
        faults.take(line.number, "co_authors", co_author)
    });
    let others: Vec<Option<CoAuthor>> = others.collect();
    let others: Option<Vec<CoAuthor>> = others.into_iter().collect();
    let (first, others) = (first?, others?);
    let mut found = error::Faults::default();
    let authors = divide(&mut found, &people.known, first, &others);
    note(faults, line.number, found, |_| "co_authors").then_some(authors)
}

/// One part of the cell, such as `b@example.org=40`.
fn co_author(people: &People, part: &str) -> std::result::Result<CoAuthor, String> {
    let (who, share) = part
        .split_once('=')
        .ok_or_else(|| format!("\"{}\" is not PERSON=SHARE, such as b@example.org=40", clip(part)))?;
    let share: f64 =
        share.trim().parse().map_err(|_| format!("\"{}\" is not a share in per cent, such as 33.33", clip(share)))?;
    if !(share > 0.0 && share < 100.0) {
        return Err(format!("\"{}\" is not a share between 0 and 100 per cent", clip(part)));
    }
    Ok(CoAuthor { account: Some(people.account(who)?), share })
}
