//! A sealed batch of the audit log: a link of the hash chain.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_batch")]
pub struct Model {
    /// 1, 2, 3, …
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    /// How many lines it has.
    pub entries: i64,
    pub first_id: i64,
    pub last_id: i64,
    /// Every line whose instant is earlier stood in this batch or an earlier one, but for what took long to commit.
    pub closed_to: i64,
    /// Milliseconds since the epoch.
    pub sealed_at: i64,
    /// SHA-256 of the lines' hashes, in order.
    pub digest: Vec<u8>,
    /// The head of the batch before.
    pub previous: Vec<u8>,
    /// SHA-256 of everything else in this row.
    pub head: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
