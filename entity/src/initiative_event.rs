//! The ledger: every event of every initiative, append-only, with what it says that counts.

use sea_orm::entity::prelude::*;

use crate::enums::{Action, InitiativeState, RefusalReason};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "initiative_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub initiative_id: i64,
    /// The initiative's version after the event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i32,
    pub action: Action,
    pub from_state: Option<InitiativeState>,
    pub to_state: InitiativeState,
    /// The database's clock, drawn last before commit.
    pub at: i64,
    /// None: the command line.
    pub by_id: Option<i64>,
    pub unit_id: i64,
    pub programme_id: i64,
    pub phase_id: i64,
    pub group_id: i64,
    pub claimed_benefit: Option<i64>,
    pub benefit_not_computable: bool,
    pub verified_benefit: Option<i64>,
    /// Account ids, a JSON array.
    pub authors: String,
    pub reason: Option<RefusalReason>,
    pub note: Option<String>,
    /// First submission, once there is one.
    pub submitted_at: Option<i64>,
    /// The claim that counted before the event, VND.
    pub was_claim: i64,
    /// Whether the benefit that counted before the event was not computable.
    pub was_opaque: bool,
    /// The verified benefit that counted before the event, VND.
    pub was_verified: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
