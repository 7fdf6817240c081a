//! What the events between a mark and the one before it changed of the initiatives of one local day, of a whole programme.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_day")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: i64,
    /// The mark: events before it. Milliseconds since the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: i64,
    /// Of first submission; days since the epoch, in the zone that days are kept in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub phase_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: i64,
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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
