//! Sessions: one signing in, and the tokens that come of it.

use entity::enums::TokenKind;
use entity::{refresh_token, session, token};

use super::hold::hold;
use super::secret::{IssuedToken, Prefix, hash};
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Conflict, RowLock, Tx};
use crate::text;

/// How long the parts of a session hold, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    pub access: i64,
    /// Of a refresh token, from its making on.
    pub refresh: i64,
    /// Of the whole session.
    pub session: i64,
}

impl Lifetimes {
    /// As configured.
    pub fn of(app: &App) -> Lifetimes {
        let settings = &app.config.identity;
        Lifetimes { access: settings.access(), refresh: settings.refresh(), session: settings.session() }
    }
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
    // Nobody comes in who is being erased at this moment.
    hold(tx, account, RowLock::Share).await?.ok_or(Error::Unauthenticated)?;
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

/// What a client calls itself, if it says so.
pub(super) fn device(name: Option<&str>) -> Result<Option<String>> {
    match name.filter(|name| !name.trim().is_empty()) {
        None => Ok(None),
        Some(name) => Ok(Some(text::line("device", name, 100)?)),
    }
}

/// Notes that the session was refreshed, and forgets its tokens that have expired.
pub(super) async fn refreshed(tx: &Tx, session: i64, now: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE session SET refreshed_at = ");
    let (at, id) = (sql.bind(now), sql.bind(session));
    sql.push(&format!("{at} WHERE id = {id}"));
    tx.run(sql).await?;
    for table in ["token", "refresh_token"] {
        let mut sql = tx.sql(format!("DELETE FROM {table} WHERE session_id = "));
        let (id, now) = (sql.bind(session), sql.bind(now));
        sql.push(&format!("{id} AND expires_at <= {now}"));
        tx.run(sql).await?;
    }
    Ok(())
}

/// Ends the session, with all its tokens; answers whether it was alive.
pub async fn revoke(app: &App, tx: &Tx, session: i64) -> Result<bool> {
    let mut sql = tx.sql("UPDATE session SET revoked_at = ");
    let (now, id) = (sql.bind(app.now()), sql.bind(session));
    sql.push(&format!("{now} WHERE id = {id} AND revoked_at IS NULL"));
    Ok(tx.run(sql).await? > 0)
}

/// Ends all sessions of the account but this one.
pub async fn revoke_others(app: &App, tx: &Tx, account: i64, but: Option<i64>) -> Result<()> {
    let mut sql = tx.sql("UPDATE session SET revoked_at = ");
    let (now, account, but) = (sql.bind(app.now()), sql.bind(account), sql.bind(but.unwrap_or(0)));
    sql.push(&format!("{now} WHERE account_id = {account} AND id <> {but} AND revoked_at IS NULL"));
    tx.run(sql).await?;
    Ok(())
}

/// How long a session that is over stays to be seen.
const REMEMBERED: i64 = 30 * 24 * 3_600_000;

/// Forgets sessions of the account that have been over for long.
pub(super) async fn sweep(tx: &Tx, account: i64, now: i64) -> Result<()> {
    let over = "SELECT id FROM session WHERE account_id = ";
    for (table, column) in [("token", "session_id"), ("refresh_token", "session_id"), ("session", "id")] {
        let mut sql = tx.sql(format!("DELETE FROM {table} WHERE {column} IN ({over}"));
        let (account, before) = (sql.bind(account), sql.bind(now - REMEMBERED));
        sql.push(&format!("{account} AND (expires_at < {before} OR revoked_at < {before}))"));
        tx.run(sql).await?;
    }
    Ok(())
}
