//! A bearer token; only its hash is stored.

use sea_orm::entity::prelude::*;

use crate::enums::TokenKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Whose rights it carries, or some of them.
    pub account_id: i64,
    pub name: String,
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    pub created_at: i64,
    pub expires_at: i64,
    pub kind: TokenKind,
    /// Of an access token.
    pub session_id: Option<i64>,
    /// Names of the roles that it carries, with commas between them; none: all of the account's.
    pub roles: Option<String>,
    /// The unit that bounds it.
    pub unit_id: Option<i64>,
    /// Who made it; none: the command line.
    pub made_by: Option<i64>,
    pub revoked_at: Option<i64>,
    /// Kept roughly.
    pub last_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
