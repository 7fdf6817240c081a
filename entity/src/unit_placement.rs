//! Where a unit stood and what it was, for a half-open period. Says when it held and when it was recorded.

use sea_orm::entity::prelude::*;

use crate::enums::UnitKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_placement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub unit_id: i64,
    pub parent_id: Option<i64>,
    pub coordinator_id: Option<i64>,
    pub kind: UnitKind,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    /// Why the change was made.
    pub reason: Option<String>,
    /// First instant, milliseconds since the epoch.
    pub valid_from: i64,
    /// First instant after; none while it holds.
    pub valid_to: Option<i64>,
    pub recorded_at: i64,
    /// When a later record replaced this one.
    pub superseded_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
