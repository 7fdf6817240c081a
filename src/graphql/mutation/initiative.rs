//! Mutations of initiatives.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use entity::enums::AuditObject;
use entity::initiative::Model;
use serde::Serialize;

use super::initiative_inputs::*;
use super::perform::{Outcome, UserError, payload, perform, perform_item, perform_together, refused};
use crate::command::{About, Command, Done, Shared, Work};
use crate::error::ErrorCode;
use crate::graphql::batches::InitiativeById;
use crate::graphql::error::expose;
use crate::graphql::initiative::Initiative;
use crate::graphql::operation::operation;
use crate::graphql::selected;
use crate::initiative::{Approve, Draft, Reject, Return, Revoke, Submit, Withdraw};
use crate::text::message;

/// Declares what a decision on an initiative answers.
macro_rules! decision {
    ($payload:ident) => {
        #[doc = "What the mutation answers: done where `userErrors` is empty."]
        #[derive(SimpleObject)]
        pub struct $payload {
            /// The object as it is now, where the viewer may see it; null where nothing was changed.
            initiative: Option<Initiative>,
            /// What the caller can mend; empty: done, all of it.
            user_errors: Vec<UserError>,
        }
    };
}

payload!(InitiativeDraftPayload { initiative: Initiative } by InitiativeById);
payload!(InitiativeEditPayload { initiative: Initiative } by InitiativeById);
payload!(InitiativeSubmitPayload { initiative: Initiative } by InitiativeById);
payload!(InitiativeWithdrawPayload { initiative: Initiative } by InitiativeById);
decision!(InitiativeReturnPayload);
decision!(InitiativeApprovePayload);
decision!(InitiativeRejectPayload);
decision!(InitiativeRevokePayload);
decision!(InitiativeResult);

/// What a bulk mutation answers: one result for each item, in their order.
#[derive(SimpleObject)]
pub struct InitiativesApprovePayload {
    /// One for each item, in their order; each is done or not on its own.
    results: Vec<InitiativeResult>,
    /// What is wrong with the whole; then no item was looked at.
    user_errors: Vec<UserError>,
}

/// What a bulk mutation answers: one result for each item, in their order.
#[derive(SimpleObject)]
pub struct InitiativesRejectPayload {
    /// One for each item, in their order; each is done or not on its own.
    results: Vec<InitiativeResult>,
    /// What is wrong with the whole; then no item was looked at.
    user_errors: Vec<UserError>,
}

/// Most items of one bulk mutation.
const ITEMS: usize = 100;

#[derive(Default)]
pub struct InitiativeMutation;

#[Object]
impl InitiativeMutation {
    /// Writes down an initiative; nothing counts yet. Needs MEMBER at the unit or above.
    async fn initiative_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative.")] mut input: InitiativeDraftInput,
    ) -> Result<InitiativeDraftPayload> {
        let key = input.idempotency_key.take();
        InitiativeDraftPayload::of(ctx, perform(ctx, key, Draft::from(input)).await?).await
    }

    /// Changes a draft, or what was returned. For its first author.
    async fn initiative_edit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] mut input: InitiativeEditInput,
    ) -> Result<InitiativeEditPayload> {
        let key = input.idempotency_key.take();
        InitiativeEditPayload::of(ctx, perform(ctx, key, input.command()).await?).await
    }

    /// Sends in a draft, or again what was returned. For its first author, with MEMBER at the unit or above; the first time
    /// within the phase's periods.
    async fn initiative_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: InitiativeSubmitInput,
    ) -> Result<InitiativeSubmitPayload> {
        let command = Submit { id: initiative(&input.id), version: input.version };
        InitiativeSubmitPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Takes back what is not decided yet, for good. For its first author.
    async fn initiative_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: InitiativeWithdrawInput,
    ) -> Result<InitiativeWithdrawPayload> {
        let id = initiative(&input.id);
        let command = Withdraw { id, version: input.version, note: input.note };
        InitiativeWithdrawPayload::of(ctx, perform(ctx, input.idempotency_key, command).await?).await
    }

    /// Gives an initiative back to its authors to be mended. Needs REVIEWER at the unit or above; not for its authors.
    async fn initiative_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: InitiativeReturnInput,
    ) -> Result<InitiativeReturnPayload> {
        let id = initiative(&input.id);
        let command = Return { id, version: input.version, note: input.note };
        let (initiative, user_errors) = decided(ctx, input.idempotency_key, command).await?;
        Ok(InitiativeReturnPayload { initiative, user_errors })
    }

    /// Approves an initiative. Needs REVIEWER at the unit or above; not for its authors.
    async fn initiative_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and with what benefit.")] input: InitiativeApproveInput,
    ) -> Result<InitiativeApprovePayload> {
        let command = Approve {
            id: initiative(&input.id),
            version: input.version,
            verified_benefit: input.verified_benefit.map(|benefit| benefit.0),
            note: input.note,
        };
        let (initiative, user_errors) = decided(ctx, input.idempotency_key, command).await?;
        Ok(InitiativeApprovePayload { initiative, user_errors })
    }

    /// Rejects an initiative, for good. Needs REVIEWER at the unit or above; not for its authors.
    async fn initiative_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: InitiativeRejectInput,
    ) -> Result<InitiativeRejectPayload> {
        let id = initiative(&input.id);
        let command = Reject { id, version: input.version, reason: input.reason.into(), note: input.note };
        let (initiative, user_errors) = decided(ctx, input.idempotency_key, command).await?;
        Ok(InitiativeRejectPayload { initiative, user_errors })
    }

    /// Takes an approval away, for good. Needs REVIEWER at a unit above the initiative's; not for its authors.
    async fn initiative_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: InitiativeRevokeInput,
    ) -> Result<InitiativeRevokePayload> {
        let id = initiative(&input.id);
        let command = Revoke { id, version: input.version, reason: input.reason.into(), note: input.note };
        let (initiative, user_errors) = decided(ctx, input.idempotency_key, command).await?;
        Ok(InitiativeRevokePayload { initiative, user_errors })
    }

    /// Approves up to 100 initiatives, each on its own.
    async fn initiatives_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and with what benefits.")] input: InitiativesApproveInput,
    ) -> Result<InitiativesApprovePayload> {
        let commands = input.items.into_iter().map(|item| {
            let id = initiative(&item.id);
            let verified_benefit = item.verified_benefit.map(|benefit| benefit.0);
            Approve { id, version: item.version, verified_benefit, note: item.note }
        });
        let (results, user_errors) = each(ctx, input.idempotency_key, commands.collect()).await?;
        Ok(InitiativesApprovePayload { results, user_errors })
    }

    /// Rejects up to 100 initiatives, each on its own.
    async fn initiatives_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: InitiativesRejectInput,
    ) -> Result<InitiativesRejectPayload> {
        let commands = input.items.into_iter().map(|item| {
            let id = initiative(&item.id);
            Reject { id, version: item.version, reason: item.reason.into(), note: item.note }
        });
        let (results, user_errors) = each(ctx, input.idempotency_key, commands.collect()).await?;
        Ok(InitiativesRejectPayload { results, user_errors })
    }
}

/// A whole list, for its key: with another list the key is refused before any item is looked at.
#[derive(Serialize)]
struct Whole<'a, C> {
    commands: &'a [C],
}

impl<C: Command> Command for Whole<'_, C> {
    const NAME: &'static str = C::NAME;

    fn about(&self) -> About<'_> {
        About::Parts
    }

    /// Only takes the key: each item writes on its own.
    async fn run(&self, _: &Work<'_>) -> crate::error::Result<Done> {
        Ok(Done::of(AuditObject::Initiative, 0, None))
    }
}

/// Runs the commands, each with a key of its own made from the common one; those about one initiative in their order.
async fn each<C: Shared<After = Model>>(
    ctx: &Context<'_>,
    key: Option<String>,
    commands: Vec<C>,
) -> Result<(Vec<InitiativeResult>, Vec<UserError>)> {
    let op = operation(ctx)?;
    if let Err(error) = op.viewer.signed_in() {
        return Err(expose(refused(op, C::NAME, error).await));
    }
    if !(1..=ITEMS).contains(&commands.len()) {
        let message = message!(
            "{field} must have from {least} to {most} members, not {n}",
            field = "items",
            least = 1,
            most = ITEMS,
            n = commands.len()
        );
        let error = crate::error::UserError::new(ErrorCode::OutOfRange, "items", message);
        refused(op, C::NAME, error.clone().into()).await;
        return Ok((Vec::new(), vec![error.into()]));
    }
    if key.is_some()
        && let Err(errors) = perform(ctx, key.clone(), Whole { commands: &commands }).await?
    {
        return Ok((Vec::new(), errors));
    }
    let item = async |(i, command): (usize, C)| -> Result<InitiativeResult> {
        let key = key.as_ref().map(|key| format!("{key}#{i}"));
        let (outcome, after) = perform_item(ctx, key, command).await?;
        let (initiative, user_errors) = told(ctx, outcome, after).await?;
        Ok(InitiativeResult { initiative, user_errors })
    };
    let items = commands.into_iter().enumerate().map(item);
    Ok((futures_util::future::try_join_all(items).await?, Vec::new()))
}

/// Decides, together with others who come at the same time.
async fn decided<C: Shared<After = Model>>(
    ctx: &Context<'_>,
    key: Option<String>,
    command: C,
) -> Result<(Option<Initiative>, Vec<UserError>)> {
    let (outcome, after) = perform_together(ctx, key, command).await?;
    told(ctx, outcome, after).await
}

/// The initiative as this decision left it, where nothing else is selected of it than what its row has: whatever stands beside that is
/// read from one later snapshot, and the row with it.
async fn told(
    ctx: &Context<'_>,
    outcome: Outcome,
    after: Option<Model>,
) -> Result<(Option<Initiative>, Vec<UserError>)> {
    let id = match outcome {
        Err(user_errors) => return Ok((None, user_errors)),
        Ok(id) => id,
    };
    match after.filter(|_| selected::only_rows_of_initiatives(ctx)) {
        Some(row) => Ok((Some(Initiative(Arc::new(row))), Vec::new())),
        None => {
            let found = operation(ctx)?.load::<InitiativeById>(id).await.map_err(expose)?;
            Ok((found.map(Initiative::from), Vec::new()))
        }
    }
}
