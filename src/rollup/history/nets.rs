//! What a span of time changes of each kept cell, from mark to mark.

use std::collections::HashMap;

use entity::rollup_history;
use sea_orm::FromQueryResult;

use super::latest::{self, Wanted};
use super::numbers::{Cell, Numbers, Steps};
use super::seats::{Keepers, Seats};
use super::span::{Reach, Span};
use super::timeline::turns;
use crate::error::Result;
use crate::ledger::{OwnKey, Tally, out_of_range, row_with_tally};
use crate::store::Tx;

/// Persons that are looked at together.
const PERSONS: usize = 2_000;

/// When somebody counts for one initiative, half-open.
type Period = (i64, Option<i64>);

/// Of whose records history is made.
pub struct Keeping<'a> {
    pub keepers: &'a Keepers,
    /// Every unit whose records are credited to them; none: all there are.
    pub below: Option<&'a [i64]>,
}

/// The rows that the span adds to history, for each of its grades: of each cell one at each mark before which it changed.
pub async fn rows(tx: &Tx, keeping: &Keeping<'_>, span: &Span) -> Result<Vec<Vec<rollup_history::Model>>> {
    let mut seats = Seats::new(keeping.keepers);
    let mut numbers = Numbers::new(&span.reaches);
    seats.meet(tx, span.changes.iter().map(|change| change.unit_id)).await?;
    for change in &span.changes {
        for keeper in seats.credited(change.unit_id, change.submitted_at) {
            for n in numbers.of(&seats, keeper, change.key()).iter() {
                let (reach, steps) = numbers.steps(*n);
                if reach.has(change.at) {
                    let step = steps.entry(reach.place(change.at)).or_default();
                    step.0 = step.0.plus(change.tally).ok_or_else(out_of_range)?;
                }
            }
        }
    }
    let accounts = accounts(tx, keeping, span).await?;
    for accounts in accounts.chunks(PERSONS) {
        persons(tx, &mut seats, span, accounts, &mut numbers).await?;
    }
    let mut rows = Vec::with_capacity(span.reaches.len());
    for (reach, nets) in span.reaches.iter().zip(numbers.nets()) {
        rows.push(cumulated(tx, reach, nets).await?);
    }
    Ok(rows)
}

fn bounds(span: &Span) -> (i64, i64) {
    let from = span.reaches.iter().map(|reach| reach.from).min().unwrap_or(0);
    (from, span.reaches.iter().map(Reach::to).max().unwrap_or(0))
}

/// Persons who may begin or cease to count in the span.
async fn accounts(tx: &Tx, keeping: &Keeping<'_>, span: &Span) -> Result<Vec<i64>> {
    let mut sql = tx.sql("");
    let (from, to) = bounds(span);
    let (from, to) = (sql.bind(from), sql.bind(to));
    match keeping.below {
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

#[derive(FromQueryResult)]
struct Participation {
    account_id: i64,
    programme_id: i64,
    unit_id: i64,
    phase_id: i64,
    group_id: i64,
    counted_from: i64,
    counted_to: Option<i64>,
    submitted_at: i64,
}

async fn persons(
    tx: &Tx,
    seats: &mut Seats<'_>,
    span: &Span,
    accounts: &[i64],
    numbers: &mut Numbers<'_>,
) -> Result<()> {
    let mut sql = tx.sql(
        "SELECT p.account_id, p.programme_id, p.unit_id, p.phase_id, p.group_id, p.counted_from, p.counted_to, i.submitted_at \
         FROM participant p JOIN initiative i ON i.id = p.initiative_id WHERE ",
    );
    let these = sql.any_id("p.account_id", accounts);
    let to = sql.bind(bounds(span).1);
    sql.push(&format!("{these} AND p.counted_from < {to} AND i.submitted_at IS NOT NULL"));
    let mut rows: Vec<Participation> = tx.all(sql).await?;
    rows.sort_unstable_by_key(|row| row.account_id);
    seats.meet(tx, rows.iter().map(|row| row.unit_id)).await?;
    let mut counted: Vec<(usize, Period)> = Vec::new();
    for rows in rows.chunk_by(|one, other| one.account_id == other.account_id) {
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
            let periods: Vec<Period> = same.iter().map(|(_, period)| *period).collect();
            let (reach, steps) = numbers.steps(same[0].0);
            for (at, turn) in turns(&periods) {
                if reach.has(at) {
                    steps.entry(reach.place(at)).or_default().1 += turn;
                }
            }
        }
    }
    Ok(())
}

/// Added up from what the cells held at the beginning.
async fn cumulated(tx: &Tx, reach: &Reach, nets: Vec<(Cell, Steps)>) -> Result<Vec<rollup_history::Model>> {
    let mut held: HashMap<Cell, (Tally, i64)> = HashMap::new();
    if reach.from > 0 {
        for reported in [false, true] {
            let changed = nets.iter().filter(|(cell, steps)| cell.0 == reported && !steps.is_empty());
            let wanted = Wanted::of(changed.map(|((_, key), _)| key));
            for row in latest::read(tx, reported, &wanted, reach.from).await? {
                held.insert((reported, row.key()), (row.tally, row.participants));
            }
        }
    }
    let mut rows = Vec::new();
    for (cell, steps) in nets {
        let (mut tally, mut participants) = held.get(&cell).copied().unwrap_or_default();
        let (reported, key) = cell;
        for (place, (change, persons)) in steps {
            if change.is_zero() && persons == 0 {
                continue;
            }
            tally = tally.plus(change).ok_or_else(out_of_range)?;
            participants += persons;
            rows.push(row_with_tally!(rollup_history, tally, {
                unit_id: key.unit,
                reported: reported,
                programme_id: key.programme,
                phase_id: key.phase,
                group_id: key.group,
                bloc: key.bloc.clone(),
                at: reach.marks[place],
                participants: participants,
            }));
        }
    }
    // In the order of their key every row is put beside the one before it.
    rows.sort_unstable_by(|a, b| {
        let key =
            |row: &rollup_history::Model| (row.unit_id, row.reported, row.programme_id, row.phase_id, row.group_id);
        key(a).cmp(&key(b)).then_with(|| a.bloc.cmp(&b.bloc)).then_with(|| a.at.cmp(&b.at))
    });
    Ok(rows)
}
