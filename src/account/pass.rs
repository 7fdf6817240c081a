//! From a bearer token to its viewer, and whether it still holds.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::TokenKind;
use sea_orm::FromQueryResult;

use super::secret::hash;
use crate::access::{Credential, Pass, Roles, Viewer, holds, token_alive};
use crate::app::{App, KnownToken};
use crate::error::{Error, Result};
use crate::store::{Joint, Reading, Version};

/// Whether the command line made it, with everything the account holds.
fn is_whole(row: &KnownToken) -> bool {
    row.made_by.is_none() && row.roles.is_none() && row.unit_id.is_none()
}

fn viewer(row: &KnownToken) -> Result<Viewer> {
    let credential = match (row.kind, row.session_id) {
        (TokenKind::Api, _) if is_whole(row) => Credential::CommandLine { token: row.id },
        (TokenKind::Api, _) => Credential::Api { token: row.id },
        (TokenKind::Access, Some(session)) => Credential::Session { session, token: row.id },
        (TokenKind::Access, None) => {
            return Err(Error::Internal(format!("the access token {} has no session", row.id)));
        }
    };
    let roles = Roles::from_text(row.roles.as_deref())?;
    let pass = Pass { credential, roles, within: row.unit_id, ends_at: row.expires_at };
    Ok(Viewer::by(row.account_id, pass))
}

/// Whose token it is. A bad, revoked or expired one is refused, never taken for nobody.
pub async fn viewer_of(app: &App, secret: &str) -> Result<Viewer> {
    recognised(app, secret).await.map(|(viewer, _)| viewer)
}

/// As [`viewer_of`], with the state of the database that was seen on the way, where it was.
pub async fn recognised(app: &App, secret: &str) -> Result<(Viewer, Option<Version>)> {
    // None of the server's own has a dot.
    if secret.contains('.') {
        return Ok((super::identity::viewer_of(app, secret).await?, None));
    }
    let (row, seen) = match known(app, secret).await {
        Some((row, seen)) => (row, Some(seen)),
        None => (Arc::new(find(app, digest(secret)?).await?.ok_or(Error::Unauthenticated)?), None),
    };
    if row.kind == TokenKind::Api {
        super::last_use::note(app, &row);
    }
    Ok((viewer(&row)?, seen))
}

fn digest(secret: &str) -> Result<[u8; 32]> {
    hash(secret).try_into().map_err(|_| Error::Internal("a hash has another length".to_owned()))
}

/// The token as it was found in the generation of credentials that the database is in, where that can be told and the token holds now.
async fn known(app: &App, secret: &str) -> Option<(Arc<KnownToken>, Version)> {
    if app.config.answers_mb == 0 {
        return None;
    }
    let seen = app.store.version().await?;
    let generation = seen.credentials();
    let key = digest(secret).ok()?;
    let row = match app.tokens.known(&key, &generation) {
        Some(row) => row,
        None => {
            let finder = app.clone();
            app.tokens.get(key, generation, move || found(finder.clone(), key)).await?
        }
    };
    let ends_at = row.session_ends_at.map_or(row.expires_at, |session| session.min(row.expires_at));
    (app.now() < ends_at).then_some((row, seen))
}

async fn found(app: App, hash: [u8; 32]) -> Option<Reading<Arc<KnownToken>>> {
    // What cannot be found out now is found out, or told, by each who asks.
    let row = find(&app, hash).await.ok()??;
    let bytes = size_of::<KnownToken>() + row.roles.as_ref().map_or(0, String::len);
    Some(Reading { value: Arc::new(row), keep: true, bytes })
}

/// Who looks tokens up at the same time, each his own, does it by one statement.
type Finding = Arc<Joint<(), [u8; 32], Result<Arc<HashMap<[u8; 32], KnownToken>>>>>;

/// The token with this hash, where it holds.
async fn find(app: &App, hash: [u8; 32]) -> Result<Option<KnownToken>> {
    let finder = app.clone();
    let find = move |hashes| find_all(finder.clone(), hashes);
    let found = app.joints.of::<Finding>().ask((), hash, find).await;
    let found = found.ok_or_else(|| Error::Internal("tokens were not looked up".to_owned()))??;
    Ok(found.get(&hash).cloned())
}

#[derive(FromQueryResult)]
struct Found {
    hash: Vec<u8>,
    #[sea_orm(nested)]
    token: KnownToken,
}

async fn find_all(app: App, hashes: Vec<[u8; 32]>) -> Result<Arc<HashMap<[u8; 32], KnownToken>>> {
    let mut sql = app.store.sql();
    let alive = token_alive(&mut sql, app.now());
    let these = sql.any_bytes("t.hash", &hashes);
    sql.push(&format!(
        "SELECT t.hash, t.id, t.account_id, t.kind, t.session_id, t.roles, t.unit_id, t.made_by, t.expires_at, t.last_used_at, \
         s.expires_at AS session_ends_at FROM token t LEFT JOIN session s ON s.id = t.session_id \
         WHERE {these} AND {alive}"
    ));
    let rows: Vec<Found> = app.store.all(sql).await?;
    let known = |row: Found| Some((row.hash.try_into().ok()?, row.token));
    Ok(Arc::new(rows.into_iter().filter_map(known).collect()))
}

/// Whether what the viewer came in by still holds: neither revoked nor expired, its session alive, its account linked.
/// Nobody, and the command line, hold for ever.
pub async fn still_holds(app: &App, viewer: Viewer) -> Result<bool> {
    match viewer.credential() {
        Credential::None => Ok(true),
        _ => holds(&app.store.read().await?, app.now(), viewer).await,
    }
}
