//! Who an account is at an identity provider.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_identity")]
pub struct Model {
    /// The provider's URL, as its tokens name it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// The provider's own id of the person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub account_id: i64,
    pub linked_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
