//! How far retention has taken lines of the audit log away.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_checkpoint")]
pub struct Model {
    /// The last batch whose lines are gone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    /// Its head.
    pub head: Vec<u8>,
    /// When. Milliseconds since the epoch.
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
