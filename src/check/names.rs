//! Units' names against their dated history, and what is searched and sorted by against the names.

use super::found::Found;
use super::mend::Mend;
use super::words::or_none;
use crate::error::Result;
use crate::store::{NAMES, TITLES, Tx, bytes, lean_row, truth};
use crate::text;

/// Units read at once.
const PAGE: usize = 5_000;

lean_row!(
    Row {
        id: i64,
        code: String,
        name: String,
        name_en: Option<String>,
        name_lower: String,
        name_folded: String,
        #[serde(deserialize_with = "bytes")]
        name_sort: Vec<u8>,
        dated: Option<String>,
        dated_en: Option<String>,
        #[serde(deserialize_with = "truth")]
        words: bool,
    }
);

pub(super) async fn check(tx: &Tx, found: &mut Found) -> Result<()> {
    let mut after = 0;
    loop {
        let mut sql = tx.sql("");
        let from = sql.bind(after);
        let (join, words) = sql.words_of(&NAMES, "u");
        let sort = tx.dialect.bytes("u.name_sort");
        sql.push(&format!(
            "SELECT u.id, u.code, u.name, u.name_en, u.name_lower, u.name_folded, {sort}, n.name AS dated, n.name_en AS dated_en, \
             {words} FROM unit u LEFT JOIN unit_name n ON n.unit_id = u.id AND n.valid_to IS NULL{join} \
             WHERE u.id > {from} ORDER BY u.id LIMIT {PAGE}"
        ));
        let rows: Vec<Row> = tx.lean(sql).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        rows.iter().for_each(|row| compare(row, found));
    }
    for id in tx.stray_words(&NAMES).await? {
        stray("units", Mend::NameWords(id), found);
    }
    for id in tx.stray_words(&TITLES).await? {
        stray("initiatives", Mend::TitleWords(id), found);
    }
    Ok(())
}

fn stray(of: &str, mend: Mend, found: &mut Found) {
    found.mendable(
        format!("search index of {of}"),
        "words of what there is".to_owned(),
        "of what there is not".to_owned(),
        mend,
    );
}

fn compare(row: &Row, found: &mut Found) {
    if row.dated.as_ref() != Some(&row.name) || row.dated_en != row.name_en {
        let both = |name: Option<&String>, en: Option<&String>| format!("{} / {}", or_none(name), or_none(en));
        found.lasting(
            format!("unit {} name", row.code),
            both(row.dated.as_ref(), row.dated_en.as_ref()),
            both(Some(&row.name), row.name_en.as_ref()),
        );
    }
    let keys = (text::lower(&row.name), text::fold(&row.name), text::sort_key(&row.name));
    if (&keys.0, &keys.1, &keys.2) != (&row.name_lower, &row.name_folded, &row.name_sort) {
        let place = format!("unit {} name's search and sort keys", row.code);
        found.mendable(place, "those of its name".to_owned(), "others".to_owned(), Mend::Name(row.id));
    } else if !row.words {
        let place = format!("unit {} words in the search index", row.code);
        found.mendable(
            place,
            "those of its name and code".to_owned(),
            "others or none".to_owned(),
            Mend::NameWords(row.id),
        );
    }
}
