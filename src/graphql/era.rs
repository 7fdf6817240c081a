//! `UnitEra`: what a unit was for a time.

use async_graphql::{Context, Object, Result};

use super::batches::UnitById;
use super::enums::UnitKind;
use super::error::expose;
use super::operation::operation;
use super::reorganisation::told;
use super::scalars::DateTime;
use super::unit::Unit;
use crate::reorganisation::Era;

/// What a unit was for a half-open period.
pub struct UnitEra(pub Era);

/// What a unit was for a half-open period, as known today.
#[Object]
impl UnitEra {
    /// The first instant.
    async fn from(&self, ctx: &Context<'_>) -> Result<DateTime> {
        told(ctx, self.0.from)
    }

    /// The first instant after; null: up to now.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.0.to.map(|at| told(ctx, at)).transpose()
    }

    /// Its code then.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its Vietnamese name then.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its English name then.
    async fn name_en(&self) -> Option<&str> {
        self.0.name_en.as_deref()
    }

    /// Its kind then.
    async fn kind(&self) -> UnitKind {
        self.0.kind.into()
    }

    /// The unit above it then, where it shows.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let Some(parent) = self.0.parent else { return Ok(None) };
        Ok(operation(ctx)?.load::<UnitById>(parent).await.map_err(expose)?.map(Unit))
    }

    /// Why it changed.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was recorded.
    async fn recorded_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        told(ctx, self.0.recorded_at)
    }
}
