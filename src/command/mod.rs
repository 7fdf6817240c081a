//! One write: who asks, once or again, in one transaction, run anew where the database asks for it; and its line in the audit
//! log, whatever becomes of it.

mod idempotency;
mod together;

use std::future::Future;

use entity::enums::AuditOutcome;
use serde::Serialize;

use crate::access::{Caller, Viewer, holds};
use crate::app::App;
use crate::audit::{self, Origin};
use crate::error::{Error, ErrorCode, Result, UserError};
use crate::store::Tx;

pub use crate::audit::{About, Done};
pub use together::{Given, Shared, execute_together};

/// A mutation. Its fields are its input, and with its name they are what an idempotency key stands for.
///
/// The audit log has a line of every command, without its help: done, refused, denied, failed or repeated. All that a command
/// does for it is to say beforehand what it is about, and afterwards what it changed:
///
/// ```ignore
/// fn about(&self) -> About<'_> {
///     About::Unit(&self.unit)
/// }
///
/// async fn run(&self, work: &Work<'_>) -> Result<Done> {
///     …
///     Ok(Done::of(AuditObject::Grant, grant.id, grant.unit_id).field("role", None, Some(grant.role.to_value())))
/// }
/// ```
pub trait Command: Serialize + Send + Sync {
    const NAME: &'static str;

    /// What the caller wants it done to, by the input alone. Whose business a refusal is follows from it.
    fn about(&self) -> About<'_>;

    /// Authorises, decides and writes; answers the changed object and what of it has changed. May run several times.
    fn run(&self, work: &Work<'_>) -> impl Future<Output = Result<Done>> + Send;
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

/// What a caller is answered, and whether it was done now or once before.
struct Answer {
    answer: Result<i64>,
    repeated: bool,
}

/// Refuses what is no key, for a mutation whose answers are not kept.
pub fn check_key(key: Option<&str>) -> std::result::Result<(), UserError> {
    key.map_or(Ok(()), |key| idempotency::check_key(key).map(|_| ()))
}

/// Runs the command to its end: done and durable, or nothing changed; answers the changed object's id.
pub async fn execute<C: Command>(app: &App, caller: &Caller, key: Option<&str>, command: &C) -> Result<i64> {
    told(app, caller, command, executed(app, caller, key, command).await).await
}

/// What the caller is told; what was not done now has its own line in the audit log.
async fn told<C: Command>(app: &App, caller: &Caller, command: &C, done: Result<Answer>) -> Result<i64> {
    let (outcome, codes) = match &done {
        Ok(Answer { answer: Ok(_), repeated: false }) => return done?.answer,
        Ok(Answer { answer: Ok(_), repeated: true }) => (AuditOutcome::Repeated, Vec::new()),
        Ok(Answer { answer: Err(error), repeated: true }) => (AuditOutcome::Repeated, audit::codes_of(error)),
        Ok(Answer { answer: Err(error), repeated: false }) | Err(error) => {
            (audit::outcome_of(error), audit::codes_of(error))
        }
    };
    audit::record(app, caller, C::NAME, command.about(), outcome, &codes).await;
    done?.answer
}

async fn executed<C: Command>(app: &App, caller: &Caller, key: Option<&str>, command: &C) -> Result<Answer> {
    let account = caller.viewer.signed_in()?;
    let key = key.map(|key| idempotency::Key::of(account, key, command)).transpose()?;
    let mut attempts = app.store.attempts();
    loop {
        match attempt(app, caller, account, key.as_ref(), command).await {
            Ok(answer) => {
                app.fold_wanted.notify_one();
                return Ok(answer);
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
) -> Result<Answer> {
    let tx = app.store.write().await?;
    // It may have been revoked since the request began.
    if !holds(&tx, app.now(), caller.viewer).await? {
        return Err(Error::Unauthenticated);
    }
    let work = Work { app, tx: &tx, caller, viewer: caller.viewer, account };
    let Some(key) = key else {
        let id = run(&work, command).await?;
        tx.commit().await?;
        return Ok(Answer { answer: Ok(id), repeated: false });
    };
    match key.claim(&tx, app.now()).await? {
        Some(Err(error)) if error.is(ErrorCode::IdempotencyKeyReused) => return Err(error),
        Some(answer) => return Ok(Answer { answer, repeated: true }),
        None => {}
    }
    tx.savepoint().await?;
    let answer = run(&work, command).await;
    match &answer {
        Ok(_) => {}
        Err(Error::User(_)) => tx.rollback_to_savepoint().await?,
        Err(error) => return Err(error.clone()),
    }
    key.keep(&tx, &answer).await?;
    tx.commit().await?;
    Ok(Answer { answer, repeated: false })
}

/// Runs it and writes its line.
async fn run<C: Command>(work: &Work<'_>, command: &C) -> Result<i64> {
    let done = command.run(work).await?;
    if !matches!(command.about(), About::Parts) {
        audit::write(work.app, work.tx, &Origin::from(work.caller), C::NAME, &done).await?;
    }
    Ok(done.id)
}
