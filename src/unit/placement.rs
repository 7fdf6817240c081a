//! Dated rows: where a unit stands and what it is called. The one place that opens and closes their periods.

use entity::{unit, unit_name, unit_placement};

use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// Opens the first periods of new units.
pub(super) async fn open_first(app: &App, tx: &Tx, units: &[unit::Model], at: i64) -> Result<()> {
    let places: Vec<_> = units.iter().map(|unit| placement(app, unit, None, at)).collect();
    tx.insert::<unit_placement::Entity>(&places, Conflict::Fail).await?;
    let names: Vec<_> = units.iter().map(|unit| name(app, unit, at)).collect();
    tx.insert::<unit_name::Entity>(&names, Conflict::Fail).await?;
    Ok(())
}

/// Ends the unit's present place at the instant and opens the one that its row describes now.
pub(super) async fn replace(app: &App, tx: &Tx, unit: &unit::Model, reason: Option<String>, at: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit_placement SET valid_to = ");
    let (end, id) = (sql.bind(at), sql.bind(unit.id));
    sql.push(&format!("{end} WHERE unit_id = {id} AND valid_to IS NULL AND superseded_at IS NULL"));
    tx.run(sql).await?;
    tx.insert::<unit_placement::Entity>(&[placement(app, unit, reason, at)], Conflict::Fail).await?;
    Ok(())
}

/// Ends the unit's present name at the instant and opens the one in its row.
pub(super) async fn rename(app: &App, tx: &Tx, unit: &unit::Model, at: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE unit_name SET valid_to = ");
    let (end, id) = (sql.bind(at), sql.bind(unit.id));
    sql.push(&format!("{end} WHERE unit_id = {id} AND valid_to IS NULL"));
    tx.run(sql).await?;
    tx.insert::<unit_name::Entity>(&[name(app, unit, at)], Conflict::Fail).await?;
    Ok(())
}

fn placement(app: &App, unit: &unit::Model, reason: Option<String>, at: i64) -> unit_placement::Model {
    unit_placement::Model {
        id: app.new_id(),
        unit_id: unit.id,
        parent_id: unit.parent_id,
        coordinator_id: unit.coordinator_id,
        kind: unit.kind,
        bloc: unit.bloc.clone(),
        sector: unit.sector.clone(),
        reason,
        valid_from: at,
        valid_to: None,
        recorded_at: at,
        superseded_at: None,
    }
}

fn name(app: &App, unit: &unit::Model, at: i64) -> unit_name::Model {
    unit_name::Model {
        id: app.new_id(),
        unit_id: unit.id,
        name: unit.name.clone(),
        name_en: unit.name_en.clone(),
        valid_from: at,
        valid_to: None,
        recorded_at: at,
    }
}
