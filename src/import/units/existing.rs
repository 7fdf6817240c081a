//! The units that the database has.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use sea_orm::FromQueryResult;

use crate::error::Result;
use crate::store::Tx;

/// A unit, its relatives by their codes.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Existing {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    pub parent: Option<String>,
    pub coordinator: Option<String>,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    pub established_on: Option<NaiveDate>,
    pub dissolved_on: Option<NaiveDate>,
}

/// All of them, by code.
pub async fn existing(tx: &Tx) -> Result<HashMap<String, Existing>> {
    let sql = tx.sql(
        "SELECT u.id, u.code, u.name, u.name_en, u.kind, p.code AS parent, c.code AS coordinator, u.bloc, u.sector, \
         u.established_on, u.dissolved_on FROM unit u \
         LEFT JOIN unit p ON p.id = u.parent_id LEFT JOIN unit c ON c.id = u.coordinator_id",
    );
    Ok(tx.all::<Existing>(sql).await?.into_iter().map(|unit| (unit.code.clone(), unit)).collect())
}
