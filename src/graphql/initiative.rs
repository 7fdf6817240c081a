//! `Initiative` and its events.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use entity::{initiative, initiative_event};

use super::account::Account;
use super::batches::{
    AuthorsOf, EventCounts, EventPages, InitiativeActions, InitiativeKey, NamedAccount, ProgrammeById, UnitBesideRecord,
};
use super::connection::{args, connection, counted};
use super::enums::{Action, InitiativeState, RefusalReason, SolutionKind};
use super::error::expose;
use super::id::NodeId;
use super::operation::operation;
use super::programme::Programme;
use super::scalars::{BigInt, Date, DateTime};
use super::unit::Unit;
use crate::error::Error;
use crate::initiative::Authorship;
use crate::programme::Definition;

connection!(InitiativeEventConnection, InitiativeEventEdge, InitiativeEvent, "events of an initiative");

/// An initiative.
#[derive(Clone)]
pub struct Initiative(pub Arc<initiative::Model>);

impl From<Arc<initiative::Model>> for Initiative {
    fn from(row: Arc<initiative::Model>) -> Initiative {
        Initiative(row)
    }
}

impl Initiative {
    async fn definition(&self, ctx: &Context<'_>) -> Result<Arc<Definition>> {
        let programme = operation(ctx)?.load::<ProgrammeById>(self.0.programme_id).await.map_err(expose)?;
        programme.ok_or_else(|| expose(Error::id_not_found()))
    }

    fn time(&self, ctx: &Context<'_>, at: Option<i64>) -> Result<Option<DateTime>> {
        let zone = operation(ctx)?.app.config.time_zone;
        Ok(at.map(|at| DateTime::new(zone, at)))
    }
}

/// An initiative (sáng kiến): a solution, new in its unit, applied, with benefit (Decree 13/2012/NĐ-CP).
#[Object]
impl Initiative {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::Initiative(self.0.id).encode()
    }

    /// Unique, for people (mã sáng kiến).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Title (tên sáng kiến).
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// What it is about.
    async fn summary(&self) -> Option<&str> {
        self.0.summary.as_deref()
    }

    /// Where it stands (trạng thái).
    async fn state(&self) -> InitiativeState {
        self.0.state.into()
    }

    /// Grows by one with every event; a mutation names the one that its caller saw.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The programme.
    async fn programme(&self, ctx: &Context<'_>) -> Result<Programme> {
        Ok(Programme(self.definition(ctx).await?))
    }

    /// Code of the phase (giai đoạn).
    async fn phase(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.definition(ctx).await?.phase_code(self.0.phase_id).unwrap_or_default().to_owned())
    }

    /// Code of the participant group (nhóm đối tượng).
    async fn group(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.definition(ctx).await?.group_code(self.0.group_id).unwrap_or_default().to_owned())
    }

    /// Kind of solution.
    async fn solution(&self) -> SolutionKind {
        self.0.solution.into()
    }

    /// The unit in which it was written, or sent in: where it counts now is told by what follows that unit. To an author of another unit only
    /// its face shows.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Unit> {
        let unit = operation(ctx)?.load::<UnitBesideRecord>(self.0.unit_id).await.map_err(expose)?;
        unit.map(Unit).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// The authors, the first one first (tác giả, đồng tác giả).
    async fn authors(&self, ctx: &Context<'_>) -> Result<Vec<Author>> {
        let authors = operation(ctx)?.load::<AuthorsOf>(self.0.id).await.map_err(expose)?.unwrap_or_default();
        Ok(authors.into_iter().map(|author| Author { author }).collect())
    }

    /// What the authors claim, VND (giá trị làm lợi).
    async fn claimed_benefit(&self) -> Option<BigInt> {
        self.0.claimed_benefit.map(BigInt)
    }

    /// What the reviewer verified, VND.
    async fn verified_benefit(&self) -> Option<BigInt> {
        self.0.verified_benefit.map(BigInt)
    }

    /// Its benefit cannot be computed (không tính được bằng tiền).
    async fn benefit_not_computable(&self) -> bool {
        self.0.benefit_not_computable
    }

    /// The benefit in words.
    async fn benefit_note(&self) -> Option<&str> {
        self.0.benefit_note.as_deref()
    }

    /// The day it was applied first (ngày áp dụng).
    async fn applied_on(&self) -> Date {
        Date(self.0.applied_on)
    }

    /// First submission.
    async fn submitted_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.time(ctx, self.0.submitted_at)
    }

    /// Latest decision.
    async fn decided_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        self.time(ctx, self.0.decided_at)
    }

    /// Why it was rejected or revoked.
    async fn refusal(&self) -> Option<Refusal> {
        let reason = self.0.refusal_reason?.into();
        Some(Refusal { reason, text: self.0.refusal_text.clone() })
    }

    /// The decision by which the unit's head or council recognised it (quyết định công nhận).
    async fn recognition(&self) -> Option<Recognition> {
        let row = &self.0;
        let any =
            row.recognition_number.is_some() || row.recognition_authority.is_some() || row.recognition_on.is_some();
        any.then(|| Recognition {
            number: row.recognition_number.clone(),
            authority: row.recognition_authority.clone(),
            on: row.recognition_on.map(Date),
        })
    }

    /// Everything that happened to it, oldest first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Cursor to begin after.")] after: Option<String>,
        #[graphql(desc = "From the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor to end before.")] before: Option<String>,
    ) -> Result<InitiativeEventConnection> {
        let page = args(first, after, last, before);
        page.limit().map_err(expose)?;
        let loaded = operation(ctx)?.load::<EventPages>((page, self.0.id)).await.map_err(expose)?;
        let page = loaded.unwrap_or_default().map(|row| InitiativeEvent { row: Arc::new(row) });
        Ok(InitiativeEventConnection::new(page, counted::<EventCounts>(self.0.id)))
    }

    /// What the viewer may do with it as it stands.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let key = InitiativeKey(self.0.clone());
        let actions = operation(ctx)?.load::<InitiativeActions>(key).await.map_err(expose)?;
        Ok(actions.unwrap_or_default().into_iter().map(Action::from).collect())
    }
}

/// An author with his share.
pub struct Author {
    author: Authorship,
}

/// An author with his share (tác giả).
#[Object]
impl Author {
    /// The person; null where his consent is missing.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        Ok(operation(ctx)?.load::<NamedAccount>(self.author.account).await.map_err(expose)?.map(Account))
    }

    /// Per cent; the shares of an initiative add up to 100.
    async fn share(&self) -> f64 {
        f64::from(self.author.share) / 100.0
    }
}

/// Why an initiative was rejected or revoked.
#[derive(SimpleObject, Clone)]
pub struct Refusal {
    /// The reason.
    reason: RefusalReason,
    /// More about it.
    text: Option<String>,
}

/// The decision by which the unit's head or council recognised an initiative.
#[derive(SimpleObject, Clone)]
pub struct Recognition {
    /// Number of the decision.
    number: Option<String>,
    /// Who decided.
    authority: Option<String>,
    /// The day.
    on: Option<Date>,
}

/// Something that happened to an initiative.
#[derive(Clone)]
pub struct InitiativeEvent {
    pub row: Arc<initiative_event::Model>,
}

/// Something that happened to an initiative; kept for ever.
#[Object]
impl InitiativeEvent {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::InitiativeEvent(self.row.initiative_id, self.row.seq).encode()
    }

    /// When.
    async fn at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime::new(operation(ctx)?.app.config.time_zone, self.row.at))
    }

    /// What was done.
    async fn action(&self) -> Action {
        self.row.action.into()
    }

    /// The state before; null for a new draft.
    async fn from(&self) -> Option<InitiativeState> {
        self.row.from_state.map(Into::into)
    }

    /// The state after.
    async fn to(&self) -> InitiativeState {
        self.row.to_state.into()
    }

    /// Who did it; null where the viewer may not see the name, or it came from an import.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        let Some(by) = self.row.by_id else { return Ok(None) };
        Ok(operation(ctx)?.load::<NamedAccount>(by).await.map_err(expose)?.map(Account))
    }

    /// What was said about it.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }
}
