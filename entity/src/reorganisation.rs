//! A plan of changes to the tree, and what became of it.

use sea_orm::entity::prelude::*;

use crate::enums::ReorganisationState;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reorganisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique for ever.
    pub code: String,
    pub name: String,
    /// The unit whose ADMINs draw it up: everything that it touches stands below.
    pub unit_id: i64,
    pub state: ReorganisationState,
    pub version: i32,
    pub reason: Option<String>,
    /// When it takes, or took, effect, milliseconds since the epoch; none: when it is applied.
    pub effective_at: Option<i64>,
    pub created_at: i64,
    pub created_by: i64,
    /// Who asked for it to be applied, and when.
    pub proposed_by: Option<i64>,
    pub proposed_at: Option<i64>,
    /// The second person, where one is needed.
    pub confirmed_by: Option<i64>,
    /// When it was recorded.
    pub applied_at: Option<i64>,
    /// The one that it takes back.
    pub undoes_id: Option<i64>,
    /// The one that took it back.
    pub undone_by_id: Option<i64>,
    /// Why it did not fit any more, as JSON.
    pub faults: Option<String>,
    /// What it would change, or has changed, as JSON.
    pub report: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
