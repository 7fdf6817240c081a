//! Indexes of the words that are searched for: triggers keep them; here they are asked, compared with, and written anew.

use super::{Dialect, Sql, Tx};
use crate::error::Result;

/// An index of words, and what of a table follows into it.
#[derive(Clone, Copy, Debug)]
pub struct Indexed {
    index: &'static str,
    table: &'static str,
    folded: &'static str,
    spelled: &'static str,
    /// The instant by whose span words are told apart; rows that have none are not in the index.
    instant: Option<&'static str>,
}

pub const TITLES: Indexed = Indexed {
    index: "initiative_text",
    table: "initiative",
    folded: "title_folded",
    spelled: "title_lower",
    instant: Some("submitted_at"),
};
pub const NAMES: Indexed =
    Indexed { index: "unit_text", table: "unit", folded: "name_folded", spelled: "name_lower", instant: None };

/// A span is 2 to the power of this in milliseconds, some three days; the triggers count so.
const SPAN: u32 = 28;

/// Spans of time in which something was sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// From the latest on; otherwise from the earliest.
    pub descending: bool,
    /// The first is the one of this instant or the next that there is; milliseconds.
    pub from: Option<i64>,
    /// So many of them, if not all.
    pub most: Option<i64>,
}

impl Spans {
    pub const ALL: Spans = Spans { descending: true, from: None, most: None };
}

impl Sql {
    /// FROM, with the id in it: what an index has with words that begin with all of these, be it in the text or in the code;
    /// `spelled`: in the text, with their diacritics. Words have letters, digits and marks alone.
    pub fn with_words(
        &mut self,
        indexed: &Indexed,
        words: &[String],
        spelled: bool,
        spans: Spans,
    ) -> (String, &'static str) {
        let index = indexed.index;
        let wanted = self.bind(wanted(self.dialect, words, spelled, indexed.instant.is_some()));
        let Some(instant) = indexed.instant else {
            return match self.dialect {
                Dialect::Sqlite => {
                    (format!("(SELECT rowid AS id FROM {index} WHERE {index} MATCH {wanted}) p"), "p.id")
                }
                Dialect::Postgres => {
                    let query = format!("CAST(CAST({wanted} AS TEXT) AS tsquery)");
                    (format!("(SELECT id FROM {index} WHERE word_vector(words) @@ {query} OFFSET 0) p"), "p.id")
                }
            };
        };
        let spans = self.spans(indexed.table, instant, spans);
        match self.dialect {
            Dialect::Sqlite => {
                let query = format!("replace({wanted}, '@', printf('%05d', d.span))");
                (format!("{spans} d CROSS JOIN {index} p ON p.{index} MATCH {query}"), "p.rowid")
            }
            Dialect::Postgres => {
                let query = format!(
                    "CAST(replace(CAST({wanted} AS TEXT), '@', lpad(CAST(d.span AS TEXT), 5, '0')) AS tsquery)"
                );
                let found = format!("SELECT id FROM {index} WHERE spanned_words(words, span) @@ {query} OFFSET 0");
                (format!("{spans} d CROSS JOIN LATERAL ({found}) p"), "p.id")
            }
        }
    }

    /// A table of spans that have something, one column `span`: each is found by the one before it.
    fn spans(&mut self, table: &str, instant: &str, spans: Spans) -> String {
        let (order, next) = match spans.descending {
            true => (" DESC", format!("{instant} < z.span << {SPAN}")),
            false => ("", format!("{instant} >= (z.span + 1) << {SPAN}")),
        };
        let first = match spans.from {
            Some(from) if spans.descending => format!("{instant} <= {}", self.bind(from)),
            Some(from) => format!("{instant} >= {}", self.bind(from)),
            None => format!("{instant} IS NOT NULL"),
        };
        let one = |wanted: &str| {
            format!("(SELECT {instant} >> {SPAN} FROM {table} WHERE {wanted} ORDER BY {instant}{order} LIMIT 1)")
        };
        let most = spans.most.map(|most| format!(" LIMIT {most}")).unwrap_or_default();
        format!(
            "(WITH RECURSIVE z (span) AS (SELECT {} UNION ALL SELECT {} FROM z WHERE z.span IS NOT NULL) \
             SELECT z.span FROM z WHERE z.span IS NOT NULL{most})",
            one(&first),
            one(&next)
        )
    }

    /// Whether what is searched for of a row is what follows from its keys: what joins it, and the condition. SQLite's word index does
    /// not tell what it has of a row: there it is taken for right.
    pub fn words_of(&self, indexed: &Indexed, alias: &str) -> (String, String) {
        if self.dialect == Dialect::Sqlite {
            return (String::new(), "1".to_owned());
        }
        let Indexed { index, folded, spelled, instant, .. } = indexed;
        let right = format!("x.words = searched_words({alias}.{folded}, {alias}.{spelled}, {alias}.code)");
        let right = match instant {
            None => format!("COALESCE({right}, FALSE)"),
            Some(instant) => format!(
                "CASE WHEN {alias}.{instant} IS NULL THEN x.id IS NULL \
                 ELSE COALESCE(x.span = {alias}.{instant} >> {SPAN} AND {right}, FALSE) END"
            ),
        };
        (format!(" LEFT JOIN {index} x ON x.id = {alias}.id"), right)
    }
}

/// What is asked of an index; before each word `@`, where its span has yet to be put.
fn wanted(dialect: Dialect, words: &[String], spelled: bool, spanned: bool) -> String {
    let at = if spanned { "@" } else { "" };
    let all = |mark: &str| {
        let word = |word: &String| match dialect {
            Dialect::Sqlite => format!("\"{at}{word}\" *"),
            Dialect::Postgres => format!("'{at}{mark}{word}':*"),
        };
        let words: Vec<String> = words.iter().map(word).collect();
        words.join(if dialect == Dialect::Sqlite { " AND " } else { " & " })
    };
    match (dialect, spelled) {
        (Dialect::Sqlite, true) => format!("spelled : ({})", all("")),
        (Dialect::Sqlite, false) => format!("(folded : ({})) OR (code : ({}))", all(""), all("")),
        (Dialect::Postgres, true) => all("="),
        (Dialect::Postgres, false) => format!("({}) | ({})", all(""), all("#")),
    }
}

impl Tx {
    /// Ids that the index has words of, and that no row of the table has.
    pub async fn stray_words(&self, indexed: &Indexed) -> Result<Vec<i64>> {
        if self.dialect == Dialect::Sqlite {
            return Ok(Vec::new());
        }
        let Indexed { index, table, .. } = indexed;
        // Nobody but the trigger writes there: as a rule both have the same number, which is soon known.
        let there = indexed.there();
        let more =
            format!("SELECT (SELECT COUNT(*) FROM {index}) - (SELECT COUNT(*) FROM {table} WHERE {there}) AS id");
        if self.ids(self.sql(more)).await?.pop() == Some(0) {
            return Ok(Vec::new());
        }
        let strays = format!("SELECT x.id FROM {index} x WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = x.id)");
        self.ids(self.sql(format!("{strays} ORDER BY x.id LIMIT 10000"))).await
    }

    /// Writes the words of one row anew; those of a row that is not there go.
    pub async fn rewrite_words(&self, indexed: &Indexed, id: i64) -> Result<()> {
        if self.dialect == Dialect::Sqlite {
            return Ok(());
        }
        let Indexed { index, table, folded, spelled, instant } = indexed;
        let mut sql = self.sql(format!("DELETE FROM {index} WHERE id = "));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        let span = instant.map(|instant| format!("{instant} >> {SPAN}, ")).unwrap_or_default();
        let there = indexed.there();
        let mut sql = self.sql(format!(
            "INSERT INTO {index} SELECT id, {span}searched_words({folded}, {spelled}, code) FROM {table} WHERE {there} AND id = "
        ));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        Ok(())
    }
}

impl Indexed {
    /// A condition: the row is in the index.
    fn there(&self) -> String {
        self.instant.map_or_else(|| "TRUE".to_owned(), |instant| format!("{instant} IS NOT NULL"))
    }
}
