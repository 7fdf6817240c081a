//! An initiative (sáng kiến): what it says now, and what was last counted of it.

use sea_orm::entity::prelude::*;

use crate::enums::{InitiativeState, RefusalReason, SolutionKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "initiative")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub code: String,
    pub programme_id: i64,
    pub phase_id: i64,
    pub group_id: i64,
    pub unit_id: i64,
    pub first_author_id: i64,
    pub solution: SolutionKind,
    pub title: String,
    pub title_lower: String,
    pub title_folded: String,
    pub title_sort: Vec<u8>,
    pub summary: Option<String>,
    pub state: InitiativeState,
    /// Grows by one with every event.
    pub version: i32,
    pub applied_on: Date,
    /// VND.
    pub claimed_benefit: Option<i64>,
    pub benefit_not_computable: bool,
    pub benefit_note: Option<String>,
    /// VND.
    pub verified_benefit: Option<i64>,
    /// The claim of the latest submission, VND.
    pub counted_claim: i64,
    /// Not computable, as of the latest submission.
    pub counted_opaque: bool,
    pub refusal_reason: Option<RefusalReason>,
    pub refusal_text: Option<String>,
    pub recognition_number: Option<String>,
    pub recognition_authority: Option<String>,
    pub recognition_on: Option<Date>,
    /// First submission.
    pub submitted_at: Option<i64>,
    /// Latest decision.
    pub decided_at: Option<i64>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
