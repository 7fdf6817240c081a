//! That whoever asks knows the account's present password.

use super::store::{Stored, lock, of_account};
use super::{Verdict, prepared, verify};
use crate::access::Caller;
use crate::account::throttle::{self, Attempt, Trying};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::store::Tx;
use crate::text::message;

/// The present password was right when it was compared.
pub struct Proof {
    /// The stored hash that it was compared with.
    seen: String,
    attempt: Attempt,
}

impl Proof {
    /// Compares the present password, throttled as signing in is. `None`: the account has none.
    ///
    /// # Errors
    /// REQUIRED where it is left out, WRONG_CREDENTIALS where it is another one, RATE_LIMITED after too many of those.
    pub async fn of(app: &App, caller: &Caller, account: i64, present: Option<&str>) -> Result<Option<Proof>> {
        let tx = app.store.read().await?;
        let Stored { hash, .. } = of_account(&tx, account).await?;
        drop(tx);
        let Some(seen) = hash else { return Ok(None) };
        let present = present.ok_or_else(required)?;
        let attempt = throttle::admit(app, Trying::SignIn, &format!("account {account}"), caller.address).await?;
        match verify(app, &prepared(present).unwrap_or_default(), Some(&seen)).await? {
            Verdict::Wrong => Err(wrong()),
            _ => Ok(Some(Proof { seen, attempt })),
        }
    }

    /// In the transaction that it is for: still right, where there is a password.
    pub async fn check(app: &App, tx: &Tx, account: i64, proof: Option<&Proof>) -> Result<()> {
        match (lock(tx, account).await?, proof) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(required()),
            (Some(stored), Some(proof)) if stored == proof.seen => throttle::settle(app, tx, &proof.attempt).await,
            (Some(_), Some(_)) => Err(wrong()),
        }
    }
}

fn required() -> Error {
    let message = message!("whoever has a password gives it to change an e-mail address or phone number");
    Error::user(ErrorCode::Required, "currentPassword", message)
}

fn wrong() -> Error {
    Error::user(ErrorCode::WrongCredentials, "currentPassword", message!("the present password is wrong"))
}
