//! A unit of the federation: a node of the tree and a tenant. What it is now; its past is in `unit_placement` and `unit_name`.

use sea_orm::entity::prelude::*;

use crate::enums::UnitKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit")]
pub struct Model {
    /// Random, opaque.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique for ever.
    pub code: String,
    /// Vietnamese, NFC.
    pub name: String,
    pub name_en: Option<String>,
    /// Lower case, diacritics kept: an exact match ranks first.
    pub name_lower: String,
    /// Lower case without diacritics, đ = d.
    pub name_folded: String,
    /// Collation key, Vietnamese order, compared bytewise.
    pub name_sort: Vec<u8>,
    pub kind: UnitKind,
    /// None for the root alone; of an ended unit its last one.
    pub parent_id: Option<i64>,
    /// The second, non-counting line.
    pub coordinator_id: Option<i64>,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    /// Steps from the root, which is 0.
    pub depth: i32,
    /// Has had sub-units: cells are kept for it.
    pub has_cells: bool,
    pub established_on: Option<Date>,
    pub dissolved_on: Option<Date>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// The instant of its end, milliseconds since the epoch; none while it lives.
    pub ended_at: Option<i64>,
    /// From when on a tree of the past has a place for its records, its predecessors' if need be; none: from its creation.
    pub begins_at: Option<i64>,
    /// Of a bundle, which is never shown: the unit in which its records were sent in, before a split gave them to another one.
    pub bundle_of_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
