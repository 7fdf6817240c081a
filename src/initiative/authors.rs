//! Authors and their shares.

use std::collections::{HashMap, HashSet};

use entity::initiative_author::Model;
use serde::Serialize;

use crate::account::find_for_mention;
use crate::error::{ErrorCode, Faults, Result};
use crate::store::{Conflict, Tx};
use crate::text::message;

/// All shares add up to this: hundredths of a per cent.
pub const WHOLE: i32 = 10_000;
/// Beside the first author.
const MOST: usize = 20;
/// How many persons an initiative has at most.
pub const MOST_AUTHORS: i64 = MOST as i64 + 1;

/// An author beside the first one, as a client names him.
#[derive(Clone, Debug, Serialize)]
pub struct CoAuthor {
    /// None: the id is no account's.
    pub account: Option<i64>,
    /// Per cent.
    pub share: f64,
}

/// An author with his share, in hundredths of a per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorship {
    pub account: i64,
    pub share: i32,
}

/// The first author with what the others leave him, then the others.
pub async fn check(tx: &Tx, faults: &mut Faults, first: i64, others: &[CoAuthor]) -> Result<Vec<Authorship>> {
    let ids: Vec<i64> = others.iter().filter_map(|other| other.account).collect();
    let known: HashSet<i64> = find_for_mention(tx, &ids).await?.into_iter().collect();
    Ok(divide(faults, &known, first, others))
}

/// As [`check`], pure: `known` are those of the named ids that are accounts.
pub(crate) fn divide(faults: &mut Faults, known: &HashSet<i64>, first: i64, others: &[CoAuthor]) -> Vec<Authorship> {
    if others.len() > MOST {
        faults.add(ErrorCode::OutOfRange, "coAuthors", message!("at most {most} co-authors can be named", most = MOST));
    }
    let mut named = HashSet::from([first]);
    let mut authors = vec![Authorship { account: first, share: WHOLE }];
    for (i, other) in others.iter().enumerate() {
        let field = format!("coAuthors.{i}");
        match other.account.filter(|id| known.contains(id)) {
            None => faults.add(ErrorCode::UnknownCode, &format!("{field}.account"), message!("no account has this id")),
            Some(id) if !named.insert(id) => {
                let message = message!("this author is named already; the first author is the caller and is not named");
                faults.add(ErrorCode::Invalid, &format!("{field}.account"), message);
            }
            Some(account) => match hundredths(other.share) {
                Some(share) => authors.push(Authorship { account, share }),
                None => {
                    let message = message!("a share is a per cent above 0 and below 100 with at most two decimals");
                    faults.add(ErrorCode::Shares, &format!("{field}.share"), message);
                }
            },
        }
    }
    let given: i32 = authors.iter().skip(1).map(|author| author.share).sum();
    if given >= WHOLE {
        let message = message!("the co-authors' shares must add up to less than 100: the first author has the rest");
        faults.add(ErrorCode::Shares, "coAuthors", message);
    }
    authors[0].share = WHOLE - given;
    authors
}

fn hundredths(percent: f64) -> Option<i32> {
    let hundredths = percent * 100.0;
    let whole = hundredths.round();
    // Decimal fractions are not exact in binary: 33.33 * 100 is a little off.
    let exact = (hundredths - whole).abs() < 1e-6;
    (exact && whole > 0.0 && whole < f64::from(WHOLE)).then_some(whole as i32)
}

/// Accounts and shares as one text, for the audit log's hash.
pub(super) fn in_words(authors: &[Authorship]) -> String {
    let words: Vec<String> = authors.iter().map(|author| format!("{}={}", author.account, author.share)).collect();
    words.join(";")
}

/// Stores the authors in place of those that stood there.
pub async fn replace(tx: &Tx, initiative: i64, authors: &[Authorship]) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM initiative_author WHERE initiative_id = ");
    let id = sql.bind(initiative);
    sql.push(&id);
    tx.run(sql).await?;
    let rows: Vec<Model> = (0..)
        .zip(authors)
        .map(|(position, author)| Model {
            initiative_id: initiative,
            account_id: author.account,
            position,
            share: author.share,
        })
        .collect();
    tx.insert::<entity::initiative_author::Entity>(&rows, Conflict::Fail).await?;
    Ok(())
}

/// The authors of each initiative, the first one first; one statement.
pub async fn authors(tx: &Tx, initiatives: &[i64]) -> Result<HashMap<i64, Vec<Authorship>>> {
    let mut sql = tx.sql("SELECT * FROM initiative_author WHERE ");
    let these = sql.keyed_id("initiative_id", initiatives);
    sql.push(&format!("{these} ORDER BY initiative_id, position"));
    let mut found: HashMap<i64, Vec<Authorship>> = HashMap::new();
    for row in tx.all::<Model>(sql).await? {
        let author = Authorship { account: row.account_id, share: row.share };
        found.entry(row.initiative_id).or_default().push(author);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_hundredths_of_a_per_cent() {
        assert_eq!(hundredths(33.33), Some(3_333));
        assert_eq!(hundredths(0.01), Some(1));
        for bad in [0.0, -5.0, 100.0, 12.345, f64::NAN, f64::INFINITY] {
            assert_eq!(hundredths(bad), None, "{bad}");
        }
    }
}
