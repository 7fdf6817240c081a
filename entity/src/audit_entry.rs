//! A line of the audit log: who did what to which object, or was refused. Never changed.

use sea_orm::entity::prelude::*;

use crate::enums::{AuditCredential, AuditObject, AuditOutcome, AuditSource};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// Random.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The database's clock, a little before the commit. Milliseconds since the epoch.
    pub at: i64,
    /// The mutation's name, such as `unitRename`, or the command line's, such as `import units`.
    pub action: String,
    pub outcome: AuditOutcome,
    /// Stable codes of what was wrong, with commas between; empty where it was done.
    pub codes: String,
    pub source: AuditSource,
    /// None: nobody signed in, or nobody's account.
    pub actor_id: Option<i64>,
    /// By what the account came in; none: nobody signed in, or the command line.
    pub credential: Option<AuditCredential>,
    /// The session or API token.
    pub credential_id: Option<i64>,
    /// Whose business it is; the root's where it is no other unit's. None: before there was a root.
    pub unit_id: Option<i64>,
    pub object: Option<AuditObject>,
    pub object_id: Option<i64>,
    /// JSON, an array of changes.
    pub changes: String,
    /// Salt of the values in `changes` that are shown as hashes.
    pub salt: Option<Vec<u8>>,
    /// The client's IP address.
    pub address: Option<String>,
    /// The request's id.
    pub request: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
