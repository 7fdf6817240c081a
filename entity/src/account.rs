//! A person's account.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Random; stays when the personal data go.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub display_name: String,
    /// Lower case, unique.
    pub email: Option<String>,
    /// Digits with a leading +, unique.
    pub phone: Option<String>,
    /// The unit the person belongs to.
    pub unit_id: Option<i64>,
    /// May the name be shown outside the unit.
    pub consent: bool,
    pub created_at: i64,
    /// When the personal data went; nobody comes in by the account any more.
    pub erased_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
