//! Errors as clients see them.

use async_graphql::{ErrorExtensions, ServerError};

use crate::error::Error;

/// The error with its stable code; what belongs to the server's own insides goes to the log instead.
pub fn expose(error: Error) -> async_graphql::Error {
    if matches!(error, Error::Database(_) | Error::Internal(_)) {
        tracing::error!(%error, "a field failed");
    }
    let code = error.code();
    async_graphql::Error::new(error.public_message()).extend_with(|_, extensions| extensions.set("code", code))
}

/// The error with a code, unless it has one.
pub fn with_code(mut error: ServerError, code: &str) -> ServerError {
    let extensions = error.extensions.get_or_insert_with(Default::default);
    if extensions.get("code").is_none() {
        extensions.set("code", code);
    }
    error
}
