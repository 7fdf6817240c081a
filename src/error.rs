//! Every way in which a request may fail. The database's own texts stay in here and in the log.

use std::borrow::Cow;

use sea_orm::{DbErr, RuntimeErr};
use serde::{Deserialize, Serialize};

use crate::store::is_away;
use crate::text::{Message, message};

pub type Result<T> = std::result::Result<T, Error>;

/// Which error goes where: [`Error::User`] becomes `userErrors` of a payload, everything else a top-level error whose
/// `extensions.code` is [`Error::code`].
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("not signed in")]
    Unauthenticated,
    /// Does not exist, or is invisible: the two answer alike.
    #[error("{}", .0.english())]
    NotFound(Message),
    /// Visible, but the policy does not allow the action.
    #[error("{}", .0.english())]
    Forbidden(Message),
    /// An argument that no data could make right.
    #[error("{}", .0.english())]
    BadInput(Message),
    #[error("{} error(s) in the input", .0.len())]
    User(Vec<UserError>),
    /// Too often: how many seconds to wait.
    #[error("too many attempts: wait {0} second(s)")]
    RateLimited(i64),
    #[error("the database is busy: try again")]
    Busy,
    /// The operation took longer than it may; nothing of it runs any more.
    #[error(
        "the operation took too long and was ended: ask for less at once, such as smaller pages, no totals, or a smaller unit"
    )]
    Timeout,
    #[error("database: {0}")]
    Database(DbErr),
    /// What whoever runs the program must mend: a flag, a file, an address. No caller's doing.
    #[error("{0}")]
    Setting(String),
    /// A broken invariant of the server itself.
    #[error("{0}")]
    Internal(String),
}

/// Something in a mutation's input that the caller can mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserError {
    pub code: ErrorCode,
    /// Path inside the input, outermost first.
    pub field: Vec<String>,
    pub message: Message,
}

/// Stable codes of user errors, explained in docs/errors.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    Required,
    TooLong,
    Invalid,
    OutOfRange,
    UnknownCode,
    CodeNotAvailable,
    StaleVersion,
    IllegalState,
    OutOfPeriod,
    OwnInitiative,
    IllegalParent,
    Cycle,
    Shares,
    TokenNotValid,
    /// A role that nobody gives himself.
    OwnAccount,
    /// The last ADMIN of a unit, or the last OPERATOR.
    LastAdmin,
    WrongCredentials,
    SessionEnded,
    PasswordTooWeak,
    IdempotencyKeyReused,
    /// Of one item of a bulk mutation.
    NotFound,
    /// Of one item of a bulk mutation.
    Forbidden,
}

impl UserError {
    pub fn new(code: ErrorCode, field: &str, message: Message) -> Self {
        let field = if field.is_empty() { Vec::new() } else { field.split('.').map(str::to_owned).collect() };
        Self { code, field, message }
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        Error::User(vec![error])
    }
}

impl Error {
    pub fn user(code: ErrorCode, field: &str, message: Message) -> Self {
        UserError::new(code, field, message).into()
    }

    pub fn unit_not_found(code: &str) -> Self {
        Error::NotFound(message!("no unit with code \"{code}\" that you may see", code = clip(code)))
    }

    pub fn programme_not_found(code: &str) -> Self {
        Error::NotFound(message!("no programme with code \"{code}\" that you may see", code = clip(code)))
    }

    pub fn id_not_found() -> Self {
        Error::NotFound(message!("no object with this id that you may see"))
    }

    /// The stable `extensions.code` of a top-level error.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Unauthenticated => "UNAUTHENTICATED",
            Error::NotFound(_) => "NOT_FOUND",
            Error::Forbidden(_) => "FORBIDDEN",
            Error::BadInput(_) | Error::User(_) => "BAD_USER_INPUT",
            Error::RateLimited(_) => "RATE_LIMITED",
            Error::Busy => "BUSY",
            Error::Timeout => "TIMEOUT",
            Error::Setting(_) | Error::Database(_) | Error::Internal(_) => "INTERNAL",
        }
    }

    /// Whether it is one error of the input, with this code.
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Error::User(errors) if matches!(errors.as_slice(), [only] if only.code == code))
    }

    /// What a caller may read: everything but the server's own insides.
    pub fn public_message(&self) -> Message {
        match self {
            Error::Unauthenticated => message!("sign in first: send the header Authorization: Bearer <token>"),
            Error::NotFound(message) | Error::Forbidden(message) | Error::BadInput(message) => message.clone(),
            Error::User(errors) => match errors.as_slice() {
                [one] => one.message.clone(),
                more => message!("{n} values of the input are wrong", n = more.len()),
            },
            Error::RateLimited(seconds) => message!("too many attempts: wait {seconds} second(s)", seconds),
            Error::Busy => message!("the database is busy: try again"),
            Error::Timeout => {
                message!(
                    "the operation took too long and was ended: ask for less at once, such as smaller pages, no totals, or a smaller unit"
                )
            }
            Error::Setting(_) | Error::Database(_) | Error::Internal(_) => Message::internal(),
        }
    }

    /// True where the same transaction may succeed when it is run again: serialisation failure, deadlock, a key taken meanwhile, busy.
    pub fn is_transient(&self) -> bool {
        let Error::Database(error) = self else { return false };
        // A key that was free when it was looked for (23505) is found taken when all is done again.
        matches!(database_code(error).as_deref(), Some("40001" | "40P01" | "23505" | "5" | "261" | "517"))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match database_code(&error).as_deref() {
            // Cancelled by PostgreSQL at its limit of time; interrupted by SQLite's progress handler.
            Some("57014" | "9") => Error::Timeout,
            _ if is_away(&error) => {
                tracing::warn!(%error, "the database is away");
                Error::Busy
            }
            _ => Error::Database(error),
        }
    }
}

/// What the database calls the error.
fn database_code(error: &DbErr) -> Option<Cow<'_, str>> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return None;
    };
    error.as_database_error()?.code()
}

/// Names in messages are short, whatever was sent.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Collects user errors so that a caller learns of all of them at once.
#[derive(Default)]
pub struct Faults(Vec<UserError>);

impl Faults {
    pub fn add(&mut self, code: ErrorCode, field: &str, message: Message) {
        self.0.push(UserError::new(code, field, message));
    }

    /// Keeps the value, or the fault of it.
    pub fn take<T>(&mut self, parsed: std::result::Result<T, UserError>) -> Option<T> {
        parsed.map_err(|error| self.0.push(error)).ok()
    }

    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::User(self.0)) }
    }

    /// The parsed values, once nothing is wrong with any input.
    pub fn finish_with<T>(self, values: Option<T>) -> Result<T> {
        self.finish()?;
        values.ok_or_else(|| Error::Internal("a value is missing without a fault".to_owned()))
    }
}
