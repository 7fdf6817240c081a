//! Refreshing a session: a refresh token is good for one refresh, and one that comes back ends its session.
//!
//! An answer that was lost is had again with the idempotency key of the first try, for a short while and as long as what it
//! gave was not used: the new tokens are made of the old one, the key and stored random bytes, so they are the very same.

use entity::{refresh_token, session};
use sha2::{Digest, Sha256};

use super::secret::{IssuedToken, Prefix, hash};
use super::session::{self as sessions, Lifetimes, SessionTokens};
use super::trail;
use crate::access::Caller;
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::meter::SignIn;
use crate::store::{RowLock, Tx};
use crate::text::message;

struct Row {
    refresh: refresh_token::Model,
    session: session::Model,
}

/// New tokens for the session of the refresh token.
pub async fn refresh(app: &App, caller: &Caller, secret: &str, key: Option<&str>) -> Result<SessionTokens> {
    let done = attempted(app, caller, secret, key).await;
    app.meter.sign_in(SignIn::RefreshToken, &done);
    done
}

async fn attempted(app: &App, caller: &Caller, secret: &str, key: Option<&str>) -> Result<SessionTokens> {
    let mut attempts = app.store.attempts();
    loop {
        match attempt(app, caller, secret, key).await {
            Ok(Some(tokens)) => return Ok(tokens),
            Ok(None) => return Err(trail::refused(app, caller, "sessionRefresh", None, ended()).await),
            Err(error) => attempts.again_after(error).await?,
        }
    }
}

/// `None`: the session is over, or over from now on.
async fn attempt(app: &App, caller: &Caller, secret: &str, key: Option<&str>) -> Result<Option<SessionTokens>> {
    let tx = app.store.write().await?;
    // Held in a statement of its own: what follows sees what an earlier holder did.
    let Some(session) = lock_session_of(&tx, secret).await? else { return Ok(None) };
    let now = app.now();
    let Some(row) = find(&tx, secret).await? else { return Ok(None) };
    if row.session.revoked_at.is_some() || row.session.expires_at <= now || row.refresh.expires_at <= now {
        return Ok(None);
    }
    if row.refresh.used_at.is_some() {
        if let Some(tokens) = again(app, &tx, secret, key, &row).await? {
            return Ok(Some(tokens));
        }
        tracing::warn!(session, "a refresh token came back: its session is ended");
        sessions::revoke(app, &tx, session).await?;
        trail::done(app, &tx, caller, "sessionEnded", row.session.account_id, session).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let nonce = app.secret();
    use_up(&tx, &row.refresh.hash, key, &nonce, now).await?;
    let tokens = sessions::draw(app, &tx, &row.session, Lifetimes::of(app), made_of(app, secret, key, &nonce)).await?;
    sessions::refreshed(&tx, session, now).await?;
    trail::done(app, &tx, caller, "sessionRefresh", row.session.account_id, session).await?;
    tx.commit().await?;
    Ok(Some(tokens))
}

/// The session of the refresh token, held until the transaction ends.
pub(super) async fn lock_session_of(tx: &Tx, secret: &str) -> Result<Option<i64>> {
    let mut sql =
        tx.sql("SELECT s.id FROM session s WHERE s.id IN (SELECT r.session_id FROM refresh_token r WHERE r.hash = ");
    let hash = sql.bind(hash(secret));
    sql.push(&format!("{hash}){}", tx.dialect.row_lock(RowLock::Update)));
    Ok(tx.ids(sql).await?.pop())
}

async fn find(tx: &Tx, secret: &str) -> Result<Option<Row>> {
    let mut sql = tx.sql("SELECT * FROM refresh_token WHERE hash = ");
    let bound = sql.bind(hash(secret));
    sql.push(&bound);
    let Some(refresh) = tx.one::<refresh_token::Model>(sql).await? else { return Ok(None) };
    let mut sql = tx.sql("SELECT * FROM session WHERE id = ");
    let id = sql.bind(refresh.session_id);
    sql.push(&id);
    Ok(tx.one::<session::Model>(sql).await?.map(|session| Row { refresh, session }))
}

async fn use_up(tx: &Tx, hash: &[u8], key: Option<&str>, nonce: &[u8], now: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE refresh_token SET used_at = ");
    let now = sql.bind(now);
    let key = sql.bind(key.map(key_hash));
    let nonce = sql.bind(nonce.to_vec());
    let hash = sql.bind(hash.to_vec());
    sql.push(&format!("{now}, retry_key = {key}, nonce = {nonce} WHERE hash = {hash}"));
    tx.run(sql).await?;
    Ok(())
}

/// What the first try with this key gave, if it is young and unused.
async fn again(app: &App, tx: &Tx, secret: &str, key: Option<&str>, row: &Row) -> Result<Option<SessionTokens>> {
    let (Some(key), Some(used_at), Some(nonce)) = (key, row.refresh.used_at, row.refresh.nonce.as_deref()) else {
        return Ok(None);
    };
    let young = app.now().saturating_sub(used_at) <= app.config.identity.refresh_retry();
    if !young || row.refresh.retry_key.as_deref() != Some(key_hash(key).as_slice()) {
        return Ok(None);
    }
    let [access, refresh] = made_of(app, secret, Some(key), nonce);
    let (access, refresh) = (Prefix::Access.of_bytes(&access), Prefix::Refresh.of_bytes(&refresh));
    let Some(successor) = find(tx, &refresh).await?.filter(|row| row.refresh.used_at.is_none()) else {
        return Ok(None);
    };
    let mut sql = tx.sql("SELECT expires_at AS id FROM token WHERE hash = ");
    let bound = sql.bind(hash(&access));
    sql.push(&bound);
    let Some(access_expires_at) = tx.ids(sql).await?.pop() else { return Ok(None) };
    Ok(Some(SessionTokens {
        session: row.session.id,
        access: IssuedToken { secret: access, expires_at: access_expires_at },
        refresh: IssuedToken { secret: refresh, expires_at: successor.refresh.expires_at },
    }))
}

/// The bytes of the new access and refresh token: without a key random, with one to be had again.
fn made_of(app: &App, secret: &str, key: Option<&str>, nonce: &[u8]) -> [[u8; 32]; 2] {
    let Some(key) = key else { return [app.secret(), app.secret()] };
    ["access", "refresh"].map(|what| {
        let mut hasher = Sha256::new();
        for part in [what.as_bytes(), nonce, secret.as_bytes(), key.as_bytes()] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    })
}

fn key_hash(key: &str) -> Vec<u8> {
    Sha256::digest(key).to_vec()
}

fn ended() -> Error {
    Error::user(ErrorCode::SessionEnded, "refreshToken", message!("this session is over: sign in again"))
}
