//! Sessions: one signing in, and the tokens that come of it.

use entity::enums::TokenKind;
use entity::{refresh_token, session, token};

use super::secret::{IssuedToken, Prefix, hash};
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// How long the parts of a session hold, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub access: i64,
    /// Of a refresh token, from its making on.
    pub refresh: i64,
    /// Of the whole session.
    pub session: i64,
}

/// What a client has of its session.
pub struct SessionTokens {
    pub session: i64,
    pub access: IssuedToken,
    pub refresh: IssuedToken,
}

/// Opens a session of the account.
pub async fn begin(
    app: &App,
    tx: &Tx,
    account: i64,
    name: Option<String>,
    lifetimes: Lifetimes,
) -> Result<SessionTokens> {
    let now = app.now();
    let row = session::Model {
        id: app.new_id(),
        account_id: account,
        name,
        created_at: now,
        refreshed_at: now,
        expires_at: now.saturating_add(lifetimes.session),
        revoked_at: None,
    };
    tx.insert::<session::Entity>(std::slice::from_ref(&row), Conflict::Fail).await?;
    draw(app, tx, &row, lifetimes, [app.secret(), app.secret()]).await
}

/// Stores an access and a refresh token of the session, made of these bytes.
pub(super) async fn draw(
    app: &App,
    tx: &Tx,
    session: &session::Model,
    lifetimes: Lifetimes,
    [access, refresh]: [[u8; 32]; 2],
) -> Result<SessionTokens> {
    let now = app.now();
    let until = |holds: i64| now.saturating_add(holds).min(session.expires_at);
    let access = IssuedToken { secret: Prefix::Access.of_bytes(&access), expires_at: until(lifetimes.access) };
    let refresh = IssuedToken { secret: Prefix::Refresh.of_bytes(&refresh), expires_at: until(lifetimes.refresh) };
    let row = token::Model {
        id: app.new_id(),
        account_id: session.account_id,
        name: String::new(),
        hash: hash(&access.secret),
        created_at: now,
        expires_at: access.expires_at,
        kind: TokenKind::Access,
        session_id: Some(session.id),
        roles: None,
        unit_id: None,
        made_by: None,
        revoked_at: None,
        last_used_at: None,
    };
    tx.insert::<token::Entity>(&[row], Conflict::Fail).await?;
    let row = refresh_token::Model {
        hash: hash(&refresh.secret),
        session_id: session.id,
        created_at: now,
        expires_at: refresh.expires_at,
        used_at: None,
        retry_key: None,
        nonce: None,
    };
    tx.insert::<refresh_token::Entity>(&[row], Conflict::Fail).await?;
    Ok(SessionTokens { session: session.id, access, refresh })
}
