//! What a span of time changes of each kept cell, from mark to mark.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::rollup_history;
use sea_orm::FromQueryResult;

use super::grade::Grade;
use super::latest::{self, Wanted};
use super::seats::{Keeper, Seats};
use super::span::Span;
use super::timeline::turns;
use crate::error::Result;
use crate::ledger::{CellKey, OwnKey, Tally, out_of_range, row_with_tally, slices};
use crate::store::Tx;

/// Persons that are looked at together.
const PERSONS: usize = 2_000;

type Cell = (bool, CellKey);

/// When somebody counts for one initiative, half-open.
type Period = (i64, Option<i64>);

/// Differences of a cell by the mark before which they came.
type Steps = BTreeMap<usize, (Tally, i64)>;

/// Who is kept, how finely, and of whose records.
pub struct Keeping<'a> {
    pub grade: Grade,
    pub keepers: &'a HashSet<Keeper>,
    /// Every unit whose records are credited to them; none: all there are.
    pub below: Option<&'a [i64]>,
}

/// The rows that the span adds to history: for each cell one at each mark before which it changed.
pub async fn rows(tx: &Tx, keeping: &Keeping<'_>, span: &Span) -> Result<Vec<rollup_history::Model>> {
    let mut seats = Seats::new(keeping.keepers, keeping.grade);
    let mut nets: HashMap<Cell, Steps> = HashMap::new();
    seats.meet(tx, span.changes.iter().map(|change| change.unit_id)).await?;
    for change in &span.changes {
        let place = span.place(change.at);
        for keeper in seats.credited(change.unit_id, change.submitted_at) {
            for cell in cells(keeping.grade, keeper, change.key(), seats.bloc(change.unit_id)) {
                let step = nets.entry(cell).or_default().entry(place).or_default();
                step.0 = step.0.plus(change.tally).ok_or_else(out_of_range)?;
            }
        }
    }
    let accounts = accounts(tx, keeping, span).await?;
    for accounts in accounts.chunks(PERSONS) {
        persons(tx, keeping.grade, &mut seats, span, accounts, &mut nets).await?;
    }
    cumulated(tx, span, nets).await
}

/// The cells of a keeper that records with this key fall into.
fn cells(grade: Grade, (unit, reported): Keeper, key: OwnKey, bloc: Option<&str>) -> Vec<Cell> {
    let slices = slices(key, bloc).into_iter().filter(|(phase, group, bloc)| grade.has(*phase, *group, bloc));
    slices
        .map(|(phase, group, bloc)| (reported, CellKey { unit, programme: key.programme, phase, group, bloc }))
        .collect()
}

/// Persons who may begin or cease to count in the span.
async fn accounts(tx: &Tx, keeping: &Keeping<'_>, span: &Span) -> Result<Vec<i64>> {
    let mut sql = tx.sql("");
    let (from, to) = (sql.bind(span.from), sql.bind(span.to()));
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
    grade: Grade,
    seats: &mut Seats<'_>,
    span: &Span,
    accounts: &[i64],
    nets: &mut HashMap<Cell, Steps>,
) -> Result<()> {
    let mut sql = tx.sql(
        "SELECT p.account_id, p.programme_id, p.unit_id, p.phase_id, p.group_id, p.counted_from, p.counted_to, i.submitted_at \
         FROM participant p JOIN initiative i ON i.id = p.initiative_id WHERE ",
    );
    let these = sql.any_id("p.account_id", accounts);
    let to = sql.bind(span.to());
    sql.push(&format!("{these} AND p.counted_from < {to} AND i.submitted_at IS NOT NULL"));
    let rows: Vec<Participation> = tx.all(sql).await?;
    seats.meet(tx, rows.iter().map(|row| row.unit_id)).await?;
    let mut periods: HashMap<(i64, Cell), Vec<Period>> = HashMap::new();
    for row in rows {
        let key = OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id };
        for keeper in seats.credited(row.unit_id, row.submitted_at) {
            for cell in cells(grade, keeper, key, seats.bloc(row.unit_id)) {
                let period = (row.counted_from, row.counted_to);
                periods.entry((row.account_id, cell)).or_default().push(period);
            }
        }
    }
    for ((_, cell), periods) in periods {
        for (at, turn) in turns(&periods) {
            if at >= span.from && at < span.to() {
                nets.entry(cell.clone()).or_default().entry(span.place(at)).or_default().1 += turn;
            }
        }
    }
    Ok(())
}

/// Added up from what the cells held at the span's beginning.
async fn cumulated(tx: &Tx, span: &Span, nets: HashMap<Cell, Steps>) -> Result<Vec<rollup_history::Model>> {
    let mut held: HashMap<Cell, (Tally, i64)> = HashMap::new();
    if span.from > 0 {
        for reported in [false, true] {
            let wanted = Wanted::of(nets.keys().filter(|cell| cell.0 == reported).map(|(_, key)| key));
            for row in latest::read(tx, reported, &wanted, span.from).await? {
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
                at: span.marks[place],
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
