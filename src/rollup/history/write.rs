//! Writing history, unless somebody else has been at it, or the tree has become another one meanwhile.

use entity::{rollup_history, rollup_mark};

use super::days::{self, Days};
use super::grade::Grade;
use super::seats::{Keeper, Keepers};
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, RowLock, Tx};

/// The latest mark of a grade.
pub async fn last_mark(tx: &Tx, grade: Grade) -> Result<i64> {
    let sql = tx.sql(format!("SELECT COALESCE(MAX(at), 0) AS id FROM rollup_mark WHERE grade = {}", grade.number()));
    Ok(tx.ids(sql).await?.pop().unwrap_or(0))
}

pub async fn marks(tx: &Tx, grade: Grade) -> Result<Vec<i64>> {
    let grade = grade.number();
    tx.ids(tx.sql(format!("SELECT at AS id FROM rollup_mark WHERE grade = {grade} AND at > 0 ORDER BY at"))).await
}

pub async fn tree_version(tx: &Tx) -> Result<i64> {
    let sql = tx.sql("SELECT version AS id FROM tree WHERE id = 1");
    Ok(tx.ids(sql).await?.pop().unwrap_or(0))
}

/// What the rows were made from.
pub struct Seen {
    pub grade: Grade,
    pub last_mark: i64,
    pub tree: i64,
    /// Whether there is very much of it, and nothing else goes on.
    pub bulk: bool,
}

/// Holds what history is made from; none where it is not what was seen any more.
async fn hold(app: &App, seen: &Seen) -> Result<Option<Tx>> {
    let tx = app.store.write().await?;
    // Moves wait for this, and it for them, in a statement of its own.
    let sql = tx.sql(format!("SELECT id FROM tree WHERE id = 1{}", tx.dialect.row_lock(RowLock::Share)));
    tx.ids(sql).await?;
    let sql = tx.sql(format!("SELECT id FROM rollup_keeper WHERE id = 1{}", tx.dialect.row_lock(RowLock::Update)));
    tx.ids(sql).await?;
    let same = tree_version(&tx).await? == seen.tree && last_mark(&tx, seen.grade).await? == seen.last_mark;
    Ok(same.then_some(tx))
}

/// Adds rows and their marks, each with the number of events since the one before, and what goes by days, where these are kept.
pub async fn add(
    app: &App,
    seen: &Seen,
    marks: &[(i64, i64)],
    rows: &[rollup_history::Model],
    days: Option<Days>,
) -> Result<bool> {
    let Some(tx) = hold(app, seen).await? else { return Ok(false) };
    if seen.bulk {
        tx.begin_bulk(64).await?;
    }
    tx.insert::<rollup_history::Entity>(rows, Conflict::Fail).await?;
    if let Some(days) = days
        && days::are_kept(&tx, app.config.time_zone).await?
    {
        days.write(&tx).await?;
        let upto = marks.last().map_or(seen.last_mark, |(at, _)| *at);
        days::keep(&tx, app.config.time_zone, upto).await?;
    }
    if seen.bulk {
        tx.shrink().await?;
    }
    let (grade, stepped) = (seen.grade.number(), seen.grade.is_stepped());
    let marks: Vec<_> =
        marks.iter().map(|(at, events)| rollup_mark::Model { grade, at: *at, events: *events, stepped }).collect();
    tx.insert::<rollup_mark::Entity>(&marks, Conflict::Fail).await?;
    tx.commit().await?;
    Ok(true)
}

/// Puts the rows in place of those that a keeper has in the grade; it is built then.
pub async fn replace(app: &App, seen: &Seen, keeper: Keeper, rows: &[rollup_history::Model]) -> Result<bool> {
    let Some(tx) = hold(app, seen).await? else { return Ok(false) };
    let of = |reported: bool| if reported { "reported" } else { "NOT reported" };
    let (unit, reported) = keeper;
    let mut sql = tx.sql("DELETE FROM rollup_history WHERE unit_id = ");
    let id = sql.bind(unit);
    sql.push(&format!("{id} AND {} AND {}", of(reported), seen.grade.rows()));
    tx.run(sql).await?;
    tx.insert::<rollup_history::Entity>(rows, Conflict::Fail).await?;
    let mut sql = tx.sql("UPDATE rollup_kept SET built = TRUE WHERE unit_id = ");
    let id = sql.bind(unit);
    sql.push(&format!("{id} AND {} AND grade = {}", of(reported), seen.grade.number()));
    tx.run(sql).await?;
    tx.commit().await?;
    Ok(true)
}

/// Units that are kept and built in the grades.
pub async fn built(tx: &Tx, grades: &[Grade]) -> Result<Keepers> {
    let mut keepers = Keepers::new();
    for grade in grades {
        for reported in [false, true] {
            let flag = if reported { "reported" } else { "NOT reported" };
            let number = grade.number();
            let sql =
                tx.sql(format!("SELECT unit_id AS id FROM rollup_kept WHERE grade = {number} AND built AND {flag}"));
            for unit in tx.ids(sql).await? {
                keepers.entry((unit, reported)).or_default().push(*grade);
            }
        }
    }
    Ok(keepers)
}
