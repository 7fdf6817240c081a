//! Accounts by their identity at the provider: found by issuer and subject, linked by a one-time token.

use entity::account_identity::{Entity, Model};
use entity::enums::OneTimePurpose;

use super::invitation::claim;
use super::one_time;
use super::trail;
use crate::access::{Caller, Credential, Pass, Roles, Viewer};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::oidc::Verified;
use crate::store::{Conflict, Tx};
use crate::text::message;

/// Whose the provider's token is. A good one of somebody without an account opens nothing either.
pub(super) async fn viewer_of(app: &App, token: &str) -> Result<Viewer> {
    let provider = app.provider.as_ref().ok_or(Error::Unauthenticated)?;
    let verified = provider.verify(app.now(), token).await?;
    let account = find(&app.store.read().await?, &verified).await?.ok_or(Error::Unauthenticated)?;
    let (credential, ends_at) = (Credential::Provider, verified.expires_at);
    Ok(Viewer::by(account, Pass { credential, roles: Roles::ALL, within: None, ends_at }))
}

async fn find(tx: &Tx, who: &Verified) -> Result<Option<i64>> {
    let mut sql = tx.sql("SELECT account_id AS id FROM account_identity WHERE issuer = ");
    let (issuer, subject) = (sql.bind(who.issuer.as_str()), sql.bind(who.subject.as_str()));
    sql.push(&format!("{issuer} AND subject = {subject}"));
    Ok(tx.ids(sql).await?.pop())
}

/// `identityLink`: the account of the one-time token is from now on whoever the provider's token names.
pub async fn link(app: &App, caller: &Caller, token: &str, identity_token: &str) -> Result<()> {
    let mut attempts = app.store.attempts();
    loop {
        let error = match attempt(app, caller, token, identity_token).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if let Err(error) = attempts.again_after(error).await {
            return Err(trail::refused(app, caller, "identityLink", None, error).await);
        }
    }
}

async fn attempt(app: &App, caller: &Caller, token: &str, identity_token: &str) -> Result<()> {
    let refused = || {
        let said = message!("the identity provider's token is not good");
        Error::user(ErrorCode::TokenNotValid, "identityToken", said)
    };
    let provider = app.provider.as_ref().ok_or_else(refused)?;
    let who = match provider.verify(app.now(), identity_token).await {
        Err(Error::Unauthenticated) => return Err(refused()),
        verified => verified?,
    };
    let tx = app.store.write().await?;
    let purposes = &[OneTimePurpose::Invitation, OneTimePurpose::PasswordReset];
    let account = one_time::redeem(app, &tx, token, purposes).await?;
    claim(app, &tx, account).await?;
    keep(app, &tx, account, &who.issuer, &who.subject).await?;
    trail::done_to_account(app, &tx, caller, "identityLink", account).await?;
    tx.commit().await
}

/// The account is from now on this subject's of the issuer, and no other's.
pub async fn keep(app: &App, tx: &Tx, account: i64, issuer: &str, subject: &str) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM account_identity WHERE account_id = ");
    let (id, from) = (sql.bind(account), sql.bind(issuer));
    sql.push(&format!("{id} AND issuer = {from}"));
    tx.run(sql).await?;
    let row =
        Model { issuer: issuer.to_owned(), subject: subject.to_owned(), account_id: account, linked_at: app.now() };
    if tx.insert::<Entity>(&[row], Conflict::Keep).await? == 0 {
        let said = message!("this identity belongs to another account");
        return Err(Error::user(ErrorCode::CodeNotAvailable, "identityToken", said));
    }
    Ok(())
}

/// The account belongs to nobody at any provider any more.
pub async fn unlink(tx: &Tx, account: i64) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM account_identity WHERE account_id = ");
    let id = sql.bind(account);
    sql.push(&id);
    tx.run(sql).await?;
    Ok(())
}
