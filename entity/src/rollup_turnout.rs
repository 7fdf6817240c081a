//! How many more distinct persons take part in the initiatives of a period at a mark than at the one before it, of a whole programme.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_turnout")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: i64,
    /// The mark. Milliseconds since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: i64,
    /// DAY, WEEK or MONTH, of first submission.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period: String,
    /// Days or weeks since the epoch, months since the year 0; in the zone that days are kept in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub persons: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
