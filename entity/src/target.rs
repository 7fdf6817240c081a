//! A target as last set: one cell (unit, programme, kind, phase or none, bloc or none).

use sea_orm::entity::prelude::*;

use crate::enums::{Bound, TargetKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "target")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub unit_id: i64,
    pub programme_id: i64,
    pub kind: TargetKind,
    /// 0: the whole programme.
    pub phase_id: i64,
    /// Empty: every bloc.
    pub bloc: String,
    /// A count of initiatives.
    pub value: i32,
    pub bound: Bound,
    pub set_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
