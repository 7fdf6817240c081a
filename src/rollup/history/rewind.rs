//! Instants between marks, by rows alone: what a cell held at the next mark at which it had changed, less what its steps say came from the
//! instant on. Whatever the instant, a row is read for each unit.

use super::steps;
use crate::error::Result;
use crate::ledger::{Tally, tally_in};
use crate::rollup::measures::SumRow;
use crate::store::{Sql, Tx, lean_row};

lean_row!(Row {
    owner: i64,
    at: i64,
    pending: i64,
    returned: i64,
    approved: i64,
    rejected: i64,
    revoked: i64,
    claimed_pending: i64,
    claimed_returned: i64,
    claimed_approved: i64,
    verified: i64,
    opaque_pending: i64,
    opaque_returned: i64,
    opaque_approved: i64,
    participants: i64,
    #[serde(deserialize_with = "crate::store::bytes")]
    steps: Vec<u8>,
});

/// Adds the totals of each unit at the instant, where it has any; answers the units whose row has no steps, which a program that knew of none
/// has written. One statement.
pub async fn read(
    tx: &Tx,
    programme: i64,
    reported: bool,
    at: i64,
    units: &[i64],
    rows: &mut Vec<SumRow>,
) -> Result<Vec<i64>> {
    let mut without = Vec::new();
    for row in tx.lean::<Row>(statement(tx, programme, reported, at, units)).await? {
        let tally = tally_in!(row);
        if row.at > at && row.steps.is_empty() {
            without.push(row.owner);
            continue;
        }
        let (tally, participants) = match row.at > at {
            true => steps::before(at, row.at, (tally, row.participants), &row.steps)?,
            // Nothing has changed since.
            false => (tally, row.participants),
        };
        rows.push(SumRow { owner: row.owner, tally, participants });
    }
    Ok(without)
}

fn statement(tx: &Tx, programme: i64, reported: bool, at: i64, units: &[i64]) -> Sql {
    let mut sql = tx.sql("");
    let units = sql.id_table(units);
    let (programme, at) = (sql.key(programme), sql.key(at));
    // As an equation: SQLite looks up no bare column in an index.
    let reported = if reported { "TRUE" } else { "FALSE" };
    let totals = |t: &str| {
        format!(
            "{t}.unit_id = u.id AND {t}.reported = {reported} AND {t}.programme_id = {programme} AND {t}.phase_id = 0 \
             AND {t}.group_id = 0 AND {t}.bloc = ''"
        )
    };
    let next = format!("SELECT MIN(l.at) FROM rollup_history l WHERE {} AND l.at >= {at}", totals("l"));
    let latest = format!("SELECT MAX(l.at) FROM rollup_history l WHERE {} AND l.at < {at}", totals("l"));
    let columns = Tally::COLUMNS.map(|column| format!("h.{column}")).join(", ");
    let steps = sql.dialect.bytes_or_none(&format!("CASE WHEN h.at > {at} THEN h.steps END"));
    let row = format!("{} AND h.at = COALESCE(({next}), ({latest}))", totals("h"));
    let from = sql.along(&format!("{units} u"), "rollup_history", "h", &row);
    sql.push(&format!("SELECT u.id, h.at, {columns}, h.participants, {steps} FROM {from}"));
    sql
}
