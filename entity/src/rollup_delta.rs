//! The queue of leaf-level differences that are not folded yet. A row is either a tally or a person's.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup_delta")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub unit_id: i64,
    pub programme_id: i64,
    pub phase_id: i64,
    pub group_id: i64,
    /// Set: a person's row, `n` counts; else the tallies count.
    pub account_id: Option<i64>,
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
    pub n: i64,
    /// The fold refused it; reads still count it.
    pub set_aside: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
