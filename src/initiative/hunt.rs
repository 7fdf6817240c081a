//! Where what is searched for may be: looked up before a large list is read, so that nothing is looked for where it cannot be.

use crate::error::Result;
use crate::store::{Met, Sql, TITLES, Tx, Wanted, range};
use crate::unit::Search;

/// What is known of a search before rows are read.
#[derive(Clone, Debug)]
pub(super) struct Hunt {
    met: Met,
    pub codes: Codes,
}

/// How many codes may have the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Codes {
    None,
    /// Few have a part that begins with this word.
    Few(String),
    Many,
}

/// As many codes, or titles, are looked up one by one.
pub(super) const FEW: usize = 4_000;

/// What follows the first sign of a code, as its index has it. No code of an initiative has more than two parts (`record::new_code`).
fn tail(sql: &Sql, alias: &str) -> String {
    let place = sql.dialect.position(&format!("{alias}.code"), "'-'");
    format!("lower(substr({alias}.code, {place} + 1))")
}

impl Hunt {
    /// Looks the words up, in titles and in codes; two statements.
    pub async fn of(tx: &Tx, search: &Search) -> Result<Hunt> {
        let met = tx.spans_with(&search.spelled, &search.words).await?;
        Ok(Hunt { met, codes: Codes::of(tx, &search.words).await? })
    }

    /// The spans of time in which there may be something of a class, from an instant on, in the order of reading.
    pub fn spans(&self, class: i64, from: Option<i64>, descending: bool) -> Vec<i64> {
        let spans = if class == 0 { &self.met.spelled } else { &self.met.folded };
        let from = from.map(crate::store::span_of);
        if descending {
            spans.iter().rev().copied().filter(|span| from.is_none_or(|from| *span <= from)).collect()
        } else {
            spans.iter().copied().filter(|span| from.is_none_or(|from| *span >= from)).collect()
        }
    }

    /// Whether there is nothing of the class.
    pub fn has_none(&self, class: i64) -> bool {
        match class {
            0 => self.met.spelled.is_empty(),
            1 => self.met.folded.is_empty(),
            _ => self.codes == Codes::None,
        }
    }

    /// Whether the class is what is left by others that are common as they are spelled.
    pub fn is_rest(&self, class: i64) -> bool {
        class == 1 && self.met.spelled.len() * 2 > self.met.folded.len()
    }

    /// What the index of words is asked for.
    pub fn wanted<'a>(&self, class: i64, search: &'a Search) -> Wanted<'a> {
        match class {
            0 => Wanted::Spelled(&search.spelled),
            _ if self.met.spelled.is_empty() => Wanted::Folded(&search.words, &[]),
            _ => Wanted::Folded(&search.words, &search.spelled),
        }
    }

    /// About how many titles of the class there are, as some of its spans tell.
    pub async fn about(&self, tx: &Tx, class: i64, search: &Search) -> Result<usize> {
        let spans = self.spans(class, None, true);
        let step = spans.len().div_ceil(SAMPLES).max(1);
        let some: Vec<i64> = spans.iter().copied().skip(step / 2).step_by(step).collect();
        if some.is_empty() {
            return Ok(spans.len());
        }
        let mut sql = tx.sql("");
        let (from, _) = sql.with_words(&TITLES, self.wanted(class, search), &some, "TRUE");
        sql.push(&format!("SELECT COUNT(*) AS id FROM {from}"));
        let found = tx.ids(sql).await?.pop().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        Ok(found * spans.len() / some.len())
    }
}

/// As many spans are asked to tell how many there are in all.
const SAMPLES: usize = 6;

impl Codes {
    async fn of(tx: &Tx, words: &[String]) -> Result<Codes> {
        if words.is_empty() {
            return Ok(Codes::None);
        }
        let mut sql = tx.sql("");
        let tail = tail(&sql, "c");
        let mut counts = Vec::with_capacity(words.len() * 2);
        for word in words {
            let ((head, part), most) = ((head(&mut sql, word, "c"), begins(&mut sql, &tail, word)), FEW + 1);
            for condition in [head, part] {
                counts.push(format!(
                    "SELECT COUNT(*) AS id FROM (SELECT 1 FROM initiative c WHERE {condition} LIMIT {most}) x"
                ));
            }
        }
        let numbered = counts.iter().enumerate().map(|(i, count)| format!("SELECT {i} AS n, x.id FROM ({count}) x"));
        sql.push(&format!("SELECT y.id FROM ({}) y ORDER BY y.n", numbered.collect::<Vec<_>>().join(" UNION ALL ")));
        let counts = tx.ids(sql).await?;
        let counts: Vec<(&String, i64, i64)> = words
            .iter()
            .zip(counts.chunks(2))
            .filter_map(|(word, count)| match count {
                [head, tail] => Some((word, *head, *tail)),
                _ => None,
            })
            .collect();
        if counts.iter().any(|(_, head, tail)| head + tail == 0) {
            return Ok(Codes::None);
        }
        // What begins no code begins its second part, and then one of two such words the other.
        let mut second: Vec<&String> =
            counts.iter().filter(|(_, head, _)| *head == 0).map(|(word, ..)| *word).collect();
        second.sort_by_key(|word| word.len());
        if !second.iter().zip(second.iter().skip(1)).all(|(short, long)| long.starts_with(short.as_str())) {
            return Ok(Codes::None);
        }
        let rarest = counts.iter().map(|(word, head, tail)| (head + tail, *word)).min();
        Ok(match rarest {
            Some((n, word)) if usize::try_from(n).is_ok_and(|n| n <= FEW) => Codes::Few(word.clone()),
            _ => Codes::Many,
        })
    }

    /// FROM: the initiatives whose codes have a part that begins with the word.
    pub fn found(sql: &mut Sql, word: &str) -> String {
        let tail = tail(sql, "c");
        let (head, part) = (head(sql, word, "c"), begins(sql, &tail, word));
        let found =
            format!("(SELECT c.id FROM initiative c WHERE {head} UNION SELECT c.id FROM initiative c WHERE {part}) p");
        sql.along(&found, "initiative", "i", "i.id = p.id")
    }
}

/// A condition: the code begins with the word; codes are written in capitals.
fn head(sql: &mut Sql, word: &str, alias: &str) -> String {
    begins(sql, &format!("{alias}.code"), &word.to_uppercase())
}

fn begins(sql: &mut Sql, expression: &str, word: &str) -> String {
    let (from, to) = range(sql, word);
    format!("{expression} >= {from} AND {expression} < {to}")
}
