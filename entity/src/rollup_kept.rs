//! A unit whose history is kept, in a grade and through a tree.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_kept")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: i64,
    /// Through the tree as it was reported, else through the tree now: kept where the two differ.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reported: bool,
    /// As in `rollup_mark`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub grade: i32,
    /// Whether it is complete up to the grade's latest mark.
    pub built: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
