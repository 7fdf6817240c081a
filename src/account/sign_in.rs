//! Signing in with a login and a password. Whether the account exists, has a password, or the password is wrong: one answer,
//! by the same statements, after the same computation.

use sea_orm::FromQueryResult;

use super::open::{email_key, phone_key};
use super::password::store::{lock, rehash};
use super::password::{self, Verdict};
use super::session::{self, Lifetimes, SessionTokens};
use super::throttle::{self, Attempt, Trying};
use super::trail;
use crate::access::Caller;
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::meter;
use crate::store::Tx;
use crate::text::{self, message};

/// What somebody signs in with.
pub struct SignIn {
    /// E-mail address or phone number.
    pub login: String,
    pub password: String,
    /// What the client calls itself.
    pub device: Option<String>,
}

/// The account of a login, as far as signing in needs it.
#[derive(FromQueryResult)]
pub(super) struct Known {
    pub id: i64,
    pub hash: Option<String>,
}

/// A new session.
pub async fn sign_in(app: &App, caller: &Caller, input: &SignIn) -> Result<SessionTokens> {
    let mut account = None;
    let done = attempted(app, caller, input, &mut account).await;
    app.meter.sign_in(meter::SignIn::Password, &done);
    match done {
        Ok(tokens) => Ok(tokens),
        Err(error) => Err(trail::refused(app, caller, "signIn", account, error).await),
    }
}

async fn attempted(app: &App, caller: &Caller, input: &SignIn, account: &mut Option<i64>) -> Result<SessionTokens> {
    let device = super::session::device(input.device.as_deref())?;
    let login = login_key(&input.login);
    let attempt = throttle::admit(app, Trying::SignIn, &login, caller.address).await?;
    let tx = app.store.read().await?;
    let known = by_login(&tx, &login).await?;
    drop(tx);
    *account = known.as_ref().map(|known| known.id);
    // What cannot be a password is computed all the same.
    let password = password::prepared(&input.password);
    let stored = known.as_ref().and_then(|known| known.hash.as_deref());
    let stored = if password.is_some() { stored } else { None };
    let password = password.unwrap_or_default();
    let verdict = password::verify(app, &password, stored).await?;
    let (Some(Known { id, hash: Some(hash) }), Verdict::Right | Verdict::RightAndStale) = (known, verdict) else {
        return Err(refused());
    };
    let fresh = match verdict {
        Verdict::RightAndStale => Some(password::hash(app, &password).await?),
        _ => None,
    };
    let mut attempts = app.store.attempts();
    loop {
        match open(app, caller, id, [Some(hash.as_str()), fresh.as_deref()], device.clone(), &attempt).await {
            Ok(tokens) => return Ok(tokens),
            Err(error) => attempts.again_after(error).await?,
        }
    }
}

async fn open(
    app: &App,
    caller: &Caller,
    account: i64,
    [seen, fresh]: [Option<&str>; 2],
    device: Option<String>,
    attempt: &Attempt,
) -> Result<SessionTokens> {
    let tx = app.store.write().await?;
    // Held, so that a change of the password comes either before, and is noticed, or after, and ends this session.
    if lock(&tx, account).await?.as_deref() != seen {
        return Err(refused());
    }
    if let Some(fresh) = fresh {
        rehash(&tx, account, fresh).await?;
    }
    throttle::settle(app, &tx, attempt).await?;
    session::sweep(&tx, account, app.now()).await?;
    let tokens = session::begin(app, &tx, account, device, Lifetimes::of(app)).await?;
    trail::done(app, &tx, caller, "signIn", account, tokens.session).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// The login in the form in which accounts have it; what is neither address nor number is no account's.
pub(super) fn login_key(login: &str) -> String {
    let login = login.trim();
    let known = if login.contains('@') { email_key(login) } else { phone_key(login) };
    known.unwrap_or_else(|_| text::lower(&login.chars().take(300).collect::<String>()))
}

/// The account with this login; one statement, whatever the login looks like.
pub(super) async fn by_login(tx: &Tx, login: &str) -> Result<Option<Known>> {
    // No text in the database holds NUL, and PostgreSQL takes none.
    let login = login.replace('\0', "");
    let mut sql =
        tx.sql("SELECT a.id, p.hash FROM account a LEFT JOIN account_password p ON p.account_id = a.id WHERE ");
    let login = sql.bind(login);
    sql.push(&format!("a.email = {login} OR a.phone = {login}"));
    tx.one(sql).await
}

fn refused() -> Error {
    Error::user(ErrorCode::WrongCredentials, "", message!("login and password do not belong together"))
}
