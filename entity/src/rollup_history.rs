//! What a cell of an inner unit added up to at a mark, and at every later one up to the cell's next row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_history")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: i64,
    /// Through the tree as it was reported, else through the tree now.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reported: bool,
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: i64,
    /// 0: any.
    #[sea_orm(primary_key, auto_increment = false)]
    pub phase_id: i64,
    /// 0: any.
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: i64,
    /// Empty: any.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bloc: String,
    /// The mark: events before it count. Milliseconds since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: i64,
    /// Initiatives in SUBMITTED.
    pub pending: i64,
    /// Initiatives in RETURNED.
    pub returned: i64,
    /// Initiatives in APPROVED.
    pub approved: i64,
    /// Initiatives in REJECTED.
    pub rejected: i64,
    /// Initiatives in REVOKED.
    pub revoked: i64,
    /// Claims of SUBMITTED ones, VND.
    pub claimed_pending: i64,
    /// Claims of RETURNED ones, VND.
    pub claimed_returned: i64,
    /// Claims of APPROVED ones, VND.
    pub claimed_approved: i64,
    /// Verified benefit of APPROVED ones, VND.
    pub verified: i64,
    /// SUBMITTED ones whose benefit is not computable.
    pub opaque_pending: i64,
    /// RETURNED ones whose benefit is not computable.
    pub opaque_returned: i64,
    /// APPROVED ones whose benefit is not computable.
    pub opaque_approved: i64,
    /// Distinct persons.
    pub participants: i64,
    /// What changed since the mark before, instant by instant (`rollup::history::steps`): of cells that are kept so, and where it was kept so
    /// already.
    pub steps: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
