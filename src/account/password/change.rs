//! `passwordChange`: one's own password, by the present one. Every other session of the account ends.

use entity::enums::AuditObject;
use serde::Serialize;

use super::{Verdict, check, fingerprint, hash, prepared, verify};
use crate::access::{Caller, Credential};
use crate::account::password::store::{Stored, lock, of_account, put};
use crate::account::throttle::{self, Attempt, Trying};
use crate::account::trail::unit_of;
use crate::account::{one_time, session};
use crate::app::App;
use crate::command::{About, Command, Done, Work, execute};
use crate::error::{Error, ErrorCode, Result};
use crate::text::{Message, message};

/// The change, once everything that takes long is computed.
#[derive(Serialize)]
struct PasswordChange {
    account: i64,
    /// A slow hash of the new password, so that another one under the same idempotency key is told from it.
    request: Option<String>,
    #[serde(skip)]
    done: Option<Computed>,
}

struct Computed {
    /// The stored hash that the present password was compared with.
    seen: String,
    fresh: String,
    attempt: Attempt,
}

/// What [`PasswordChange`] answers where the present password is wrong: not kept under a key, as a user's error would be.
fn wrong() -> Message {
    message!("the present password is wrong")
}

/// Changes the viewer's password; answers his account's id.
pub async fn change(app: &App, caller: &Caller, key: Option<&str>, present: &str, new: &str) -> Result<i64> {
    let account = caller.viewer.in_person()?;
    let tx = app.store.read().await?;
    let Stored { hash: stored, email, phone } = of_account(&tx, account).await?;
    drop(tx);
    let names = [email.as_deref().unwrap_or_default(), phone.as_deref().unwrap_or_default()];
    let new = check("newPassword", new, &names)?;
    let attempt = throttle::admit(app, Trying::SignIn, &format!("account {account}"), caller.address).await?;
    let present = prepared(present).unwrap_or_default();
    let right = verify(app, &present, stored.as_deref()).await? != Verdict::Wrong;
    let request = match key {
        None => None,
        Some(_) => Some(fingerprint(app, account, &new).await?),
    };
    let done = match stored {
        Some(seen) if right => Some(Computed { seen, fresh: hash(app, &new).await?, attempt }),
        _ => None,
    };
    match execute(app, caller, key, &PasswordChange { account, request, done }).await {
        Err(Error::BadInput(said)) if said == wrong() => {
            Err(Error::user(ErrorCode::WrongCredentials, "currentPassword", said))
        }
        other => other,
    }
}

impl Command for PasswordChange {
    const NAME: &'static str = "passwordChange";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Account, self.account)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let Work { app, tx, account, .. } = *work;
        work.viewer.in_person()?;
        let Computed { seen, fresh, attempt } = self.done.as_ref().ok_or_else(|| Error::BadInput(wrong()))?;
        if lock(tx, account).await?.as_ref() != Some(seen) {
            return Err(Error::BadInput(wrong()));
        }
        put(tx, account, fresh, app.now()).await?;
        throttle::settle(app, tx, attempt).await?;
        one_time::revoke(app, tx, account).await?;
        let present = match work.viewer.credential() {
            Credential::Session { session, .. } => Some(session),
            _ => None,
        };
        session::revoke_others(app, tx, account, present).await?;
        Ok(Done::of(AuditObject::Account, account, unit_of(tx, account).await?))
    }
}
