//! A phase (giai đoạn) of a programme, with its two periods; both days inside.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "phase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub programme_id: i64,
    pub code: String,
    pub name: String,
    pub position: i32,
    pub applied_from: Date,
    pub applied_to: Date,
    pub entered_from: Date,
    pub entered_to: Date,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
