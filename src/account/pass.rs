//! From a bearer token to its viewer, and whether it still holds.

use entity::enums::TokenKind;
use sea_orm::FromQueryResult;

use super::secret::hash;
use crate::access::{Credential, Pass, Roles, Viewer, holds, token_alive};
use crate::app::App;
use crate::error::{Error, Result};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    account_id: i64,
    kind: TokenKind,
    session_id: Option<i64>,
    roles: Option<String>,
    unit_id: Option<i64>,
    made_by: Option<i64>,
    expires_at: i64,
    last_used_at: Option<i64>,
}

impl Row {
    /// Whether the command line made it, with everything the account holds.
    fn is_whole(&self) -> bool {
        self.made_by.is_none() && self.roles.is_none() && self.unit_id.is_none()
    }

    fn viewer(&self) -> Result<Viewer> {
        let credential = match (self.kind, self.session_id) {
            (TokenKind::Api, _) if self.is_whole() => Credential::CommandLine { token: self.id },
            (TokenKind::Api, _) => Credential::Api { token: self.id },
            (TokenKind::Access, Some(session)) => Credential::Session { session, token: self.id },
            (TokenKind::Access, None) => {
                return Err(Error::Internal(format!("the access token {} has no session", self.id)));
            }
        };
        let roles = Roles::from_text(self.roles.as_deref())?;
        let pass = Pass { credential, roles, within: self.unit_id, ends_at: self.expires_at };
        Ok(Viewer::by(self.account_id, pass))
    }
}

/// Whose token it is. A bad, revoked or expired one is refused, never taken for nobody.
pub async fn viewer_of(app: &App, secret: &str) -> Result<Viewer> {
    // None of the server's own has a dot.
    if secret.contains('.') {
        return super::identity::viewer_of(app, secret).await;
    }
    let tx = app.store.read().await?;
    let mut sql = tx.sql("");
    let alive = token_alive(&mut sql, app.now());
    let hash = sql.bind(hash(secret));
    sql.push(&format!(
        "SELECT t.id, t.account_id, t.kind, t.session_id, t.roles, t.unit_id, t.made_by, t.expires_at, t.last_used_at \
         FROM token t LEFT JOIN session s ON s.id = t.session_id WHERE t.hash = {hash} AND {alive}"
    ));
    let row: Row = tx.one(sql).await?.ok_or(Error::Unauthenticated)?;
    if row.kind == TokenKind::Api {
        super::last_use::note(app, row.id, row.last_used_at);
    }
    row.viewer()
}

/// Whether what the viewer came in by still holds: neither revoked nor expired, its session alive, its account linked.
/// Nobody, and the command line, hold for ever.
pub async fn still_holds(app: &App, viewer: Viewer) -> Result<bool> {
    match viewer.credential() {
        Credential::None => Ok(true),
        _ => holds(&app.store.read().await?, app.now(), viewer).await,
    }
}
