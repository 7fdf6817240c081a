//! `AuditEntry`: the audit log as it shows.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use entity::enums::AuditObject;

use super::account::Account;
use super::batches::{AuditActor, AuditCounts, AuditPages, AuditReadable, UnitById};
use super::connection::{connection, counted};
use super::error::expose;
use super::id::NodeId;
use super::operation::{Operation, operation};
use super::scalars::DateTime;
use super::unit::Unit;
use crate::audit::{AuditFilter, Change, SeenLine};
use crate::page::PageArgs;
use crate::unit::not_empty;

connection!(AuditConnection, AuditEdge, AuditEntry, "lines of the audit log");

/// What became of an action.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AuditOutcome")]
pub enum AuditOutcome {
    /// Done.
    Done,
    /// Repeated with its idempotency key: answered, and done no second time.
    Repeated,
    /// Something in the input was wrong; nothing was changed.
    Refused,
    /// Not allowed, or not visible; nothing was changed.
    Denied,
    /// The server or its database could not; nothing was changed.
    Failed,
}

/// By which way an action came in.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AuditSource")]
pub enum AuditSource {
    /// This API.
    Api,
    /// The server's command line.
    CommandLine,
    /// The server itself, by its settings.
    Server,
}

/// By what an account came in.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AuditCredential")]
pub enum AuditCredential {
    /// A person signed in with a password.
    Session,
    /// An API token.
    Token,
    /// A token of the identity provider.
    Provider,
}

/// A value before and after an action.
#[derive(SimpleObject, Clone, Debug)]
pub struct AuditChange {
    /// Which value.
    field: String,
    /// As it was; null: there was none.
    before: Option<String>,
    /// As it is then; null: there is none.
    after: Option<String>,
    /// Whether the two are salted SHA-256 hashes, which do not tell the values: personal data, texts, and drafts.
    hashed: bool,
}

impl From<&Change> for AuditChange {
    fn from(change: &Change) -> AuditChange {
        let Change { field, before, after, hashed } = change.clone();
        AuditChange { field, before, after, hashed }
    }
}

/// A line of the audit log.
#[derive(Clone)]
pub struct AuditEntry(pub Arc<SeenLine>);

/// A line of the audit log (nhật ký kiểm toán): who did what, or was refused. Never changed; docs/audit.md tells how that is
/// proved. Shows to ADMINs at or above its unit, and to OPERATORs.
#[Object]
impl AuditEntry {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::AuditEntry(self.0.row.id).encode()
    }

    /// When.
    async fn at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime::new(operation(ctx)?.app.config.time_zone, self.0.row.at))
    }

    /// Who did it, or tried to; null where nobody was signed in, or where the viewer may not see the name.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        let Some(actor) = self.0.row.actor_id else { return Ok(None) };
        Ok(operation(ctx)?.load::<AuditActor>(actor).await.map_err(expose)?.map(Account))
    }

    /// The id of his account, whether or not his name shows: an admin over him opens it.
    async fn actor_id(&self) -> Option<ID> {
        self.0.row.actor_id.map(|actor| NodeId::Account(actor).encode())
    }

    /// By what he came in; null: nobody was signed in, or it was no caller of this API.
    async fn credential(&self) -> Option<AuditCredential> {
        self.0.row.credential.map(Into::into)
    }

    /// By which way it came in.
    async fn source(&self) -> AuditSource {
        self.0.row.source.into()
    }

    /// The mutation's name, such as unitRename; of the command line its command, such as "import units"; "more" where it only
    /// tells how many lines were left out, because they came too fast.
    async fn action(&self) -> &str {
        &self.0.row.action
    }

    /// Whose business it is.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let Some(unit) = self.0.row.unit_id else { return Ok(None) };
        Ok(operation(ctx)?.load::<UnitById>(unit).await.map_err(expose)?.map(Unit))
    }

    /// The id of what it was done to, or should have been; null where it has none.
    async fn object_id(&self) -> Option<ID> {
        let id = self.0.row.object_id?;
        let node = match self.0.row.object? {
            AuditObject::Unit => NodeId::Unit(id),
            AuditObject::Programme => NodeId::Programme(id),
            AuditObject::Target => NodeId::Target(id),
            AuditObject::Cluster => NodeId::Cluster(id),
            AuditObject::Initiative => NodeId::Initiative(id),
            AuditObject::Account => NodeId::Account(id),
            AuditObject::Grant => NodeId::Grant(id),
            AuditObject::Reorganisation => NodeId::Reorganisation(id),
            AuditObject::Token | AuditObject::Session | AuditObject::Database | AuditObject::Audit => return None,
        };
        Some(node.encode())
    }

    /// What became of it.
    async fn outcome(&self) -> AuditOutcome {
        self.0.row.outcome.into()
    }

    /// Codes of what was wrong, of userErrors or of a top-level error (docs/errors.md); empty where it was done.
    async fn codes(&self) -> Vec<&str> {
        self.0.row.codes.split(',').filter(|code| !code.is_empty()).collect()
    }

    /// What it changed, or which object it was about. Of initiatives only to whoever may read them.
    async fn changes(&self) -> Vec<AuditChange> {
        self.0.changes.iter().map(AuditChange::from).collect()
    }

    /// The client's IP address: to OPERATORs, to admins over the actor, and to himself.
    async fn address(&self) -> Option<&str> {
        self.0.row.address.as_deref().filter(|_| self.0.address)
    }

    /// The request's id, as the answer's header X-Request-Id and the server's log tell it.
    async fn request_id(&self) -> Option<&str> {
        self.0.row.request.as_deref()
    }
}

/// What a caller asks of the log.
pub struct AuditArgs {
    pub action: Option<String>,
    pub actor: Option<ID>,
    pub outcome: Option<Vec<AuditOutcome>>,
    pub from: Option<DateTime>,
    pub to: Option<DateTime>,
}

impl AuditArgs {
    fn filter(self) -> crate::error::Result<AuditFilter> {
        let outcomes: Option<Vec<entity::enums::AuditOutcome>> = super::enums::list(self.outcome);
        if let Some(outcomes) = &outcomes {
            not_empty("outcome", outcomes)?;
        }
        Ok(AuditFilter {
            action: self.action,
            // What is no account's id did nothing.
            actor: self.actor.map(|id| NodeId::account(&id).unwrap_or(0)),
            outcomes,
            from: self.from.map(|from| from.millis()),
            to: self.to.map(|to| to.millis()),
        })
    }
}

/// A page of a unit's log; nothing where the viewer may not read it.
pub async fn of_unit(
    op: &Arc<Operation>,
    unit: i64,
    args: AuditArgs,
    page: PageArgs,
) -> Result<Option<AuditConnection>> {
    page.limit().map_err(expose)?;
    let filter = args.filter().map_err(expose)?;
    if op.load::<AuditReadable>(unit).await.map_err(expose)?.is_none() {
        return Ok(None);
    }
    let loaded = op.load::<AuditPages>(((filter.clone(), page), unit)).await.map_err(expose)?;
    let page = loaded.unwrap_or_default().map(AuditEntry);
    Ok(Some(AuditConnection::new(page, counted::<AuditCounts>((filter, unit)))))
}
