//! What a search text looks for, and how rows are asked for it.

use crate::error::{Error, Result};
use crate::store::{Indexed, Spans, Sql};
use crate::text::{self, message};

/// Words that begin words of a text in any diacritics, or parts of a code; texts in which they begin words as they are spelled rank
/// first.
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

    /// A condition: the text has the words as they are spelled, or (class 1) in other diacritics alone, or in the code. The columns
    /// are the lower text, the folded one, and the code.
    pub fn class(&self, sql: &mut Sql, class: i64, [lower, folded, code]: [&str; 3]) -> String {
        if self.words.is_empty() || self.spelled.is_empty() {
            return "FALSE".to_owned();
        }
        let mut all = |text: String, words: &[String]| {
            let words: Vec<String> = words
                .iter()
                .map(|word| format!("{text} LIKE {} ESCAPE '\\'", sql.bind(text::like_word(word))))
                .collect();
            format!("({})", words.join(" AND "))
        };
        let spelled = all(format!("' ' || {lower}"), &self.spelled);
        if class == 0 {
            return spelled;
        }
        let folded = all(format!("' ' || {folded}"), &self.words);
        let parts = format!("' ' || lower(replace(replace(replace({code}, '-', ' '), '_', ' '), '.', ' '))");
        let code = all(parts, &self.words);
        format!("(({folded} OR {code}) AND NOT {spelled})")
    }

    /// FROM: rows of the table, found by the index as what is of the class, and perhaps some more.
    pub fn found(
        &self,
        sql: &mut Sql,
        class: i64,
        (indexed, spans): (&Indexed, Spans),
        [table, alias]: [&str; 2],
    ) -> String {
        let words = if class == 0 { &self.spelled } else { &self.words };
        let (from, id) = sql.with_words(indexed, words, class == 0, spans);
        sql.along(&from, table, alias, &format!("{alias}.id = {id}"))
    }
}
