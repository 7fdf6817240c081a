//! The closure as it is rewritten: what ends is kept among the past, what begins bears the moment.

use super::Moment;
use crate::error::Result;
use crate::store::{Sql, Tx};

/// The unit and its ancestors, lowest first.
pub async fn way_up(tx: &Tx, unit: i64) -> Result<Vec<i64>> {
    let mut sql = tx.sql("SELECT ancestor_id AS id FROM unit_closure WHERE descendant_id = ");
    let id = sql.bind(unit);
    sql.push(&format!("{id} AND NOT ended ORDER BY distance"));
    tx.ids(sql).await
}

/// What stands at or below these units, or is seated there.
async fn below(tx: &Tx, tops: &[i64]) -> Result<Vec<i64>> {
    let mut sql = tx.sql("SELECT descendant_id AS id FROM unit_closure WHERE NOT ended AND ");
    let tops = sql.any_id("ancestor_id", tops);
    sql.push(&tops);
    tx.ids(sql).await
}

/// Ends these rows. What was recorded at this very moment leaves no trace.
async fn finish(tx: &Tx, which: impl Fn(&mut Sql) -> String, moment: Moment) -> Result<()> {
    let mut sql = tx.sql(
        "INSERT INTO unit_closure_past (ancestor_id, descendant_id, distance, since, until, holds_from, holds_to, seat_id, reported) ",
    );
    let (until, to, since) = (sql.bind(moment.recorded), sql.bind(moment.other()), sql.bind(moment.recorded));
    let these = which(&mut sql);
    sql.push(&format!(
        "SELECT ancestor_id, descendant_id, distance, since, CAST({until} AS BIGINT), holds_from, CAST({to} AS BIGINT), seat_id, TRUE \
         FROM unit_closure WHERE since < {since} AND {these}"
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql("DELETE FROM unit_closure WHERE ");
    let these = which(&mut sql);
    sql.push(&these);
    tx.run(sql).await?;
    Ok(())
}

const BEGIN: &str =
    "INSERT INTO unit_closure (ancestor_id, descendant_id, distance, since, holds_from, seat_id, ended) ";

/// Puts the units, which stand directly below the one parent, directly below the other, with everything below them.
pub async fn reparent(tx: &Tx, units: &[i64], from: i64, to: i64, moment: Moment) -> Result<()> {
    let losing = way_up(tx, from).await?;
    // By their ids alone: by an ancestor's rows, the root's among them, the database would read the whole tree for each group.
    let moved = below(tx, units).await?;
    let which = |sql: &mut Sql| {
        let (above, moved) = (sql.any_id("ancestor_id + 0", &losing), sql.any_id("descendant_id", &moved));
        format!("NOT ended AND {above} AND {moved}")
    };
    finish(tx, which, moment).await?;
    let mut sql = tx.sql(BEGIN);
    let (since, from, to) = (sql.bind(moment.recorded), sql.bind(moment.other()), sql.bind(to));
    let these = sql.any_id("d.ancestor_id", units);
    sql.push(&format!(
        "SELECT a.ancestor_id, d.descendant_id, a.distance + d.distance + 1, CAST({since} AS BIGINT), CAST({from} AS BIGINT), \
         d.seat_id, FALSE FROM unit_closure a CROSS JOIN unit_closure d \
         WHERE a.descendant_id = {to} AND NOT a.ended AND {these} AND NOT d.ended"
    ));
    tx.run(sql).await?;
    Ok(())
}

/// Ends the unit: what is seated at it is seated at the other from now on. Nothing stands below it any more.
pub async fn end(tx: &Tx, unit: i64, seat: i64, moment: Moment) -> Result<()> {
    let mut sql = tx.sql("SELECT descendant_id AS id FROM unit_closure WHERE NOT ended AND ancestor_id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    let seated = tx.ids(sql).await?;
    reseat(tx, &seated, seat, moment).await?;
    let mut sql = tx.sql(BEGIN);
    let (unit, since, from) = (sql.bind(unit), sql.bind(moment.recorded), sql.bind(moment.other()));
    sql.push(&format!("VALUES ({unit}, {unit}, 0, {since}, CAST({from} AS BIGINT), CAST(NULL AS BIGINT), TRUE)"));
    tx.run(sql).await?;
    Ok(())
}

/// Seats the records of these units at another one.
pub async fn reseat(tx: &Tx, units: &[i64], seat: i64, moment: Moment) -> Result<()> {
    let which = |sql: &mut Sql| format!("NOT ended AND {}", sql.any_id("descendant_id", units));
    finish(tx, which, moment).await?;
    let mut sql = tx.sql(BEGIN);
    let (since, from, seat) = (sql.bind(moment.recorded), sql.bind(moment.other()), sql.bind(seat));
    let units = sql.id_table(units);
    sql.push(&format!(
        "SELECT a.ancestor_id, d.id, a.distance, CAST({since} AS BIGINT), CAST({from} AS BIGINT), CAST({seat} AS BIGINT), FALSE \
         FROM unit_closure a CROSS JOIN {units} d WHERE a.descendant_id = {seat} AND NOT a.ended"
    ));
    tx.run(sql).await?;
    Ok(())
}

/// Lets an ended unit live again, directly below a parent, with its own records.
pub async fn revive(tx: &Tx, unit: i64, parent: i64, moment: Moment) -> Result<()> {
    let which = |sql: &mut Sql| format!("NOT ended AND {}", sql.any_id("descendant_id", &[unit]));
    finish(tx, which, moment).await?;
    let mut sql = tx.sql("DELETE FROM unit_closure WHERE ended AND descendant_id = ");
    let id = sql.bind(unit);
    sql.push(&id);
    tx.run(sql).await?;
    let mut sql = tx.sql(BEGIN);
    let (since, from) = (sql.bind(moment.recorded), sql.bind(moment.other()));
    let (unit, parent) = (sql.bind(unit), sql.bind(parent));
    let row = format!("CAST({since} AS BIGINT), CAST({from} AS BIGINT), CAST(NULL AS BIGINT), FALSE");
    sql.push(&format!(
        "SELECT a.ancestor_id, CAST({unit} AS BIGINT), a.distance + 1, {row} FROM unit_closure a \
         WHERE a.descendant_id = {parent} AND NOT a.ended \
         UNION ALL SELECT CAST({unit} AS BIGINT), CAST({unit} AS BIGINT), 0, {row}"
    ));
    tx.run(sql).await?;
    Ok(())
}
