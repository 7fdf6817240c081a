//! Mutations of signing in and out.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::perform::{Outcome, perform, settled};
use crate::account::session::SessionTokens as Issued;
use crate::account::{self, SessionRevoke, SignIn};
use crate::graphql::id::NodeId;
use crate::graphql::operation::operation;
use crate::graphql::scalars::DateTime;

/// The tokens of a session. Each is shown once.
#[derive(SimpleObject)]
pub struct SessionTokens {
    /// Goes with every request: `Authorization: Bearer <accessToken>`. Short-lived.
    access_token: String,
    /// From when on the access token is no good.
    access_expires_at: DateTime,
    /// Good for one `sessionRefresh`. Kept where no script of another site can read it.
    refresh_token: String,
    /// From when on the refresh token is no good.
    refresh_expires_at: DateTime,
    /// The session's id, for `sessionRevoke`.
    session: ID,
}

impl SessionTokens {
    pub(super) fn shown(ctx: &Context<'_>, issued: Issued) -> Result<SessionTokens> {
        let zone = operation(ctx)?.app.config.time_zone;
        Ok(SessionTokens {
            access_token: issued.access.secret,
            access_expires_at: DateTime::new(zone, issued.access.expires_at),
            refresh_token: issued.refresh.secret,
            refresh_expires_at: DateTime::new(zone, issued.refresh.expires_at),
            session: NodeId::Session(issued.session).encode(),
        })
    }
}

/// Declares payloads of mutations that open a session or go on with one.
macro_rules! session_payloads {
    ($($payload:ident),+) => {$(
        /// What the mutation answers: done where `userErrors` is empty.
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            /// The new tokens; null where there are none.
            tokens: Option<$crate::graphql::mutation::session::SessionTokens>,
            /// What the caller can mend; empty: done.
            user_errors: Vec<$crate::graphql::mutation::perform::UserError>,
        }

        impl $payload {
            fn of(
                ctx: &async_graphql::Context<'_>,
                issued: $crate::error::Result<$crate::account::session::SessionTokens>,
            ) -> async_graphql::Result<Self> {
                let op = $crate::graphql::operation::operation(ctx)?;
                Ok(match $crate::graphql::mutation::perform::settled(op, issued)? {
                    Err(user_errors) => Self { tokens: None, user_errors },
                    Ok(issued) => {
                        let tokens = $crate::graphql::mutation::session::SessionTokens::shown(ctx, issued)?;
                        Self { tokens: Some(tokens), user_errors: Vec::new() }
                    }
                })
            }
        }
    )+};
}

/// Declares payloads of mutations that change nothing to be shown.
macro_rules! done_payloads {
    ($($payload:ident),+) => {$(
        /// What the mutation answers: done where `userErrors` is empty.
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            /// What the caller can mend; empty: done.
            user_errors: Vec<$crate::graphql::mutation::perform::UserError>,
        }

        impl $payload {
            fn of<T>(outcome: std::result::Result<T, Vec<$crate::graphql::mutation::perform::UserError>>) -> Self {
                Self { user_errors: outcome.err().unwrap_or_default() }
            }
        }
    )+};
}

pub(super) use {done_payloads, session_payloads};

session_payloads!(SignInPayload, SessionRefreshPayload);
done_payloads!(SignOutPayload, SessionRevokePayload);

/// Who signs in.
#[derive(InputObject)]
struct SignInInput {
    /// E-mail address or phone number.
    login: String,
    /// The password.
    password: String,
    /// What the client calls itself, for the list of sessions; at most 100 characters.
    device: Option<String>,
    /// Has no effect here: each signing in opens a session of its own.
    idempotency_key: Option<String>,
}

/// A session to go on with.
#[derive(InputObject)]
struct SessionRefreshInput {
    /// The refresh token that was given last.
    refresh_token: String,
    /// With it a refresh whose answer was lost is repeated: within a minute, and as long as the refresh token that it gave was not
    /// used. Without it a refresh token that comes a second time ends the session.
    idempotency_key: Option<String>,
}

/// A session to be ended.
#[derive(InputObject)]
struct SignOutInput {
    /// A refresh token of the session; left out: the session of the request's access token, which must be there then.
    refresh_token: Option<String>,
    /// Has no effect here: signing out twice is as good as once.
    idempotency_key: Option<String>,
}

/// A session of one's own.
#[derive(InputObject)]
struct SessionRevokeInput {
    /// Its id.
    id: ID,
    /// Makes a repeated mutation answer what the first one answered; at most 200 characters.
    idempotency_key: Option<String>,
}

#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Opens a session (đăng nhập). Send no Authorization header. Whether a login exists is not told. Who tries too often is told to
    /// wait: RATE_LIMITED with `extensions.retryAfter` in seconds.
    async fn sign_in(&self, ctx: &Context<'_>, #[graphql(desc = "Who.")] input: SignInInput) -> Result<SignInPayload> {
        let op = operation(ctx)?;
        let input = SignIn { login: input.login, password: input.password, device: input.device };
        SignInPayload::of(ctx, account::sign_in(&op.app, &op.caller, &input).await)
    }

    /// New tokens for a session; the refresh token is used up. Send no Authorization header.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: SessionRefreshInput,
    ) -> Result<SessionRefreshPayload> {
        let op = operation(ctx)?;
        let key = super::perform::key(input.idempotency_key.as_deref());
        let refreshed = match key {
            Ok(key) => account::refresh(&op.app, &op.caller, &input.refresh_token, key).await,
            Err(error) => Err(error.into()),
        };
        SessionRefreshPayload::of(ctx, refreshed)
    }

    /// Ends a session with all its tokens (đăng xuất), at once. Answers the same whether it was alive or not. Not by an API token alone,
    /// nor by one of the identity provider: they open no session.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: SignOutInput,
    ) -> Result<SignOutPayload> {
        let op = operation(ctx)?;
        let done = account::sign_out(&op.app, &op.caller, input.refresh_token.as_deref()).await;
        Ok(SignOutPayload::of(settled(op, done)?))
    }

    /// Ends another session of one's own, at once. Not by an API token.
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: SessionRevokeInput,
    ) -> Result<SessionRevokePayload> {
        let done: Outcome =
            perform(ctx, input.idempotency_key, SessionRevoke { id: NodeId::session(&input.id) }).await?;
        Ok(SessionRevokePayload::of(done))
    }
}
