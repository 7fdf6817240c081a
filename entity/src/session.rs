//! A session of a person: the family of all refresh and access tokens that came of one signing in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub account_id: i64,
    /// What the client called itself.
    pub name: Option<String>,
    pub created_at: i64,
    /// When tokens were drawn last.
    pub refreshed_at: i64,
    /// Its end, however often it is refreshed.
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
