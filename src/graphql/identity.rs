//! `Session` and `ApiToken`: what one comes in by.

use async_graphql::{Context, ID, Object, Result};
use entity::{session, token};
use sea_orm::Iterable;

use super::batches::UnitById;
use super::connection::connection;
use super::enums::Role;
use super::error::expose;
use super::id::NodeId;
use super::operation::operation;
use super::scalars::DateTime;
use super::unit::Unit;
use crate::access::{Credential, Roles};

connection!(ApiTokenConnection, ApiTokenEdge, ApiToken, "API tokens");

/// One signing in.
pub struct Session(pub session::Model);

/// One signing in (phiên đăng nhập), and everything that came of it until it is over.
#[Object]
impl Session {
    /// Opaque.
    async fn id(&self) -> ID {
        NodeId::Session(self.0.id).encode()
    }

    /// What the client called itself.
    async fn device(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// When it began.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        instant(ctx, self.0.created_at)
    }

    /// When it was refreshed last.
    async fn refreshed_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        instant(ctx, self.0.refreshed_at)
    }

    /// When it is over, however often it is refreshed.
    async fn expires_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        instant(ctx, self.0.expires_at)
    }

    /// Whether this request came by it.
    async fn is_current(&self, ctx: &Context<'_>) -> Result<bool> {
        let credential = operation(ctx)?.viewer.credential();
        Ok(matches!(credential, Credential::Session { session, .. } if session == self.0.id))
    }
}

/// A token for a program.
#[derive(Clone)]
pub struct ApiToken(pub token::Model);

impl From<token::Model> for ApiToken {
    fn from(row: token::Model) -> Self {
        ApiToken(row)
    }
}

/// A token with which a program acts for its maker (mã truy cập API): with its own roles and the maker's present ones, whichever is
/// less.
#[Object]
impl ApiToken {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::ApiToken(self.0.id).encode()
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The roles that it carries, of those that its maker has.
    async fn roles(&self) -> Result<Vec<Role>> {
        let roles = Roles::from_text(self.0.roles.as_deref()).map_err(expose)?;
        Ok(entity::enums::Role::iter().filter(|role| roles.has(*role)).map(Role::from).collect())
    }

    /// The unit that bounds it: nothing outside it and what is below it. Null: wherever its maker has the roles.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let Some(unit) = self.0.unit_id else { return Ok(None) };
        Ok(operation(ctx)?.load::<UnitById>(unit).await.map_err(expose)?.map(Unit))
    }

    /// When it was made.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        instant(ctx, self.0.created_at)
    }

    /// From when on it is no good.
    async fn expires_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        instant(ctx, self.0.expires_at)
    }

    /// When it was used last, to the minute or so; null: never.
    async fn last_used_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.0.last_used_at.map(|at| instant(ctx, at)).transpose()
    }

    /// When it was revoked; null: it was not.
    async fn revoked_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.0.revoked_at.map(|at| instant(ctx, at)).transpose()
    }
}

fn instant(ctx: &Context<'_>, at: i64) -> Result<DateTime> {
    Ok(DateTime::new(operation(ctx)?.app.config.time_zone, at))
}
