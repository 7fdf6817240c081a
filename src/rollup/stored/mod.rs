//! Reading stored cells, and what is not folded into them yet, in one statement and so from one snapshot.
//!
//! Mostly nothing is queued, and a statement that counts it costs more to begin than the cells to read. So where nothing was queued
//! the last time, the first statement only looks whether there is anything, and a second one counts it where there is.

mod sql;

use sql::{Asking, Conditions};

use super::grid::Grid;
use super::measures::{Measures, sums};
use crate::error::Result;
use crate::ledger::Tally;
use crate::store::{Both, Dialect, Sql, Tx, lean_row};

/// How far down is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The unit and everything below it.
    Whole,
    /// The unit's own records alone.
    Own,
}

/// The measures of one part. Phase and group are 0, and the bloc is empty, where the question is not for each of them.
pub(super) struct CellRow {
    /// The place of its question.
    pub question: i64,
    pub owner: i64,
    pub phase_id: i64,
    pub group_id: i64,
    pub bloc: String,
    /// Participants are of no use where the grid does not count persons.
    pub measures: Measures,
}

/// Units, and those of them that perhaps keep no cells.
#[derive(Clone, Copy)]
pub(super) struct Units<'a> {
    pub all: &'a [i64],
    pub leaves: &'a [i64],
}

impl<'a> Units<'a> {
    /// Nothing is known of them.
    pub fn any(all: &'a [i64]) -> Units<'a> {
        Units { all, leaves: all }
    }
}

/// What is asked of some units' cells.
pub(super) struct Question<'a> {
    pub programme: i64,
    pub grid: &'a Grid,
    pub reach: Reach,
    pub units: Units<'a>,
    pub persons: bool,
}

/// What becomes of differences that are queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Queue {
    /// They are counted.
    Counted,
    /// They are left out, and it is told whether there are any.
    LookedAt,
}

/// The cells of the grid of each unit. What has no records has no row; nor has what has no bloc, where each bloc is asked for. One
/// statement, or two where something is queued and was not expected.
pub(super) async fn read(
    tx: &Tx,
    programme: i64,
    grid: &Grid,
    reach: Reach,
    units: Units<'_>,
    persons: bool,
) -> Result<Vec<CellRow>> {
    let question = [Question { programme, grid, reach, units, persons }];
    if tx.dialect.queues_deltas() && !tx.queued.get() {
        let cells = Cells::of(tx.lean(statement(tx.dialect, &question, Queue::LookedAt)).await?);
        tx.queued.set(cells.queued);
        if !cells.queued {
            return Ok(cells.rows);
        }
    }
    let cells = Cells::of(tx.lean(statement(tx.dialect, &question, Queue::Counted)).await?);
    tx.queued.set(cells.queued);
    Ok(cells.rows)
}

/// All questions by one statement.
pub(super) fn statement(dialect: Dialect, questions: &[Question<'_>], queue: Queue) -> Sql {
    let mut sql = Sql::new(dialect, "");
    let mut all = Vec::with_capacity(questions.len() + 1);
    for (place, Question { programme, grid, reach, units, persons }) in questions.iter().enumerate() {
        let programme = sql.key(*programme);
        let persons = *persons && grid.counts_persons();
        let asking = Asking { programme, slice: Conditions::of(&mut sql, grid), grid, reach: *reach };
        let mut parts = asking.folded(&mut sql, *units, persons);
        if dialect.queues_deltas() && queue == Queue::Counted {
            parts.push(asking.queued(&mut sql, units.all));
            if persons {
                parts.push(asking.queued_persons(&mut sql, units.all));
            }
        }
        all.push(match parts.as_slice() {
            // Each cell stands for itself.
            [cells] if *reach == Reach::Whole && units.leaves.is_empty() && !grid.adds_cells() => {
                of_question(place, cells)
            }
            parts => added(dialect, place, parts),
        });
    }
    if dialect.queues_deltas() {
        let nothing = vec!["0"; Tally::COLUMNS.len() + 1].join(", ");
        all.push(format!("SELECT {QUEUED}, 0, 0, 0, '', {nothing} WHERE EXISTS (SELECT 1 FROM rollup_delta)"));
    }
    sql.push(&all.join(" UNION ALL "));
    sql
}

/// Stands in the place of a question in the row that says that something is queued.
const QUEUED: i64 = -1;

/// What was read.
pub(super) struct Cells {
    pub rows: Vec<CellRow>,
    /// Whether any difference waits.
    pub queued: bool,
}

impl Cells {
    pub fn of(rows: Vec<Row>) -> Cells {
        let mut cells = Cells { rows: Vec::with_capacity(rows.len()), queued: false };
        for row in rows {
            if row.0.question == QUEUED { cells.queued = true } else { cells.rows.push(CellRow::from(row)) }
        }
        cells
    }
}

/// The one cell of each unit for any phase, group and bloc, without what is queued: it stays the same while somebody holds the tree's
/// lock, whatever others write.
pub(super) async fn folded(tx: &Tx, programme: i64, units: &[i64]) -> Result<Vec<CellRow>> {
    let mut sql = tx.sql("");
    let (programme, grid) = (sql.key(programme), Grid::any());
    let asking = Asking { programme, slice: Conditions::of(&mut sql, &grid), grid: &grid, reach: Reach::Whole };
    let parts = asking.folded(&mut sql, Units::any(units), true);
    sql.push(&added(tx.dialect, 0, &parts));
    Ok(Cells::of(tx.lean(sql).await?).rows)
}

/// The rows of a question as they are.
fn of_question(place: usize, part: &str) -> String {
    let columns = Tally::COLUMNS.map(|column| format!("x.{column}")).join(", ");
    format!(
        "SELECT CAST({place} AS BIGINT) AS question, x.owner, x.phase_id, x.group_id, x.bloc, {columns}, x.participants FROM ({part}) x"
    )
}

/// The parts added up, each row with the place of its question.
fn added(dialect: Dialect, place: usize, parts: &[String]) -> String {
    let (sums, participants) = (sums(dialect, "x"), dialect.sum("x.participants"));
    format!(
        "SELECT CAST({place} AS BIGINT) AS question, x.owner, x.phase_id, x.group_id, x.bloc, {sums}, {participants} AS participants \
         FROM ({}) x GROUP BY x.owner, x.phase_id, x.group_id, x.bloc",
        parts.join(" UNION ALL ")
    )
}

lean_row!(
    /// The place of a question, and of which part of it a row tells.
    Place {
        question: i64,
        owner: i64,
        phase_id: i64,
        group_id: i64,
        bloc: String,
    }
);

/// A part as it is told.
pub(super) type Row = Both<Place, Measures>;

impl From<Row> for CellRow {
    fn from(Both(place, measures): Row) -> CellRow {
        let Place { question, owner, phase_id, group_id, bloc } = place;
        CellRow { question, owner, phase_id, group_id, bloc, measures }
    }
}
