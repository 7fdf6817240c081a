//! One step of a reorganisation.

use sea_orm::entity::prelude::*;

use crate::enums::{Certainty, Operation};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reorganisation_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reorganisation_id: i64,
    /// From 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub operation: Operation,
    /// What it names, as JSON.
    pub input: String,
    pub certainty: Certainty,
    /// Carried, but not done.
    pub held: bool,
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
