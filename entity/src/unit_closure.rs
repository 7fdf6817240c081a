//! Who stands below whom in today's tree; every unit is its own ancestor at distance 0. The records of an ended unit stand where
//! its successor does.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_closure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub ancestor_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub descendant_id: i64,
    pub distance: i32,
    /// When it was recorded, milliseconds since the epoch; 0: from the unit's beginning.
    pub since: i64,
    /// The first instant at which it held, where that is another one.
    pub holds_from: Option<i64>,
    /// Where the descendant's records are seated; none: at itself.
    pub seat_id: Option<i64>,
    /// From an ended unit to itself: its grants lead by it, no credit does.
    pub ended: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
