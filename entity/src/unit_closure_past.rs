//! Who stood below whom, for half-open periods that have ended.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_closure_past")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub ancestor_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub descendant_id: i64,
    pub distance: i32,
    /// When it was recorded, milliseconds since the epoch; 0: from the unit's beginning.
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: i64,
    /// When its end was recorded.
    pub until: i64,
    /// The first instant at which it held, and the first at which no more, where these are others.
    pub holds_from: Option<i64>,
    pub holds_to: Option<i64>,
    /// Where the descendant's records were seated; none: at itself.
    pub seat_id: Option<i64>,
    /// False: never recorded; where a unit is seated before its beginning.
    pub reported: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
