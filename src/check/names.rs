//! Units' names against their dated history, and what is searched and sorted by against the names.

use sea_orm::FromQueryResult;

use super::mend::Mends;
use super::words::or_none;
use super::{Problem, Report};
use crate::error::Result;
use crate::store::Tx;
use crate::text;

/// Units read at once.
const PAGE: usize = 10_000;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    code: String,
    name: String,
    name_en: Option<String>,
    name_lower: String,
    name_folded: String,
    name_sort: Vec<u8>,
    dated: Option<String>,
    dated_en: Option<String>,
}

pub(super) async fn check(tx: &Tx, report: &mut Report, mends: &mut Mends) -> Result<()> {
    let mut after = 0;
    loop {
        let mut sql = tx.sql(
            "SELECT u.id, u.code, u.name, u.name_en, u.name_lower, u.name_folded, u.name_sort, n.name AS dated, \
             n.name_en AS dated_en FROM unit u LEFT JOIN unit_name n ON n.unit_id = u.id AND n.valid_to IS NULL \
             WHERE u.id > ",
        );
        let from = sql.bind(after);
        sql.push(&format!("{from} ORDER BY u.id LIMIT {PAGE}"));
        let rows: Vec<Row> = tx.all(sql).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        rows.iter().for_each(|row| compare(row, report, mends));
    }
}

fn compare(row: &Row, report: &mut Report, mends: &mut Mends) {
    let mut fault = |what: &str, expected: String, stored: String, mendable: bool| {
        let place = format!("unit {} {what}", row.code);
        report.problems.push(Problem { place, expected, stored, mendable });
    };
    if row.dated.as_ref() != Some(&row.name) || row.dated_en != row.name_en {
        let both = |name: Option<&String>, en: Option<&String>| format!("{} / {}", or_none(name), or_none(en));
        fault(
            "name",
            both(row.dated.as_ref(), row.dated_en.as_ref()),
            both(Some(&row.name), row.name_en.as_ref()),
            false,
        );
    }
    let keys = (text::lower(&row.name), text::fold(&row.name), text::sort_key(&row.name));
    if (&keys.0, &keys.1, &keys.2) != (&row.name_lower, &row.name_folded, &row.name_sort) {
        fault("name's search and sort keys", "those of its name".to_owned(), "others".to_owned(), true);
        mends.names.push(row.id);
    }
}
