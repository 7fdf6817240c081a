//! One write: who asks, once or again, in one transaction, run anew where the database asks for it.

mod idempotency;

use std::future::Future;

use serde::Serialize;

use crate::access::{Caller, Viewer, holds};
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Attempts, Tx};

/// A mutation. Its fields are its input, and with its name they are what an idempotency key stands for.
pub trait Command: Serialize + Send + Sync {
    const NAME: &'static str;

    /// Authorises, decides and writes; answers the id of the changed object. May run several times.
    fn run(&self, work: &Work<'_>) -> impl Future<Output = Result<i64>> + Send;
}

/// What a command works with.
pub struct Work<'a> {
    pub app: &'a App,
    pub tx: &'a Tx,
    pub caller: &'a Caller,
    pub viewer: Viewer,
    /// The account that asks.
    pub account: i64,
}

/// Runs the command to its end: done and durable, or nothing changed.
pub async fn execute<C: Command>(app: &App, caller: &Caller, key: Option<&str>, command: &C) -> Result<i64> {
    let account = caller.viewer.signed_in()?;
    let key = key.map(|key| idempotency::Key::of(account, key, command)).transpose()?;
    let mut attempts = Attempts::default();
    loop {
        match attempt(app, caller, account, key.as_ref(), command).await {
            Ok(answer) => {
                app.fold_wanted.notify_one();
                return answer;
            }
            Err(error) => attempts.again_after(error).await?,
        }
    }
}

/// The inner result is the command's answer, which with a key is kept even where it says no.
async fn attempt<C: Command>(
    app: &App,
    caller: &Caller,
    account: i64,
    key: Option<&idempotency::Key>,
    command: &C,
) -> Result<Result<i64>> {
    let tx = app.store.write().await?;
    // It may have been revoked since the request began.
    if !holds(&tx, app.now(), caller.viewer).await? {
        return Err(Error::Unauthenticated);
    }
    let work = Work { app, tx: &tx, caller, viewer: caller.viewer, account };
    let Some(key) = key else {
        let id = command.run(&work).await?;
        tx.commit().await?;
        return Ok(Ok(id));
    };
    if let Some(answered) = key.claim(&tx, app.now()).await? {
        return Ok(answered);
    }
    tx.savepoint().await?;
    let answer = command.run(&work).await;
    match &answer {
        Ok(_) => {}
        Err(Error::User(_)) => tx.rollback_to_savepoint().await?,
        Err(error) => return Err(error.clone()),
    }
    key.keep(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}
