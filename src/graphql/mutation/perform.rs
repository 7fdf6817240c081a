//! What every mutation does around its command.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use crate::audit;
use crate::command::{About, Command, Shared, execute, execute_together};
use crate::error::Error;
use crate::graphql::enums::ErrorCode;
use crate::graphql::error::expose;
use crate::graphql::operation::{Operation, operation};

/// Something in the input that the caller can mend.
#[derive(Clone, Debug)]
pub struct UserError(crate::error::UserError);

/// Something in the input that the caller can mend.
#[Object]
impl UserError {
    /// Stable; explained in docs/errors.md.
    async fn code(&self) -> ErrorCode {
        self.0.code.into()
    }

    /// Path inside the input, outermost first; empty or null where it is about the whole.
    async fn field(&self) -> Option<&Vec<String>> {
        (!self.0.field.is_empty()).then_some(&self.0.field)
    }

    /// What was wrong, and how to mend it; in Vietnamese or English, by Accept-Language.
    async fn message(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.0.message.text(operation(ctx)?.caller.messages()))
    }
}

impl From<crate::error::UserError> for UserError {
    fn from(error: crate::error::UserError) -> Self {
        UserError(error)
    }
}

/// The id of what was changed, or what the caller can mend.
pub type Outcome = std::result::Result<i64, Vec<UserError>>;

/// What was done, or what the caller can mend; anything else is an error of the field.
pub fn settled<T>(op: &Operation, done: crate::error::Result<T>) -> Result<std::result::Result<T, Vec<UserError>>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Error::User(errors)) => {
            op.note_user_errors(&errors);
            Ok(Err(errors.into_iter().map(UserError::from).collect()))
        }
        Err(error) => Err(expose(error)),
    }
}

/// The idempotency key of a mutation that nobody is signed in for.
pub fn key(key: Option<&str>) -> std::result::Result<Option<&str>, crate::error::UserError> {
    match key {
        Some(key) => crate::text::line("idempotencyKey", key, 200).map(|_| Some(key)),
        None => Ok(None),
    }
}

/// Runs the command; what is read afterwards sees it.
pub async fn perform<C: Command>(ctx: &Context<'_>, key: Option<String>, command: C) -> Result<Outcome> {
    let done = run(ctx, key, &command).await;
    settled(operation(ctx)?, done)
}

/// As [`perform`], in one transaction with others who come at the same time; with what the object is now, where this changed it.
pub async fn perform_together<C: Shared>(
    ctx: &Context<'_>,
    key: Option<String>,
    command: C,
) -> Result<(Outcome, Option<C::After>)> {
    kept_apart(ctx, run_together(ctx, key, &command).await)
}

/// As [`perform_together`], for one item of many: what is wrong with it alone is its own.
pub async fn perform_item<C: Shared>(
    ctx: &Context<'_>,
    key: Option<String>,
    command: C,
) -> Result<(Outcome, Option<C::After>)> {
    use crate::error::ErrorCode as Code;
    let own = |code, error: &Error| Error::user(code, "id", error.public_message());
    let done = run_together(ctx, key, &command).await.map_err(|error| match error {
        Error::NotFound(_) => own(Code::NotFound, &error),
        Error::Forbidden(_) => own(Code::Forbidden, &error),
        error => error,
    });
    kept_apart(ctx, done)
}

/// The outcome, and what the object is now.
fn kept_apart<A>(ctx: &Context<'_>, done: crate::error::Result<(i64, Option<A>)>) -> Result<(Outcome, Option<A>)> {
    let (done, after) = match done {
        Ok((id, after)) => (Ok(id), after),
        Err(error) => (Err(error), None),
    };
    Ok((settled(operation(ctx)?, done)?, after))
}

/// Records a refusal that comes before any command, and hands its error back.
pub async fn refused(op: &Operation, action: &str, error: Error) -> Error {
    let (outcome, codes) = (audit::outcome_of(&error), audit::codes_of(&error));
    audit::record(&op.app, &op.caller, action, About::Federation, outcome, &codes).await;
    error
}

async fn run<C: Command>(ctx: &Context<'_>, key: Option<String>, command: &C) -> crate::error::Result<i64> {
    let op = in_time(ctx)?;
    let done = execute(&op.app, &op.caller, key.as_deref(), command).await;
    op.renew().await;
    done
}

async fn run_together<C: Shared>(
    ctx: &Context<'_>,
    key: Option<String>,
    command: &C,
) -> crate::error::Result<(i64, Option<C::After>)> {
    let op = in_time(ctx)?;
    let done = execute_together(&op.app, &op.caller, key.as_deref(), command).await;
    op.renew().await;
    done
}

/// The operation, unless it has had its time: commands before this one are done, and it has not begun.
fn in_time<'a>(ctx: &Context<'a>) -> crate::error::Result<&'a Arc<Operation>> {
    let op = operation(ctx).map_err(|error| Error::Internal(error.message))?;
    if op.is_over() { Err(Error::Timeout) } else { Ok(op) }
}

/// Declares a payload with the changed object, and how to make it of an outcome.
macro_rules! payload {
    ($payload:ident { $field:ident: $type:ident } by $batch:ident) => {
        #[doc = concat!("What the mutation answers: done where `userErrors` is empty.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $payload {
            /// The object as it is now, where the viewer may see it; null where nothing was changed.
            $field: Option<$type>,
            /// What the caller can mend; empty: done, all of it.
            user_errors: Vec<$crate::graphql::mutation::perform::UserError>,
        }

        impl $payload {
            async fn of(
                ctx: &async_graphql::Context<'_>,
                outcome: $crate::graphql::mutation::perform::Outcome,
            ) -> async_graphql::Result<Self> {
                match outcome {
                    Err(user_errors) => Ok(Self { $field: None, user_errors }),
                    Ok(id) => {
                        let op = $crate::graphql::operation::operation(ctx)?;
                        let found = op.load::<$batch>(id).await.map_err($crate::graphql::error::expose)?;
                        Ok(Self { $field: found.map($type::from), user_errors: Vec::new() })
                    }
                }
            }
        }
    };
}

pub(super) use payload;
