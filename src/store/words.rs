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

/// The first instant of a span.
pub fn first_of(span: i64) -> i64 {
    span << SPAN
}

/// The span of an instant.
pub fn span_of(at: i64) -> i64 {
    at >> SPAN
}

/// What an index of words is asked for. Words have letters, digits and marks alone.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// Texts that have words beginning with all of these, as they are spelled.
    Spelled(&'a [String]),
    /// The same of folded words, but not what has all of the second as they are spelled.
    Folded(&'a [String], &'a [String]),
    /// Codes that have parts beginning with all of these.
    Code(&'a [String]),
}

impl Sql {
    /// FROM, with the id in it: what an index has of what is wanted, in these spans of time, where it tells words apart by them.
    pub fn with_words(&mut self, indexed: &Indexed, wanted: Wanted<'_>, spans: &[i64]) -> (String, &'static str) {
        let index = indexed.index;
        let wanted = self.bind(query(self.dialect, wanted, indexed.instant.is_some()));
        if indexed.instant.is_none() {
            return match self.dialect {
                Dialect::Sqlite => {
                    (format!("(SELECT rowid AS id FROM {index} WHERE {index} MATCH {wanted}) p"), "p.id")
                }
                Dialect::Postgres => {
                    let query = format!("CAST(CAST({wanted} AS TEXT) AS tsquery)");
                    (format!("(SELECT id FROM {index} WHERE word_vector(words) @@ {query} OFFSET 0) p"), "p.id")
                }
            };
        }
        let spans = self.id_table(spans);
        match self.dialect {
            Dialect::Sqlite => {
                let query = format!("replace({wanted}, '@', printf('%05d', d.id))");
                (format!("{spans} d CROSS JOIN {index} p ON p.{index} MATCH {query}"), "p.rowid")
            }
            Dialect::Postgres => {
                let query =
                    format!("CAST(replace(CAST({wanted} AS TEXT), '@', lpad(CAST(d.id AS TEXT), 5, '0')) AS tsquery)");
                let found = format!("SELECT id FROM {index} WHERE spanned_words(words, span) @@ {query} OFFSET 0");
                (format!("{spans} d CROSS JOIN LATERAL ({found}) p"), "p.id")
            }
        }
    }

    /// Whether what is searched for of a row is what follows from its keys: what joins it, and the condition. SQLite's word index does
    /// not tell what it has of a row: there it is taken for right.
    pub fn words_of(&self, indexed: &Indexed, alias: &str) -> (String, String) {
        if self.dialect == Dialect::Sqlite {
            return (String::new(), "1".to_owned());
        }
        let Indexed { index, instant, .. } = indexed;
        let right = format!("x.words = {}", indexed.words(&format!("{alias}.")));
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
fn query(dialect: Dialect, wanted: Wanted<'_>, spanned: bool) -> String {
    let at = if spanned { "@" } else { "" };
    let all = |column: &str, mark: &str, words: &[String]| {
        let word = |word: &String| match dialect {
            Dialect::Sqlite => format!("\"{at}{word}\" *"),
            Dialect::Postgres => format!("'{at}{mark}{word}':*"),
        };
        let words: Vec<String> = words.iter().map(word).collect();
        match dialect {
            Dialect::Sqlite => format!("({column} : ({}))", words.join(" AND ")),
            Dialect::Postgres => format!("({})", words.join(" & ")),
        }
    };
    let (spelled, folded) = (|words| all("spelled", "=", words), |words| all("folded", "", words));
    match wanted {
        Wanted::Spelled(words) => spelled(words),
        Wanted::Code(words) => all("code", "#", words),
        Wanted::Folded(words, []) => folded(words),
        Wanted::Folded(words, but) => match dialect {
            Dialect::Sqlite => format!("{} NOT {}", folded(words), spelled(but)),
            Dialect::Postgres => format!("{} & !{}", folded(words), spelled(but)),
        },
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
        let Indexed { index, table, instant, .. } = indexed;
        let mut sql = self.sql(format!("DELETE FROM {index} WHERE id = "));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        let span = instant.map(|instant| format!("{instant} >> {SPAN}, ")).unwrap_or_default();
        let there = indexed.there();
        let mut sql = self.sql(format!(
            "INSERT INTO {index} SELECT id, {span}{} FROM {table} WHERE {there} AND id = ",
            indexed.words("")
        ));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        Ok(())
    }
}

impl Indexed {
    /// PostgreSQL: the words of a row. Codes of initiatives have an index of their own.
    fn words(&self, alias: &str) -> String {
        let Indexed { folded, spelled, .. } = self;
        match self.instant {
            None => format!("searched_words({alias}{folded}, {alias}{spelled}, {alias}code)"),
            Some(_) => format!("title_words({alias}{folded}, {alias}{spelled})"),
        }
    }

    /// A condition: the row is in the index.
    fn there(&self) -> String {
        self.instant.map_or_else(|| "TRUE".to_owned(), |instant| format!("{instant} IS NOT NULL"))
    }
}
