//! When what a programme counts was first sent in.

use crate::error::Result;
use crate::initiative::sent_between;
use crate::programme::ResolvedSlice;
use crate::store::Tx;

/// The first instant, and one after the last, at which something of the slice's phases and groups was first sent in; none where nothing
/// was. What was withdrawn since counts. One statement.
pub(super) async fn sent(tx: &Tx, programme: i64, slice: &ResolvedSlice) -> Result<Option<(i64, i64)>> {
    let mut sql = tx.sql("");
    let mut sliced = format!(
        "phase f JOIN participant_group g ON g.programme_id = f.programme_id WHERE f.programme_id = {}",
        sql.bind(programme)
    );
    for (column, chosen) in [("f.id", &slice.phases), ("g.id", &slice.groups)] {
        if let Some(chosen) = chosen {
            sliced += &format!(" AND {}", sql.any_id(column, chosen));
        }
    }
    sent_between(tx, sql, &sliced).await
}
