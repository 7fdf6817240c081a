//! Every setting and clearing of a target, kept for ever.

use sea_orm::entity::prelude::*;

use crate::enums::{Bound, TargetKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "target_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub target_id: i64,
    pub unit_id: i64,
    pub programme_id: i64,
    pub kind: TargetKind,
    pub phase_id: i64,
    pub bloc: String,
    /// None: cleared.
    pub value: Option<i32>,
    pub bound: Option<Bound>,
    pub at: i64,
    /// None: the command line.
    pub by_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
