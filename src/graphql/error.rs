//! Errors as clients see them.

use std::fmt;

use async_graphql::{ErrorExtensions, ServerError};

use crate::error::Error;
use crate::text::{Language, Message};

/// A message on its way through the executor, which knows no languages.
struct Said(Message);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.english())
    }
}

/// The error with its stable code; what belongs to the server's own insides goes to the log instead.
pub fn expose(error: Error) -> async_graphql::Error {
    if matches!(error, Error::Setting(_) | Error::Database(_) | Error::Internal(_)) {
        tracing::error!(%error, "a field failed");
    }
    let code = error.code();
    let said = async_graphql::Error::new_with_source(Said(error.public_message()));
    said.extend_with(|_, extensions| {
        extensions.set("code", code);
        if let Error::RateLimited(seconds) = error {
            extensions.set("retryAfter", seconds);
        }
    })
}

/// The error in the caller's language, where it is one of [`expose`]; those of the library are English.
pub fn in_language(mut error: ServerError, language: Language) -> ServerError {
    if let Some(text) = error.source::<Said>().map(|said| said.0.text(language)) {
        error.message = text;
    }
    error
}

/// The error with a code, unless it has one.
pub fn with_code(mut error: ServerError, code: &str) -> ServerError {
    let extensions = error.extensions.get_or_insert_with(Default::default);
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    error
}
