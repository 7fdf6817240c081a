//! From a bearer token to its viewer, and whether it still holds.

use std::sync::Arc;

use entity::enums::TokenKind;

use super::secret::hash;
use crate::access::{Credential, Pass, Roles, Viewer, holds, token_alive};
use crate::app::{App, KnownToken};
use crate::error::{Error, Result};
use crate::store::Reading;

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
    // None of the server's own has a dot.
    if secret.contains('.') {
        return super::identity::viewer_of(app, secret).await;
    }
    let row = match known(app, secret).await {
        Some(row) => row,
        None => Arc::new(find(app, &hash(secret)).await?.ok_or(Error::Unauthenticated)?),
    };
    if row.kind == TokenKind::Api {
        super::last_use::note(app, row.id, row.last_used_at);
    }
    viewer(&row)
}

/// The token as it was found in the state that the database is in, where that can be told and the token holds now.
async fn known(app: &App, secret: &str) -> Option<Arc<KnownToken>> {
    if app.config.answers_mb == 0 {
        return None;
    }
    let version = app.store.version().await?;
    let key: [u8; 32] = hash(secret).try_into().ok()?;
    let row = match app.tokens.known(&key, &version) {
        Some(row) => row,
        None => {
            let finder = app.clone();
            app.tokens.get(key, version, move || found(finder.clone(), key)).await?
        }
    };
    let ends_at = row.session_ends_at.map_or(row.expires_at, |session| session.min(row.expires_at));
    (app.now() < ends_at).then_some(row)
}

async fn found(app: App, hash: [u8; 32]) -> Option<Reading<Arc<KnownToken>>> {
    // What cannot be found out now is found out, or told, by each who asks.
    let row = find(&app, &hash).await.ok()??;
    let bytes = size_of::<KnownToken>() + row.roles.as_ref().map_or(0, String::len);
    Some(Reading { value: Arc::new(row), keep: true, bytes })
}

/// The token with this hash, where it holds.
async fn find(app: &App, hash: &[u8]) -> Result<Option<KnownToken>> {
    let mut sql = app.store.sql();
    let alive = token_alive(&mut sql, app.now());
    let hash = sql.bind(hash);
    sql.push(&format!(
        "SELECT t.id, t.account_id, t.kind, t.session_id, t.roles, t.unit_id, t.made_by, t.expires_at, t.last_used_at, \
         s.expires_at AS session_ends_at FROM token t LEFT JOIN session s ON s.id = t.session_id \
         WHERE t.hash = {hash} AND {alive}"
    ));
    app.store.one(sql).await
}

/// Whether what the viewer came in by still holds: neither revoked nor expired, its session alive, its account linked.
/// Nobody, and the command line, hold for ever.
pub async fn still_holds(app: &App, viewer: Viewer) -> Result<bool> {
    match viewer.credential() {
        Credential::None => Ok(true),
        _ => holds(&app.store.read().await?, app.now(), viewer).await,
    }
}
