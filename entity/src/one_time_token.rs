//! A token to be redeemed once, for a password or for the link to an identity provider.

use sea_orm::entity::prelude::*;

use crate::enums::OneTimePurpose;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_token")]
pub struct Model {
    /// SHA-256 of the token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    pub purpose: OneTimePurpose,
    pub account_id: i64,
    /// Who made it; none: the command line, or the person himself by mail.
    pub made_by: Option<i64>,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
