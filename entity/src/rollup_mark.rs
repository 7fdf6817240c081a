//! An instant up to which history is kept in a grade.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_mark")]
pub struct Model {
    /// 0: totals of shallow units; 1: their other cells; 2: all cells of deep ones.
    #[sea_orm(primary_key, auto_increment = false)]
    pub grade: i32,
    /// Milliseconds since the epoch; events before it are in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: i64,
    /// How many there are since the mark before.
    pub events: i64,
    /// Whether rows at it have steps.
    pub stepped: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
