//! Mutations of passwords.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::perform::{UserError, perform, settled};
use super::session::{done_payloads, session_payloads};
use crate::account::{identity, one_time, password};
use crate::graphql::error::expose;
use crate::graphql::id::NodeId;
use crate::graphql::operation::operation;
use crate::graphql::scalars::DateTime;

session_payloads!(PasswordSetPayload);
done_payloads!(IdentityLinkPayload, PasswordChangePayload, PasswordResetRequestPayload);

/// What the mutation answers: done where `userErrors` is empty.
#[derive(SimpleObject)]
pub struct PasswordResetIssuePayload {
    /// The one-time token to hand over, shown once; null where the mutation was repeated, or nothing was done.
    token: Option<String>,
    /// From when on it is no good.
    expires_at: Option<DateTime>,
    /// What the caller can mend; empty: done.
    user_errors: Vec<UserError>,
}

/// A new password for oneself.
#[derive(InputObject)]
struct PasswordChangeInput {
    /// The present one.
    current_password: String,
    /// The new one: at least 12 characters, whatever they are.
    new_password: String,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

/// Who has forgotten his password.
#[derive(InputObject)]
struct PasswordResetRequestInput {
    /// E-mail address or phone number.
    login: String,
    /// Has no effect here.
    idempotency_key: Option<String>,
}

/// Whose way in an admin mends.
#[derive(InputObject)]
struct PasswordResetIssueInput {
    /// The account's id.
    account: ID,
    /// Makes a repeated mutation answer what the first one answered, without the token; at most 200 characters.
    idempotency_key: Option<String>,
}

/// A password by a one-time token.
#[derive(InputObject)]
struct PasswordSetInput {
    /// The one-time token of an invitation or a reset.
    token: String,
    /// The new password: at least 12 characters, whatever they are.
    password: String,
    /// What the client calls itself, for the list of sessions; at most 100 characters.
    device: Option<String>,
    /// Has no effect here: the token is good once.
    idempotency_key: Option<String>,
}

/// An identity at the provider for an account.
#[derive(InputObject)]
struct IdentityLinkInput {
    /// The one-time token of an invitation or a reset.
    token: String,
    /// A token of the identity provider for this server.
    identity_token: String,
    /// Has no effect here: the one-time token is good once.
    idempotency_key: Option<String>,
}

#[derive(Default)]
pub struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Changes one's own password (đổi mật khẩu) and ends all one's other sessions. Not by an API token.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The passwords.")] input: PasswordChangeInput,
    ) -> Result<PasswordChangePayload> {
        let op = operation(ctx)?;
        let key = input.idempotency_key.as_deref();
        let done = password::change(&op.app, &op.caller, key, &input.current_password, &input.new_password).await;
        op.renew().await;
        Ok(PasswordChangePayload::of(settled(op, done)?))
    }

    /// Sends a one-time token to the person of the login, if there is one: that is not told.
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: PasswordResetRequestInput,
    ) -> Result<PasswordResetRequestPayload> {
        let op = operation(ctx)?;
        Ok(PasswordResetRequestPayload::of(settled(
            op,
            password::request_reset(&op.app, &op.caller, &input.login).await,
        )?))
    }

    /// A one-time token with which a person chooses a new password, to be handed over. Needs ADMIN over every unit where the person
    /// holds a role. Not by an API token.
    async fn password_reset_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: PasswordResetIssueInput,
    ) -> Result<PasswordResetIssuePayload> {
        let op = operation(ctx)?;
        let command = password::PasswordResetIssue::new(&op.app, NodeId::account(&input.account));
        let token = command.token.clone();
        if let Err(user_errors) = perform(ctx, input.idempotency_key, command).await? {
            return Ok(PasswordResetIssuePayload { token: None, expires_at: None, user_errors });
        }
        let asked = token.clone();
        let kept = op.read(move |tx| async move { one_time::is_kept(&tx, &asked).await }).await.map_err(expose)?;
        let token = kept.then_some(token);
        let zone = op.app.config.time_zone;
        let expires_at = token.as_ref().map(|token| DateTime::new(zone, token.expires_at));
        Ok(PasswordResetIssuePayload { token: token.map(|token| token.secret), expires_at, user_errors: Vec::new() })
    }

    /// Links an account to its person's identity at the identity provider, by a one-time token: from now on the provider's tokens
    /// open it. An earlier link goes. Send no Authorization header.
    async fn identity_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tokens.")] input: IdentityLinkInput,
    ) -> Result<IdentityLinkPayload> {
        let op = operation(ctx)?;
        let done = identity::link(&op.app, &op.caller, &input.token, &input.identity_token).await;
        Ok(IdentityLinkPayload::of(settled(op, done)?))
    }

    /// Sets a password by a one-time token, of an invitation or a reset, and signs in; all other sessions end. Send no Authorization
    /// header.
    async fn password_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token and the password.")] input: PasswordSetInput,
    ) -> Result<PasswordSetPayload> {
        let op = operation(ctx)?;
        PasswordSetPayload::of(
            ctx,
            password::set(&op.app, &op.caller, &input.token, &input.password, input.device.as_deref()).await,
        )
    }
}
