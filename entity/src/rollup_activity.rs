//! How many events of one local day there were between a mark and the one before it, of a whole programme.

use sea_orm::entity::prelude::*;

use crate::enums::Action;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_activity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: i64,
    /// The mark: events before it. Milliseconds since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: i64,
    /// Of the event; days since the epoch, in the zone that days are kept in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub action: Action,
    #[sea_orm(primary_key, auto_increment = false)]
    pub phase_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: i64,
    pub events: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
