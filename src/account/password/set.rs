//! `passwordSet`: a new password by a one-time token, an invitation's or a reset's. It signs in, and ends all other sessions.

use entity::enums::OneTimePurpose;

use super::store::{Stored, of_account, put};
use super::{check, hash};
use crate::access::Caller;
use crate::account::session::{self, Lifetimes, SessionTokens};
use crate::account::trail;
use crate::account::{claim, one_time};
use crate::app::App;
use crate::error::Result;

const PURPOSES: &[OneTimePurpose] = &[OneTimePurpose::Invitation, OneTimePurpose::PasswordReset];

/// Redeems the token. One that is no good is refused before anything is computed; a password that is no good leaves it good.
pub async fn set(
    app: &App,
    caller: &Caller,
    token: &str,
    password: &str,
    device: Option<&str>,
) -> Result<SessionTokens> {
    match attempted(app, caller, token, password, device).await {
        Ok(tokens) => Ok(tokens),
        Err(error) => Err(trail::refused(app, caller, "passwordSet", None, error).await),
    }
}

async fn attempted(
    app: &App,
    caller: &Caller,
    token: &str,
    password: &str,
    device: Option<&str>,
) -> Result<SessionTokens> {
    let device = session::device(device)?;
    let tx = app.store.read().await?;
    let account = one_time::peek(app, &tx, token, PURPOSES).await?;
    let Stored { email, phone, .. } = of_account(&tx, account).await?;
    drop(tx);
    let names = [email.as_deref().unwrap_or_default(), phone.as_deref().unwrap_or_default()];
    let password = check("password", password, &names)?;
    let fresh = hash(app, &password).await?;
    let mut attempts = app.store.attempts();
    loop {
        match redeem(app, caller, token, &fresh, device.clone()).await {
            Ok(tokens) => return Ok(tokens),
            Err(error) => attempts.again_after(error).await?,
        }
    }
}

async fn redeem(app: &App, caller: &Caller, token: &str, fresh: &str, device: Option<String>) -> Result<SessionTokens> {
    let tx = app.store.write().await?;
    let account = one_time::redeem(app, &tx, token, PURPOSES).await?;
    claim(app, &tx, account).await?;
    put(&tx, account, fresh, app.now()).await?;
    session::revoke_others(app, &tx, account, None).await?;
    let tokens = session::begin(app, &tx, account, device, Lifetimes::of(app)).await?;
    trail::done(app, &tx, caller, "passwordSet", account, tokens.session).await?;
    tx.commit().await?;
    Ok(tokens)
}
