//! Instants between marks, by rows alone: what a cell held at the next mark at which it had changed, less what its steps say came from the
//! instant on. Whatever the instant, a row is read for each unit.

use super::grade::Grade;
use super::steps;
use crate::error::Result;
use crate::ledger::Tally;
use crate::rollup::measures::{Measures, SumRow};
use crate::store::{Both, Dialect, Sql, Tx, lean_row};

lean_row!(
    /// The mark of a row that tells an instant, and what its steps say.
    Steps {
        at: i64,
        #[serde(deserialize_with = "crate::store::bytes")]
        steps: Vec<u8>,
    }
);

/// The totals of a unit in the row that tells an instant: [`columns`]. All of it is 0 where there is no row.
pub type Row = Both<Measures, Steps>;

/// What counted at the instant; none where the row has no steps, as a program that knew of none has written it.
pub fn measures(Both(held, Steps { at: mark, steps }): &Row, at: i64) -> Result<Option<Measures>> {
    let (tally, participants) = match *mark > at {
        // Nothing has changed since.
        false => return Ok(Some(*held)),
        true if steps.is_empty() => return Ok(None),
        true => steps::before(at, *mark, (held.tally, held.participants), steps)?,
    };
    Ok(Some(Measures { tally, participants }))
}

/// Whose totals are meant, at which instant: expressions of a statement.
pub struct Asked<'a> {
    pub unit: &'a str,
    pub programme: &'a str,
    /// Which of the two trees the rows are kept through. (SQLite looks up no bare column in an index.)
    pub reported: &'a str,
    pub at: &'a str,
}

impl Asked<'_> {
    /// The condition that a row `h` of rollup_history tells the instant: it is the next one, or the last where none follows.
    pub fn tells(&self) -> String {
        let Asked { unit, programme, reported, at } = self;
        let totals = |t: &str| {
            format!(
                "{t}.unit_id = {unit} AND {t}.reported = {reported} AND {t}.programme_id = {programme} AND {t}.phase_id = 0 \
                 AND {t}.group_id = 0 AND {t}.bloc = ''"
            )
        };
        let next = format!("SELECT MIN(l.at) FROM rollup_history l WHERE {} AND l.at >= {at}", totals("l"));
        let latest = format!("SELECT MAX(l.at) FROM rollup_history l WHERE {} AND l.at < {at}", totals("l"));
        format!("{} AND h.at = COALESCE(({next}), ({latest}))", totals("h"))
    }
}

/// The columns of [`Row`] of the row `h`, for an instant as bound.
pub fn columns(sql: &Sql, at: &str) -> String {
    let numbers = Tally::COLUMNS.into_iter().chain(["participants", "at"]);
    let numbers = numbers.map(|column| format!("COALESCE(h.{column}, 0)")).collect::<Vec<_>>().join(", ");
    // Those of earlier rows are not needed.
    let steps = sql.dialect.bytes_or_none(&format!("CASE WHEN h.at > {at} THEN h.steps END"));
    format!("{numbers}, {steps}")
}

/// The condition that rows tell the instant, as bound: it lies before the last mark of totals, or nothing has happened between that and the
/// instant; and it lies after all marks whose rows have no steps.
pub fn is_told(dialect: Dialect, at: &str) -> String {
    let grade = Grade::Totals.number();
    let latest = |which: &str| format!("(SELECT MAX(m.at) FROM rollup_mark m WHERE m.grade = {grade} AND {which})");
    let last = latest("TRUE");
    format!(
        "({at} <= {last} OR NOT EXISTS (SELECT 1 FROM initiative_event e WHERE e.at >= {last} AND e.at < {at} \
         AND e.submitted_at IS NOT NULL{})) AND {at} > COALESCE({}, -1)",
        dialect.row_by_row(),
        latest("NOT m.stepped")
    )
}

lean_row!(Owner { owner: i64 });

/// Adds the totals of each unit at the instant, where it has any; answers the units whose row has no steps. One statement.
pub async fn read(
    tx: &Tx,
    programme: i64,
    reported: bool,
    at: i64,
    units: &[i64],
    rows: &mut Vec<SumRow>,
) -> Result<Vec<i64>> {
    let mut sql = tx.sql("");
    let units = sql.id_table(units);
    let (programme, instant) = (sql.key(programme), sql.key(at));
    let reported = if reported { "TRUE" } else { "FALSE" };
    let asked = Asked { unit: "u.id", programme: &programme, reported, at: &instant };
    let from = sql.along(&format!("{units} u"), "rollup_history", "h", &asked.tells());
    let columns = columns(&sql, &instant);
    sql.push(&format!("SELECT u.id, {columns} FROM {from}"));
    let mut without = Vec::new();
    for Both(Owner { owner }, row) in tx.lean::<Both<Owner, Row>>(sql).await? {
        match measures(&row, at)? {
            Some(Measures { tally, participants }) => rows.push(SumRow { owner, tally, participants }),
            None => without.push(owner),
        }
    }
    Ok(without)
}
