//! Persons as they begin and cease to count in the kept cells.

use super::grade::Grade;
use super::numbers::Numbers;
use super::seats::Seats;
use super::timeline;
use crate::error::Result;
use crate::ledger::OwnKey;
use crate::store::{Tx, lean_row};

/// Persons that are looked at together.
pub const PERSONS: usize = 2_000;

/// When somebody counts for one initiative, half-open.
type Period = (i64, Option<i64>);

lean_row!(
    /// A person's part in an initiative.
    Participation {
        account_id: i64,
        programme_id: i64,
        unit_id: i64,
        phase_id: i64,
        group_id: i64,
        counted_from: i64,
        counted_to: Option<i64>,
        submitted_at: i64,
    }
);

/// Participations, up to the condition that says which.
const SELECT: &str = "SELECT p.account_id, p.programme_id, p.unit_id, p.phase_id, p.group_id, p.counted_from, p.counted_to, \
     i.submitted_at FROM participant p JOIN initiative i ON i.id = p.initiative_id WHERE ";

/// Participations that are read by one statement.
const PAGE: usize = 4_000;

/// Participations begun before the end, from the account on, everybody's together; and the account from which on there are more.
pub async fn page(tx: &Tx, from: i64, end: i64) -> Result<(Vec<Participation>, Option<i64>)> {
    let mut limit = PAGE;
    loop {
        let mut sql = tx.sql(SELECT);
        let (first, last) = (sql.bind(from), sql.bind(end));
        sql.push(&format!(
            "p.account_id >= {first} AND p.counted_from < {last} AND i.submitted_at IS NOT NULL ORDER BY p.account_id LIMIT {limit}"
        ));
        let mut rows: Vec<Participation> = tx.lean(sql).await?;
        let Some(last) = rows.last().map(|row| row.account_id).filter(|_| rows.len() == limit) else {
            return Ok((rows, None));
        };
        // The last one's may go on.
        let whole = rows.partition_point(|row| row.account_id < last);
        if whole > 0 {
            rows.truncate(whole);
            return Ok((rows, Some(last)));
        }
        limit *= 2;
    }
}

/// 1 where a row `p` of `participant` counts at the instant (a placeholder), else 0.
pub fn counted(at: &str) -> String {
    format!("CASE WHEN {} THEN 1 ELSE 0 END", in_count(at))
}

/// Whether p counts then: a condition.
pub fn in_count(at: &str) -> String {
    format!("p.counted_from < {at} AND (p.counted_to IS NULL OR p.counted_to >= {at})")
}

/// Persons who may begin or cease to count in the time, half-open: in the units, or anywhere.
pub async fn moving(tx: &Tx, below: Option<&[i64]>, (from, to): (i64, i64)) -> Result<Vec<i64>> {
    let mut sql = tx.sql("");
    let (from, to) = (sql.bind(from), sql.bind(to));
    match below {
        // Whoever comes or goes does so by an event of that instant.
        None => sql.push(&format!(
            "SELECT DISTINCT p.account_id AS id FROM initiative_event w JOIN participant p ON p.initiative_id = w.initiative_id \
             WHERE w.at >= {from} AND w.at < {to} AND w.action IN ('SUBMIT', 'WITHDRAW')"
        )),
        Some(units) => {
            let these = sql.any_id("p.unit_id", units);
            sql.push(&format!(
                "SELECT DISTINCT p.account_id AS id FROM participant p WHERE {these} AND p.counted_from >= {from} \
                 AND p.counted_from < {to}"
            ))
        }
    };
    tx.ids(sql).await
}

/// All participations of these persons that began before the end, in the order of accounts.
pub async fn of_accounts(tx: &Tx, accounts: &[i64], end: i64) -> Result<Vec<Participation>> {
    let mut sql = tx.sql(SELECT);
    let these = sql.any_id("p.account_id", accounts);
    let to = sql.bind(end);
    sql.push(&format!("{these} AND p.counted_from < {to} AND i.submitted_at IS NOT NULL"));
    let mut rows: Vec<Participation> = tx.lean(sql).await?;
    rows.sort_unstable_by_key(|row| row.account_id);
    Ok(rows)
}

/// Tells at which instants persons begin (1) or cease (-1) to count in a cell: its grade, its number, the instant. Of all participations of some
/// persons, in the order of accounts.
pub fn turns(seats: &Seats, numbers: &mut Numbers, rows: &[Participation], mut told: impl FnMut(Grade, u32, i64, i64)) {
    let mut counted: Vec<(u32, Period)> = Vec::new();
    for rows in of_each(rows) {
        counted.clear();
        for row in rows {
            let key =
                OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
            let period = (row.counted_from, row.counted_to);
            for keeper in seats.credited(row.unit_id, row.submitted_at) {
                counted.extend(numbers.of(seats, keeper, key).iter().map(|n| (*n, period)));
            }
        }
        counted.sort_unstable();
        for same in counted.chunk_by(|one, other| one.0 == other.0) {
            let number = same[0].0;
            let (grade, _) = numbers.cell(number);
            let periods: Vec<Period> = same.iter().map(|(_, period)| *period).collect();
            for (at, turn) in timeline::turns(&periods) {
                told(grade, number, at, turn);
            }
        }
    }
}

/// The participations of each person.
pub fn of_each(rows: &[Participation]) -> impl Iterator<Item = &[Participation]> {
    rows.chunk_by(|one, other| one.account_id == other.account_id)
}
