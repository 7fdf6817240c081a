//! What a reorganisation made of a unit.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reorganisation_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reorganisation_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: i64,
    /// The unit before, as JSON; none: it was made.
    pub was: Option<String>,
    /// The unit after, as JSON.
    pub became: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
