//! Whether the words of titles are where searches look for them.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::rows::InitiativeRow;
use crate::error::Result;
use crate::store::{Tx, lean_row, span_of};

/// Words with their spans, told apart by a hash: there may be a million of them.
#[derive(Default)]
pub(super) struct Vocabulary(HashSet<u64>);

lean_row!(Word { word: String, span: i64 });

/// Rows read at once.
const PAGE: usize = 100_000;

impl Vocabulary {
    /// Reads what is stored.
    pub async fn read(tx: &Tx) -> Result<Vocabulary> {
        let mut all = HashSet::new();
        let (mut word, mut span) = (String::new(), i64::MIN);
        loop {
            let mut sql = tx.sql("");
            let (from, after) = (sql.bind(word.as_str()), sql.bind(span));
            sql.push(&format!(
                "SELECT word, span FROM title_word WHERE (word, span) > ({from}, {after}) ORDER BY word, span LIMIT {PAGE}"
            ));
            let rows: Vec<Word> = tx.lean(sql).await?;
            all.extend(rows.iter().map(|row| hash(&row.word, row.span)));
            let Some(last) = rows.last() else { return Ok(Vocabulary(all)) };
            (word, span) = (last.word.clone(), last.span);
        }
    }

    /// Whether every word of an initiative that was sent in is there; drafts are not.
    pub fn has(&self, row: &InitiativeRow) -> bool {
        let Some(span) = row.submitted_at.map(span_of) else { return true };
        let spelled = row.title_lower.split(' ').map(|word| format!("={word}"));
        let folded = row.title_folded.split(' ').map(str::to_owned);
        folded.chain(spelled).all(|word| self.0.contains(&hash(&word, span)))
    }
}

fn hash(word: &str, span: i64) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((word, span))
}
