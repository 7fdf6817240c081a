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

/// The alias of what an index has of a text: its unit, its title both ways, its code.
pub const TEXT: &str = "t";

impl Sql {
    /// FROM, with the id in it: what an index has of what is wanted, in these spans of time, where it tells words apart by them. There
    /// `within`, a condition on [`TEXT`], may leave out what is not in a unit: not all databases' indexes have units.
    pub fn with_words(
        &mut self,
        indexed: &Indexed,
        wanted: Wanted<'_>,
        spans: &[i64],
        within: &str,
    ) -> (String, &'static str) {
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
                let words = format!("spanned_words(title_words({TEXT}.title_folded, {TEXT}.title_lower), {TEXT}.span)");
                let found =
                    format!("SELECT {TEXT}.id FROM {index} {TEXT} WHERE {words} @@ {query} AND {within} OFFSET 0");
                (format!("{spans} d CROSS JOIN LATERAL ({found}) p"), "p.id")
            }
        }
    }

    /// FROM, with the id as of [`TEXT`]: the titles that an index has of each unit of `units`, under a condition on them; no rows are
    /// read. Drafts may be among them.
    pub fn titles_of(&self, units: &str, unit: &str, condition: &str) -> String {
        match self.dialect {
            Dialect::Sqlite => format!(
                "{units} CROSS JOIN initiative {TEXT} INDEXED BY initiative_unit_title ON {TEXT}.unit_id = {unit} AND {condition}"
            ),
            Dialect::Postgres => format!(
                "{units} CROSS JOIN LATERAL (SELECT {TEXT}.id FROM initiative_text {TEXT} \
                 WHERE {TEXT}.unit_id = {unit} AND {condition} OFFSET 0) {TEXT}"
            ),
        }
    }

    /// A condition on the text of a row `i`, as one on [`TEXT`].
    pub fn title_beside(&self, condition: &str) -> String {
        let table = match self.dialect {
            Dialect::Sqlite => TITLES.table,
            Dialect::Postgres => TITLES.index,
        };
        format!("(SELECT {condition} FROM {table} {TEXT} WHERE {TEXT}.id = i.id)")
    }

    /// Whether what is searched for of a row is what follows from its keys: what joins it, and the condition. SQLite's word index does
    /// not tell what it has of a row: there it is taken for right.
    pub fn words_of(&self, indexed: &Indexed, alias: &str) -> (String, String) {
        if self.dialect == Dialect::Sqlite {
            return (String::new(), "1".to_owned());
        }
        let Indexed { index, instant, .. } = indexed;
        let columns = indexed.columns(&format!("{alias}."));
        let right: Vec<String> = columns.iter().map(|(column, is)| format!("x.{column} = {is}")).collect();
        let right = format!("COALESCE({}, FALSE)", right.join(" AND "));
        let right = match instant {
            None => right,
            Some(instant) => format!("CASE WHEN {alias}.{instant} IS NULL THEN x.id IS NULL ELSE {right} END"),
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
        let Indexed { index, table, .. } = indexed;
        let mut sql = self.sql(format!("DELETE FROM {index} WHERE id = "));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        let there = indexed.there();
        let (columns, values): (Vec<&str>, Vec<String>) = indexed.columns("").into_iter().unzip();
        let (columns, values) = (columns.join(", "), values.join(", "));
        let mut sql = self.sql(format!(
            "INSERT INTO {index} (id, {columns}) SELECT id, {values} FROM {table} WHERE {there} AND id = "
        ));
        let bound = sql.bind(id);
        sql.push(&bound);
        self.run(sql).await?;
        Ok(())
    }
}

/// Bytes that SQLite's index of words gathers before it writes them, while it is filled and as a rule.
const FILLING: usize = 32 << 20;
const GATHERING: usize = 1 << 20;

impl Indexed {
    pub(super) fn table(&self) -> &'static str {
        self.table
    }

    /// The triggers that keep the index, as statements that drop them and that make them.
    pub(super) fn triggers(&self, dialect: Dialect) -> String {
        let Indexed { index, table, .. } = self;
        match dialect {
            Dialect::Sqlite => format!(
                "SELECT 'DROP TRIGGER ' || name AS \"drop\", sql AS make FROM sqlite_schema \
                 WHERE type = 'trigger' AND tbl_name = '{table}' AND name GLOB '{index}_*'"
            ),
            Dialect::Postgres => format!(
                "SELECT 'DROP TRIGGER ' || t.tgname || ' ON {table}' AS drop, pg_get_triggerdef(t.oid) AS make FROM pg_trigger t \
                 WHERE t.tgrelid = CAST('{table}' AS regclass) AND starts_with(t.tgname, '{index}_')"
            ),
        }
    }

    /// Statements that fill the empty index of titles from the table at once, by the order in which that is fastest.
    pub(super) fn fill(&self, dialect: Dialect) -> Vec<String> {
        let Indexed { index, table, folded, spelled, instant } = self;
        match dialect {
            Dialect::Sqlite => {
                let gather = |bytes: usize| format!("INSERT INTO {index} ({index}, rank) VALUES ('hashsize', {bytes})");
                let words = |column: &str| match instant {
                    None => column.to_owned(),
                    Some(instant) => {
                        format!("replace(' ' || {column}, ' ', ' ' || printf('%05d', {instant} >> {SPAN}))")
                    }
                };
                let fill = format!(
                    "INSERT INTO {index} (rowid, folded, spelled) SELECT id, {}, {} FROM {table} WHERE {} ORDER BY id",
                    words(folded),
                    words(spelled),
                    self.there()
                );
                vec![gather(FILLING), fill, gather(GATHERING)]
            }
            Dialect::Postgres => {
                let (columns, values): (Vec<&str>, Vec<String>) = self.columns("").into_iter().unzip();
                let (columns, values, there) = (columns.join(", "), values.join(", "), self.there());
                vec![format!(
                    "INSERT INTO {index} (id, {columns}) SELECT id, {values} FROM {table} WHERE {there} ORDER BY id"
                )]
            }
        }
    }

    /// PostgreSQL: what the index has beside the id, and what of a row it is. Codes of initiatives have an index of their own.
    fn columns(&self, alias: &str) -> Vec<(&'static str, String)> {
        let Indexed { folded, spelled, .. } = self;
        match self.instant {
            None => vec![("words", format!("searched_words({alias}{folded}, {alias}{spelled}, {alias}code)"))],
            Some(instant) => {
                let same = ["unit_id", "title_folded", "title_lower", "code"];
                let span = ("span", format!("{alias}{instant} >> {SPAN}"));
                same.into_iter().map(|column| (column, format!("{alias}{column}"))).chain([span]).collect()
            }
        }
    }

    /// A condition: the row is in the index.
    fn there(&self) -> String {
        self.instant.map_or_else(|| "TRUE".to_owned(), |instant| format!("{instant} IS NOT NULL"))
    }
}
