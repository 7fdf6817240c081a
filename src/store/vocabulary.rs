//! In which spans of time a word is: what a search for titles need not look through.

use std::collections::{HashMap, HashSet};

use super::words::span_of;
use super::{Dialect, Sql, Tx};
use crate::error::{Error, Result};

/// Where in time titles may have words that begin with all of those that are searched for; spans in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// As they are spelled.
    pub spelled: Vec<i64>,
    /// Without their diacritics.
    pub folded: Vec<i64>,
}

/// The words of titles that are being loaded, by the spans of time that they are in.
#[derive(Default)]
pub(super) struct Vocabulary(HashMap<i64, HashSet<Box<str>>>);

/// Words that are written by one statement.
const PAGE: usize = 5_000;

impl Vocabulary {
    /// As the triggers have them: folded words, and with `=` before them those as they are spelled.
    pub fn add(&mut self, folded: &str, spelled: &str, submitted_at: i64) {
        let words = self.0.entry(span_of(submitted_at)).or_default();
        let mut add = |word: &str| {
            if !words.contains(word) {
                words.insert(word.into());
            }
        };
        folded.split(' ').for_each(&mut add);
        let mut marked = String::new();
        for word in spelled.split(' ') {
            marked.clear();
            marked.push('=');
            marked.push_str(word);
            add(&marked);
        }
    }

    /// All of them in the order of the table, some at a time, as JSON.
    pub fn pages(self) -> impl Iterator<Item = Result<String>> {
        let words = |(span, words): (i64, HashSet<Box<str>>)| words.into_iter().map(move |word| (word, span));
        let mut all: Vec<(Box<str>, i64)> = self.0.into_iter().flat_map(words).collect();
        all.sort_unstable();
        let pages = all.len().div_ceil(PAGE);
        (0..pages).map(move |page| {
            let rows = all.iter().skip(page * PAGE).take(PAGE).collect::<Vec<_>>();
            serde_json::to_string(&rows).map_err(|error| Error::Internal(error.to_string()))
        })
    }

    /// The statement that writes a page, given as its one value.
    pub fn insert(dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => {
                "INSERT OR IGNORE INTO title_word (word, span) SELECT w.value ->> 0, w.value ->> 1 FROM json_each(?) w"
            }
            Dialect::Postgres => {
                "INSERT INTO title_word (word, span) \
                 SELECT w ->> 0, CAST(w ->> 1 AS BIGINT) FROM json_array_elements(CAST($1 AS JSON)) w"
            }
        }
    }
}

impl Tx {
    /// Looks words up, as they are spelled and folded; one statement. No title outside the spans has all of them; a title inside may lack them.
    pub async fn spans_with(&self, spelled: &[String], folded: &[String]) -> Result<Met> {
        let mut met = Met::default();
        if spelled.is_empty() || folded.is_empty() {
            return Ok(met);
        }
        let mut sql = self.sql("");
        let marked: Vec<String> = spelled.iter().map(|word| format!("={word}")).collect();
        let text = format!("{} UNION ALL {}", spans_of(&mut sql, 0, &marked), spans_of(&mut sql, 1, folded));
        sql.push(&format!("{text} ORDER BY 1"));
        // The number that is told is the span twice, and one more where it is one of folded words.
        for number in self.ids(sql).await? {
            let spans = if number & 1 == 0 { &mut met.spelled } else { &mut met.folded };
            spans.push(number >> 1);
        }
        Ok(met)
    }

    /// Writes the words of an initiative's title where searches look for them, as the triggers do.
    pub async fn add_to_vocabulary(&self, id: i64) -> Result<()> {
        let (insert, word, words, known) = match self.dialect {
            Dialect::Sqlite => (
                "INSERT OR IGNORE",
                "w.value",
                "json_each('[' || replace(json_quote(i.title_folded || ' =' || replace(i.title_lower, ' ', ' =')), ' ', '\",\"') || ']') w",
                "NULL",
            ),
            Dialect::Postgres => (
                "INSERT",
                "w.word",
                "string_to_table(title_words(i.title_folded, i.title_lower), ' ') w (word)",
                "(SELECT 1 FROM title_word v WHERE v.word = w.word COLLATE \"C\" AND v.span = i.submitted_at >> 28 LIMIT 1)",
            ),
        };
        let mut sql = self.sql("");
        let id = sql.bind(id);
        sql.push(&format!(
            "{insert} INTO title_word SELECT {word}, i.submitted_at >> 28 FROM initiative i CROSS JOIN {words} \
             WHERE i.id = {id} AND i.submitted_at IS NOT NULL AND {known} IS NULL"
        ));
        self.run(sql).await?;
        Ok(())
    }
}

/// Spans that have something which begins with each of the words.
fn spans_of(sql: &mut Sql, class: i64, words: &[String]) -> String {
    // What begins with one letter is everywhere, and much of it would be read.
    let telling: Vec<&String> = words.iter().filter(|word| word.trim_start_matches('=').chars().count() > 1).collect();
    let telling = if telling.is_empty() { words.iter().take(1).collect() } else { telling };
    let each: Vec<String> = telling
        .iter()
        .map(|word| {
            let (from, to) = range(sql, word);
            format!("SELECT DISTINCT span FROM title_word WHERE word >= {from} AND word < {to}")
        })
        .collect();
    format!(
        "SELECT CAST(y.span * 2 + {class} AS BIGINT) AS id FROM ({}) y GROUP BY y.span HAVING COUNT(*) = {}",
        each.join(" UNION ALL "),
        telling.len()
    )
}

/// Between which two texts, the second left out, everything lies that begins with the first, where texts are compared by their bytes.
pub fn range(sql: &mut Sql, begin: &str) -> (String, String) {
    (sql.bind(begin), sql.bind(format!("{begin}\u{10FFFF}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_told_once_for_each_span() {
        let mut vocabulary = Vocabulary::default();
        let (first, other) = (1_650_000_000_000, 1_660_000_000_000);
        vocabulary.add("may det may", "máy dệt may", first);
        vocabulary.add("may", "may", first);
        vocabulary.add("det", "dệt", other);
        let pages: Vec<String> = vocabulary.pages().collect::<Result<_>>().unwrap();
        let (first, other) = (span_of(first), span_of(other));
        let rows: Vec<(String, i64)> =
            pages.iter().flat_map(|page| serde_json::from_str::<Vec<(String, i64)>>(page).unwrap()).collect();
        let expected = [
            ("=dệt", first),
            ("=dệt", other),
            ("=may", first),
            ("=máy", first),
            ("det", first),
            ("det", other),
            ("may", first),
        ];
        assert_eq!(rows, expected.map(|(word, span)| (word.to_owned(), span)));
    }
}
