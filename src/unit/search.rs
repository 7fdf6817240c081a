//! What a search text looks for, and how rows are asked for it.

use crate::error::{Error, Result};
use crate::store::{Indexed, Sql, Wanted};
use crate::text::{self, message};

/// Words that begin words of a text in any diacritics, or parts of a code. In three classes, which rank so: texts that have them as they
/// are spelled, texts that have them in other diacritics, and codes.
pub struct Search {
    /// Lower case with diacritics.
    pub spelled: Vec<String>,
    /// Without them. None: nothing is found.
    pub words: Vec<String>,
}

impl Search {
    /// None for a blank text, which looks for nothing in particular.
    pub fn of(search: Option<&str>) -> Result<Option<Search>> {
        let Some(search) = search.filter(|search| !search.trim().is_empty()) else { return Ok(None) };
        if search.chars().count() > 200 {
            return Err(Error::BadInput(message!("search is longer than 200 characters")));
        }
        if search.contains('\0') {
            return Err(Error::BadInput(message!("search has a NUL character")));
        }
        let split = |text: String| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Ok(Some(Search { spelled: split(text::spelled(search)), words: split(text::fold(search)) }))
    }

    /// A condition: the row is of the class. The columns are the lower text, the folded one, and the code.
    pub fn class(&self, sql: &mut Sql, class: i64, [lower, folded, code]: [&str; 3]) -> String {
        let spelled = self.has(sql, lower, &self.spelled);
        if class == 0 {
            return spelled;
        }
        let folded = self.has(sql, folded, &self.words);
        match class {
            1 => format!("({folded} AND NOT {spelled})"),
            _ => format!("({} AND NOT {folded} AND NOT {spelled})", self.in_code(sql, code)),
        }
    }

    /// A condition: the row is of any class; and an expression: of which.
    pub fn rank(&self, sql: &mut Sql, [lower, folded, code]: [&str; 3]) -> (String, String) {
        let (spelled, folded) = (self.has(sql, lower, &self.spelled), self.has(sql, folded, &self.words));
        let any = format!("({folded} OR {spelled} OR {})", self.in_code(sql, code));
        (any, format!("CASE WHEN {spelled} THEN 0 WHEN {folded} THEN 1 ELSE 2 END"))
    }

    /// A condition: the code has parts that begin with the words.
    pub fn in_code(&self, sql: &mut Sql, code: &str) -> String {
        let parts = format!("lower(replace(replace(replace({code}, '-', ' '), '_', ' '), '.', ' '))");
        self.has(sql, &parts, &self.words)
    }

    /// A condition: the text has words that begin with these.
    fn has(&self, sql: &mut Sql, column: &str, words: &[String]) -> String {
        // Signs alone find nothing.
        if self.words.is_empty() || self.spelled.is_empty() {
            return "FALSE".to_owned();
        }
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("' ' || {column} LIKE {} ESCAPE '\\'", sql.bind(text::like_word(word))))
            .collect();
        format!("({})", words.join(" AND "))
    }

    /// FROM: rows of the table, found by the index as what is wanted, in these spans of time where it has them, and perhaps some more;
    /// `within` as of [`Sql::with_words`].
    pub fn found(
        &self,
        sql: &mut Sql,
        wanted: Wanted<'_>,
        (indexed, spans, within): (&Indexed, &[i64], &str),
        [table, alias]: [&str; 2],
    ) -> String {
        let (from, id) = sql.with_words(indexed, wanted, spans, within);
        sql.along(&from, table, alias, &format!("{alias}.id = {id}"))
    }
}
