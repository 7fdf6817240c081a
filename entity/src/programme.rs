//! A campaign (chương trình).

use sea_orm::entity::prelude::*;

use crate::enums::Visibility;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programme")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub starts_on: Date,
    pub plan_ends_on: Date,
    pub visibility: Visibility,
    /// Depth of the tree down to which aggregates show outside one's scope.
    pub public_level: i32,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
