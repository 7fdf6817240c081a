//! An account that was opened for somebody who is to come: what his inviter wrote down, and whether he came.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: i64,
    /// As the inviter wrote it, in its unique form. Not unique here: somebody else may have it.
    pub email: Option<String>,
    pub phone: Option<String>,
    pub invited_by: Option<i64>,
    pub invited_at: i64,
    /// None: the account waits for its person, and nobody can come in by it.
    pub accepted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
