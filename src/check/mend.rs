//! What a repair writes. It holds the tree's lock, and each initiative's row while it writes that initiative's participants.

use std::collections::HashMap;

use entity::{initiative, participant, unit, unit_closure};

use super::recount::replay;
use super::rows;
use crate::error::Result;
use crate::ledger::{CellKey, Cells, OwnKey, Tally, add_cells, add_own, add_persons};
use crate::rollup::Grade;
use crate::store::{Conflict, NAMES, RowLock, TITLES, Tx};
use crate::text;

/// One thing that is put right.
pub(super) enum Mend {
    /// A row of the closure, which is there and must be this, or must not be.
    Closure {
        above: i64,
        below: i64,
        there: bool,
        row: Option<ClosureRow>,
    },
    /// A unit's depth.
    Depth(i64, i32),
    /// An initiative's participants.
    Participants(i64),
    /// The keys of an initiative's title, or of a unit's name.
    Title(i64),
    Name(i64),
    /// The words of an initiative, or of a unit, in the search index; those of ids that nothing has go.
    TitleWords(i64),
    NameWords(i64),
    /// What is missing in what is stored.
    Own(OwnKey, Tally),
    Person(i64, OwnKey, i64),
    Cell(CellKey, Tally, i64),
    /// A unit's history, through the tree as reported or now, is built anew.
    History(i64, bool, Grade),
    /// How many events a mark has before it.
    Mark(Grade, i64, i64),
    /// What is kept by days is built anew.
    Days,
}

/// A row as it must be.
pub(super) struct ClosureRow {
    pub distance: i32,
    pub seat: Option<i64>,
    pub ended: bool,
    pub since: i64,
    pub holds_from: Option<i64>,
}

/// Mends all of it.
pub(super) async fn write(tx: &Tx, mends: Vec<Mend>) -> Result<()> {
    let (mut own, mut persons, mut cells) = (HashMap::new(), HashMap::new(), Cells::default());
    for mend in mends {
        match mend {
            Mend::Closure { above, below, there, row } => closure(tx, (above, below), there, row).await?,
            Mend::Depth(id, depth) => set(tx, "UPDATE unit SET depth = ", depth.into(), id).await?,
            Mend::Participants(id) => recount_participants(tx, id).await?,
            Mend::Title(id) => rekey_title(tx, id).await?,
            Mend::Name(id) => rekey_name(tx, id).await?,
            Mend::TitleWords(id) => {
                tx.rewrite_words(&TITLES, id).await?;
                tx.add_to_vocabulary(id).await?;
            }
            Mend::NameWords(id) => tx.rewrite_words(&NAMES, id).await?,
            Mend::Own(key, tally) => drop(own.insert(key, tally)),
            Mend::Person(account, key, n) => drop(persons.insert((account, key), n)),
            Mend::Cell(key, tally, n) => cells.add(key, tally, n)?,
            Mend::History(unit, reported, grade) => rebuild(tx, unit, reported, grade).await?,
            Mend::Mark(grade, at, events) => count_mark(tx, grade, at, events).await?,
            Mend::Days => tx.run_plain("UPDATE rollup_keeper SET days_zone = NULL WHERE id = 1").await?,
        }
    }
    add_own(tx, own).await?;
    add_persons(tx, persons).await?;
    add_cells(tx, cells).await
}

async fn set(tx: &Tx, update: &str, value: sea_orm::Value, id: i64) -> Result<()> {
    let mut sql = tx.sql(update);
    let (value, id) = (sql.bind(value), sql.bind(id));
    sql.push(&format!("{value} WHERE id = {id}"));
    tx.run(sql).await?;
    Ok(())
}

async fn closure(tx: &Tx, (above, below): (i64, i64), there: bool, row: Option<ClosureRow>) -> Result<()> {
    if there {
        let mut sql = tx.sql("DELETE FROM unit_closure WHERE ancestor_id = ");
        let (above, below) = (sql.bind(above), sql.bind(below));
        sql.push(&format!("{above} AND descendant_id = {below}"));
        tx.run(sql).await?;
    }
    let row = row.map(|row| unit_closure::Model {
        ancestor_id: above,
        descendant_id: below,
        distance: row.distance,
        since: row.since,
        holds_from: row.holds_from,
        seat_id: row.seat,
        ended: row.ended,
    });
    tx.insert::<unit_closure::Entity>(row.as_slice(), Conflict::Fail).await?;
    Ok(())
}

/// The row as it is now, held until the end: since the comparison it may have changed.
async fn held(tx: &Tx, id: i64) -> Result<Option<initiative::Model>> {
    let mut sql = tx.sql("SELECT * FROM initiative WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound}{}", tx.dialect.row_lock(RowLock::Update)));
    tx.one(sql).await
}

async fn rekey_title(tx: &Tx, id: i64) -> Result<()> {
    let Some(row) = held(tx, id).await? else { return Ok(()) };
    let mut sql = tx.sql("UPDATE initiative SET title_lower = ");
    let (lower, folded) = (sql.bind(text::lower(&row.title)), sql.bind(text::fold(&row.title)));
    let (sort, id) = (sql.bind(text::sort_key(&row.title)), sql.bind(id));
    sql.push(&format!("{lower}, title_folded = {folded}, title_sort = {sort} WHERE id = {id}"));
    tx.run(sql).await?;
    Ok(())
}

async fn rekey_name(tx: &Tx, id: i64) -> Result<()> {
    let mut sql = tx.sql("SELECT * FROM unit WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&format!("{bound}{}", tx.dialect.row_lock(RowLock::Update)));
    let Some(row) = tx.one::<unit::Model>(sql).await? else { return Ok(()) };
    let mut sql = tx.sql("UPDATE unit SET name_lower = ");
    let (lower, folded) = (sql.bind(text::lower(&row.name)), sql.bind(text::fold(&row.name)));
    let (sort, id) = (sql.bind(text::sort_key(&row.name)), sql.bind(id));
    sql.push(&format!("{lower}, name_folded = {folded}, name_sort = {sort} WHERE id = {id}"));
    tx.run(sql).await?;
    Ok(())
}

async fn recount_participants(tx: &Tx, id: i64) -> Result<()> {
    let Some(row) = held(tx, id).await? else { return Ok(()) };
    let events = tx.lean(rows::events(tx, id - 1, id)).await?;
    // Whoever broke the history since the comparison is found by the next one.
    let Ok(said) = replay(&events) else { return Ok(()) };
    let mut sql = tx.sql("DELETE FROM participant WHERE initiative_id = ");
    let bound = sql.bind(id);
    sql.push(&bound);
    tx.run(sql).await?;
    let rows: Vec<_> = said
        .periods
        .into_iter()
        .map(|(account_id, counted_from, counted_to)| participant::Model {
            initiative_id: id,
            account_id,
            counted_from,
            counted_to,
            unit_id: row.unit_id,
            programme_id: row.programme_id,
            phase_id: row.phase_id,
            group_id: row.group_id,
        })
        .collect();
    tx.insert::<participant::Entity>(&rows, Conflict::Fail).await?;
    Ok(())
}

/// Until a server has built it anew events answer.
async fn rebuild(tx: &Tx, unit: i64, reported: bool, grade: Grade) -> Result<()> {
    let mut sql = tx.sql("UPDATE rollup_kept SET built = FALSE WHERE unit_id = ");
    let (unit, grade) = (sql.bind(unit), sql.bind(grade.number()));
    sql.push(&format!("{unit} AND grade = {grade} AND {}", if reported { "reported" } else { "NOT reported" }));
    tx.run(sql).await?;
    Ok(())
}

async fn count_mark(tx: &Tx, grade: Grade, at: i64, events: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE rollup_mark SET events = ");
    let (events, grade, at) = (sql.bind(events), sql.bind(grade.number()), sql.bind(at));
    sql.push(&format!("{events} WHERE grade = {grade} AND at = {at}"));
    tx.run(sql).await?;
    Ok(())
}
