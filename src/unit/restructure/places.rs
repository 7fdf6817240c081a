//! Dated places of many units at once. A backdated change leaves what was recorded as it was, and says what is known now.

use entity::{unit, unit_name, unit_placement};

use super::Moment;
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// Ends the units' present places at the moment, and opens those that their rows describe.
pub async fn reopen(app: &App, tx: &Tx, units: &[unit::Model], reason: Option<&str>, moment: Moment) -> Result<()> {
    let ids: Vec<i64> = units.iter().map(|unit| unit.id).collect();
    close(app, tx, &ids, moment).await?;
    let places: Vec<_> = units
        .iter()
        .map(|unit| unit_placement::Model {
            id: app.new_id(),
            unit_id: unit.id,
            parent_id: unit.parent_id,
            coordinator_id: unit.coordinator_id,
            kind: unit.kind,
            bloc: unit.bloc.clone(),
            sector: unit.sector.clone(),
            reason: reason.map(str::to_owned),
            valid_from: moment.effective,
            valid_to: None,
            recorded_at: moment.recorded,
            superseded_at: None,
        })
        .collect();
    tx.insert::<unit_placement::Entity>(&places, Conflict::Fail).await?;
    Ok(())
}

/// Ends the units' present places at the moment.
pub async fn close(app: &App, tx: &Tx, units: &[i64], moment: Moment) -> Result<()> {
    if !moment.is_backdated() {
        let mut sql = tx.sql("UPDATE unit_placement SET valid_to = ");
        let end = sql.bind(moment.recorded);
        let these = sql.any_id("unit_id", units);
        sql.push(&format!("{end} WHERE {these} AND valid_to IS NULL AND superseded_at IS NULL"));
        tx.run(sql).await?;
        return Ok(());
    }
    let mut sql = tx.sql("SELECT * FROM unit_placement WHERE valid_to IS NULL AND superseded_at IS NULL AND ");
    let these = sql.any_id("unit_id", units);
    sql.push(&these);
    let present: Vec<unit_placement::Model> = tx.all(sql).await?;
    let mut sql = tx.sql("UPDATE unit_placement SET superseded_at = ");
    let at = sql.bind(moment.recorded);
    let these = sql.any_id("unit_id", units);
    sql.push(&format!("{at} WHERE valid_to IS NULL AND superseded_at IS NULL AND {these}"));
    tx.run(sql).await?;
    let known: Vec<_> = present
        .into_iter()
        .map(|place| unit_placement::Model {
            id: app.new_id(),
            valid_to: Some(moment.effective),
            recorded_at: moment.recorded,
            ..place
        })
        .collect();
    tx.insert::<unit_placement::Entity>(&known, Conflict::Fail).await?;
    Ok(())
}

/// Ends the units' present names at the moment, and opens those in their rows.
pub async fn rename(app: &App, tx: &Tx, units: &[unit::Model], moment: Moment) -> Result<()> {
    let ids: Vec<i64> = units.iter().map(|unit| unit.id).collect();
    let mut sql = tx.sql("UPDATE unit_name SET valid_to = ");
    let end = sql.bind(moment.effective);
    let these = sql.any_id("unit_id", &ids);
    sql.push(&format!("{end} WHERE {these} AND valid_to IS NULL"));
    tx.run(sql).await?;
    let names: Vec<_> = units
        .iter()
        .map(|unit| unit_name::Model {
            id: app.new_id(),
            unit_id: unit.id,
            name: unit.name.clone(),
            name_en: unit.name_en.clone(),
            valid_from: moment.effective,
            valid_to: None,
            recorded_at: moment.recorded,
        })
        .collect();
    tx.insert::<unit_name::Entity>(&names, Conflict::Fail).await?;
    Ok(())
}
