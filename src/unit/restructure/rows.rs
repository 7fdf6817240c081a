//! The rows of units that a reorganisation changes.

use chrono::NaiveDate;
use entity::unit::Model;

use super::Moment;
use crate::error::Result;
use crate::store::Tx;
use crate::text;

/// The units as their rows stand.
pub async fn rows(tx: &Tx, units: &[i64]) -> Result<Vec<Model>> {
    let mut sql = tx.sql("SELECT * FROM unit WHERE ");
    let these = sql.any_id("id", units);
    sql.push(&these);
    tx.all(sql).await
}

/// These units stand below the parent, so deep as the closure has that already: a row is written once, and all its indexes with it.
pub async fn set_parent(tx: &Tx, units: &[i64], parent: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit SET parent_id = ");
    let (parent, above) = (sql.bind(parent), sql.bind(parent));
    let these = sql.any_id("id", units);
    sql.push(&format!(
        "{parent}, depth = (SELECT MAX(c.distance) + 1 FROM unit_closure c WHERE c.descendant_id = {above} AND NOT c.ended) \
         WHERE {these}"
    ));
    tx.run(sql).await?;
    Ok(())
}

/// These units are coordinated by another one, or by none.
pub async fn set_coordinator(tx: &Tx, units: &[i64], coordinator: Option<i64>) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit SET coordinator_id = ");
    let coordinator = sql.bind(coordinator);
    let these = sql.any_id("id", units);
    sql.push(&format!("{coordinator} WHERE {these}"));
    tx.run(sql).await?;
    Ok(())
}

/// These units have ended on the day; with none they live.
pub async fn set_end(tx: &Tx, units: &[i64], moment: Moment, day: Option<NaiveDate>) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit SET ended_at = ");
    let at = sql.bind(day.map(|_| moment.effective));
    let day = sql.bind(day);
    let these = sql.any_id("id", units);
    sql.push(&format!("{at}, dissolved_on = {day} WHERE {these}"));
    tx.run(sql).await?;
    Ok(())
}

/// Code, names and kind as this row has them.
pub async fn set_face(tx: &Tx, unit: &Model) -> Result<()> {
    use sea_orm::ActiveEnum;
    let mut sql = tx.sql("UPDATE unit SET code = ");
    let code = sql.bind(unit.code.as_str());
    let (name, name_en) = (sql.bind(unit.name.as_str()), sql.bind(unit.name_en.clone()));
    let (lower, folded) = (sql.bind(text::lower(&unit.name)), sql.bind(text::fold(&unit.name)));
    let sort = sql.bind(text::sort_key(&unit.name));
    let (kind, id) = (sql.bind(unit.kind.to_value()), sql.bind(unit.id));
    sql.push(&format!(
        "{code}, name = {name}, name_en = {name_en}, name_lower = {lower}, name_folded = {folded}, name_sort = {sort}, \
         kind = {kind} WHERE id = {id}"
    ));
    tx.run(sql).await?;
    Ok(())
}

/// Depths that follow from the closure, of what has another way to the root since the moment.
pub async fn set_depths(tx: &Tx, root: i64, moment: Moment) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit SET depth = c.distance FROM unit_closure c WHERE c.ancestor_id = ");
    let (root, since) = (sql.bind(root), sql.bind(moment.recorded));
    sql.push(&format!(
        "{root} AND c.since = {since} AND c.descendant_id = unit.id AND unit.ended_at IS NULL AND unit.depth <> c.distance"
    ));
    tx.run(sql).await?;
    Ok(())
}

/// New units that began at the moment, or, as the tree of the past goes, with their predecessors.
pub async fn set_beginning(tx: &Tx, units: &[(i64, i64)], moment: Moment) -> Result<()> {
    let ids: Vec<i64> = units.iter().map(|(unit, _)| *unit).collect();
    for (table, column, unit) in [
        ("unit_closure", "holds_from", "descendant_id"),
        ("unit_placement", "valid_from", "unit_id"),
        ("unit_name", "valid_from", "unit_id"),
    ] {
        let mut sql = tx.sql(format!("UPDATE {table} SET {column} = "));
        let from = sql.bind(moment.effective);
        let these = sql.any_id(unit, &ids);
        sql.push(&format!("{from} WHERE {these}"));
        tx.run(sql).await?;
    }
    for (unit, begins_at) in units {
        set_begins_at(tx, *unit, *begins_at).await?;
    }
    Ok(())
}

/// From when on a tree of the past has a place for the unit's records.
pub async fn set_begins_at(tx: &Tx, unit: i64, at: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit SET begins_at = ");
    let (at, unit) = (sql.bind(at), sql.bind(unit));
    sql.push(&format!("{at} WHERE id = {unit}"));
    tx.run(sql).await?;
    Ok(())
}
