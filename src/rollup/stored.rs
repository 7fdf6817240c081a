//! Reading stored cells, and what is not folded into them yet, in one statement and so from one snapshot.

use super::measures::{SumRow, sums};
use crate::error::Result;
use crate::ledger::Tally;
use crate::store::{Sql, Tx};

/// The cell (phase, group, bloc; 0 or empty: any) of each unit. Units without records have no row.
pub(super) async fn read(
    tx: &Tx,
    programme: i64,
    (phase, group, bloc): (i64, i64, &str),
    units: &[i64],
) -> Result<Vec<SumRow>> {
    let mut sql = tx.sql("");
    let programme = sql.bind(programme);
    let (phase_id, group_id, bloc_code) = (sql.bind(phase), sql.bind(group), sql.bind(bloc));
    let slice = Conditions {
        phase: (phase != 0).then(|| phase_id.clone()),
        group: (group != 0).then(|| group_id.clone()),
        bloc: (!bloc.is_empty()).then(|| bloc_code.clone()),
    };
    let columns = |alias: &str| {
        let columns = Tally::COLUMNS.iter().map(|column| format!("{alias}.{column}"));
        columns.collect::<Vec<_>>().join(", ")
    };
    let nothing = Tally::COLUMNS.iter().map(|column| format!("0 AS {column}")).collect::<Vec<_>>().join(", ");
    let cells = sql.any_id("r.unit_id", units);
    let leaves = sql.any_id("u.id", units);

    // A unit that never had sub-units keeps no cells: its own records are the answer.
    let mut parts = vec![
        format!(
            "SELECT r.unit_id AS owner, {}, r.participants FROM rollup_cell r WHERE {cells} AND r.programme_id = {programme} \
             AND r.phase_id = {phase_id} AND r.group_id = {group_id} AND r.bloc = {bloc_code}",
            columns("r")
        ),
        format!(
            "SELECT u.id AS owner, {}, 0 AS participants FROM unit u JOIN rollup_own w ON w.unit_id = u.id \
             WHERE {leaves} AND NOT u.has_cells AND w.programme_id = {programme}{}",
            columns("w"),
            slice.on("w", "u")
        ),
        format!(
            "SELECT q.owner, {nothing}, COUNT(*) AS participants FROM (SELECT u.id AS owner, w.account_id FROM unit u \
             JOIN rollup_person w ON w.unit_id = u.id WHERE {leaves} AND NOT u.has_cells AND w.programme_id = {programme}{} \
             GROUP BY u.id, w.account_id HAVING SUM(w.n) > 0) q GROUP BY q.owner",
            slice.on("w", "u")
        ),
    ];
    if tx.dialect.queues_deltas() {
        parts.extend(queued(&mut sql, &programme, &slice, &columns("d"), &nothing, units));
    }
    sql.push(&format!(
        "SELECT x.owner, {}, CAST(SUM(x.participants) AS BIGINT) AS participants FROM ({}) x GROUP BY x.owner",
        sums("x"),
        parts.join(" UNION ALL ")
    ));
    tx.all(sql).await
}

/// The slice as conditions on a row with phase and group, and on its unit.
struct Conditions {
    phase: Option<String>,
    group: Option<String>,
    bloc: Option<String>,
}

impl Conditions {
    fn on(&self, row: &str, unit: &str) -> String {
        let mut text = String::new();
        for (column, value) in [
            (format!("{row}.phase_id"), &self.phase),
            (format!("{row}.group_id"), &self.group),
            (format!("{unit}.bloc"), &self.bloc),
        ] {
            if let Some(value) = value {
                text += &format!(" AND {column} = {value}");
            }
        }
        text
    }
}

/// Differences that are queued: sums as they stand; for persons whether they come or go, given what is folded of them.
fn queued(
    sql: &mut Sql,
    programme: &str,
    slice: &Conditions,
    columns: &str,
    nothing: &str,
    units: &[i64],
) -> [String; 2] {
    let owners = sql.any_id("c.ancestor_id", units);
    let from = format!(
        "FROM rollup_delta d JOIN unit u ON u.id = d.unit_id JOIN unit_closure c ON c.descendant_id = d.unit_id \
         WHERE d.programme_id = {programme} AND {owners}{}",
        slice.on("d", "u")
    );
    let folded = format!(
        "SELECT COALESCE(SUM(w.n), 0) FROM rollup_person w JOIN unit u ON u.id = w.unit_id \
         JOIN unit_closure k ON k.descendant_id = w.unit_id AND k.ancestor_id = t.owner \
         WHERE w.account_id = t.account_id AND w.programme_id = {programme}{}",
        slice.on("w", "u")
    );
    [
        format!("SELECT c.ancestor_id AS owner, {columns}, 0 AS participants {from} AND d.account_id IS NULL"),
        format!(
            "SELECT q.owner, {nothing}, SUM((CASE WHEN q.folded + q.n > 0 THEN 1 ELSE 0 END) \
             - (CASE WHEN q.folded > 0 THEN 1 ELSE 0 END)) AS participants \
             FROM (SELECT t.owner, t.n, ({folded}) AS folded FROM (SELECT c.ancestor_id AS owner, d.account_id, SUM(d.n) AS n \
             {from} AND d.account_id IS NOT NULL GROUP BY c.ancestor_id, d.account_id) t) q GROUP BY q.owner"
        ),
    ]
}
