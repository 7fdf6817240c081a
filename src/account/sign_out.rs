//! Ending sessions: one's present one, one of a refresh token at hand, or another one of one's own.

use entity::enums::AuditObject;
use serde::Serialize;

use super::refresh::lock_session_of;
use super::session;
use super::trail;
use super::trail::unit_of;
use crate::access::{Caller, Credential};
use crate::app::App;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Result};
use crate::store::Tx;
use crate::text::message;

/// Ends the session that the viewer came in by, and the one of the refresh token. Answers nothing: what was over stays over.
///
/// # Errors
/// REQUIRED or FORBIDDEN where neither is there: who believes himself signed out must not be mistaken.
pub async fn sign_out(app: &App, caller: &Caller, refresh: Option<&str>) -> Result<()> {
    if refresh.is_none()
        && let Some(error) = nothing_to_end(caller)
    {
        let account = Some(caller.viewer.id_or_zero());
        return Err(trail::refused(app, caller, "signOut", account, error).await);
    }
    let mut attempts = app.store.attempts();
    loop {
        match attempt(app, caller, refresh).await {
            Ok(()) => return Ok(()),
            Err(error) => attempts.again_after(error).await?,
        }
    }
}

fn nothing_to_end(caller: &Caller) -> Option<Error> {
    Some(match caller.viewer.credential() {
        Credential::Session { .. } => return None,
        Credential::None | Credential::Shell => Error::user(
            ErrorCode::Required,
            "refreshToken",
            message!("nothing names a session: send its access token or its refreshToken"),
        ),
        Credential::Api { .. } | Credential::CommandLine { .. } => {
            Error::Forbidden(message!("an API token opens no session: whoever made it ends it by tokenRevoke"))
        }
        Credential::Provider => {
            Error::Forbidden(message!("a token of the identity provider opens no session here: sign out there"))
        }
    })
}

async fn attempt(app: &App, caller: &Caller, refresh: Option<&str>) -> Result<()> {
    let tx = app.store.write().await?;
    if let Some(secret) = refresh
        && let Some(session) = lock_session_of(&tx, secret).await?
    {
        end(app, &tx, caller, session).await?;
    }
    if let Credential::Session { session, .. } = caller.viewer.credential() {
        end(app, &tx, caller, session).await?;
    }
    tx.commit().await
}

async fn end(app: &App, tx: &Tx, caller: &Caller, session: i64) -> Result<()> {
    if !session::revoke(app, tx, session).await? {
        return Ok(());
    }
    let mut sql = tx.sql("SELECT account_id AS id FROM session WHERE id = ");
    let id = sql.bind(session);
    sql.push(&id);
    match tx.ids(sql).await?.pop() {
        Some(account) => trail::done(app, tx, caller, "signOut", account, session).await,
        None => Ok(()),
    }
}

/// `sessionRevoke`: ends a session of one's own.
#[derive(Debug, Serialize)]
pub struct SessionRevoke {
    /// None: the id is no session's.
    pub id: Option<i64>,
}

impl Command for SessionRevoke {
    const NAME: &'static str = "sessionRevoke";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Session, self.id.unwrap_or(0))
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let account = work.viewer.in_person()?;
        let id = self.id.ok_or_else(Error::id_not_found)?;
        let mut sql = work.tx.sql("SELECT id FROM session WHERE id = ");
        let (bound, mine) = (sql.bind(id), sql.bind(account));
        sql.push(&format!("{bound} AND account_id = {mine}"));
        if work.tx.ids(sql).await?.is_empty() {
            return Err(Error::id_not_found());
        }
        session::revoke(work.app, work.tx, id).await?;
        Ok(Done::of(AuditObject::Session, id, unit_of(work.tx, account).await?))
    }
}
