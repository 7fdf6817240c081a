//! `Account`, `Grant` and `Viewer`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::batches::{GrantHolder, NamedAccount, UnitByCode, UnitById};
use super::connection::{args, connection, known};
use super::enums::{self, InitiativeState, Role};
use super::error::expose;
use super::id::NodeId;
use super::identity::{ApiToken, ApiTokenConnection, Session};
use super::lists::{self, InitiativeArgs, InitiativeConnection};
use super::operation::operation;
use super::unit::Unit;
use crate::account::{SeenAccount, SeenGrant, api_token, of_viewer};
use crate::error::Error;
use crate::initiative::{InitiativeOrder, Of};
use crate::programme::Slice;

connection!(GrantConnection, GrantEdge, Grant, "grants");

/// A person's account.
#[derive(Clone)]
pub struct Account(pub Arc<SeenAccount>);

impl From<Arc<SeenAccount>> for Account {
    fn from(account: Arc<SeenAccount>) -> Self {
        Account(account)
    }
}

/// A person's account (tài khoản).
#[Object]
impl Account {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::Account(self.0.row.id).encode()
    }

    /// The name that is shown.
    async fn display_name(&self) -> &str {
        &self.0.row.display_name
    }

    /// The unit that the person belongs to.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let Some(unit) = self.0.row.unit_id else { return Ok(None) };
        Ok(operation(ctx)?.load::<UnitById>(unit).await.map_err(expose)?.map(Unit))
    }

    /// E-mail address: shown to oneself and the admins over one's unit.
    async fn email(&self) -> Option<&str> {
        self.0.row.email.as_deref().filter(|_| self.0.contact)
    }

    /// Whether the person agreed that his name is shown outside his unit: told to oneself and the admins over one's unit.
    async fn consent(&self) -> Option<bool> {
        self.0.contact.then_some(self.0.row.consent)
    }

    /// Phone number: shown to oneself and the admins over one's unit.
    async fn phone(&self) -> Option<&str> {
        self.0.row.phone.as_deref().filter(|_| self.0.contact)
    }

    /// Whether the account waits for its person (đang chờ nhận lời mời): e-mail and phone are then what the inviter wrote down, and open
    /// nothing. Told to oneself and the admins over one's unit.
    async fn invited(&self) -> Option<bool> {
        self.0.contact.then_some(self.0.invited)
    }
}

/// A role at a unit.
#[derive(Clone)]
pub struct Grant(pub SeenGrant);

impl From<SeenGrant> for Grant {
    fn from(grant: SeenGrant) -> Self {
        Grant(grant)
    }
}

/// A role of an account at a unit and everything below it (phân quyền).
#[Object]
impl Grant {
    /// Opaque.
    pub async fn id(&self) -> ID {
        NodeId::Grant(self.0.id).encode()
    }

    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Where it holds.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Unit> {
        let unit = operation(ctx)?.load::<UnitById>(self.0.unit_id).await.map_err(expose)?;
        unit.map(Unit).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// Whose it is.
    async fn account(&self, ctx: &Context<'_>) -> Result<Account> {
        // Whoever sees the grant is its holder, or an admin over its unit.
        let account = operation(ctx)?.load::<GrantHolder>(self.0.account_id).await.map_err(expose)?;
        account.map(Account).ok_or_else(|| expose(Error::id_not_found()))
    }
}

/// Whoever is signed in.
pub struct Viewer {
    pub account: i64,
}

/// Whoever is signed in: his account, his grants, his initiatives, and what waits for him.
#[Object]
impl Viewer {
    /// One's own account.
    async fn account(&self, ctx: &Context<'_>) -> Result<Account> {
        let account = operation(ctx)?.load::<NamedAccount>(self.account).await.map_err(expose)?;
        account.map(Account).ok_or_else(|| expose(Error::Unauthenticated))
    }

    /// One's own grants, the highest unit first.
    async fn grants(&self, ctx: &Context<'_>) -> Result<Vec<Grant>> {
        let op = operation(ctx)?;
        let viewer = op.viewer;
        let grants = op.read(move |tx| async move { of_viewer(&tx, viewer).await });
        Ok(grants.await.map_err(expose)?.into_iter().map(Grant).collect())
    }

    /// One's own sessions that are not over, the one refreshed last first; at most 200. An API token sees none.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let op = operation(ctx)?;
        let (viewer, now) = (op.viewer, op.now());
        let sessions = op.read(move |tx| async move { api_token::sessions(&tx, viewer, now).await });
        Ok(sessions.await.map_err(expose)?.into_iter().map(Session).collect())
    }

    /// One's own API tokens, the newest first, those that are over too. An API token sees itself alone.
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<ApiTokenConnection> {
        let op = operation(ctx)?;
        let (viewer, page) = (op.viewer, args(first, after, last, before));
        let read = op.read(move |tx| async move {
            Ok((api_token::page(&tx, viewer, &page).await?, api_token::count(&tx, viewer).await?))
        });
        let (page, total) = read.await.map_err(expose)?;
        Ok(ApiTokenConnection::new(page.map(ApiToken), known(total)))
    }

    /// Initiatives of which one is an author (sáng kiến của tôi), newest first.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a programme.")] programme: Option<String>,
        #[graphql(desc = "Any of these states.")] state: Option<Vec<InitiativeState>>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<InitiativeConnection> {
        let filter = InitiativeArgs {
            programme,
            slice: Slice::default(),
            states: enums::list(state),
            search: None,
            verified_over: None,
            order: None,
        };
        lists::initiatives(operation(ctx)?, Of::Mine, 0, filter, args(first, after, last, before)).await
    }

    /// Initiatives that one may decide on (chờ tôi xét duyệt), oldest first.
    #[expect(clippy::too_many_arguments, reason = "the contract's arguments")]
    async fn awaiting_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a programme.")] programme: Option<String>,
        #[graphql(desc = "Code of a unit: of it and everything below.")] within: Option<String>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<InitiativeConnection> {
        let op = operation(ctx)?;
        let owner = match within {
            None => 0,
            Some(code) => {
                let unit = op.load::<UnitByCode>(code.clone()).await.map_err(expose)?;
                unit.ok_or_else(|| expose(Error::unit_not_found(&code)))?.row.id
            }
        };
        let filter = InitiativeArgs {
            programme,
            slice: Slice::default(),
            states: None,
            search: None,
            verified_over: None,
            order: Some(InitiativeOrder::SubmittedAtAsc),
        };
        lists::initiatives(op, Of::AwaitingMe, owner, filter, args(first, after, last, before)).await
    }
}
