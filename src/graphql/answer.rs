//! Answers as transports send them.

use async_graphql::{Response, ServerError, Value};

use super::error::with_code;

pub struct Answer {
    /// The response as JSON; without `data` on a request error.
    pub body: Vec<u8>,
    pub kind: AnswerKind,
    /// SQL statements that reading took.
    pub statements: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Executed: there is data, perhaps null, perhaps with errors.
    Executed,
    /// Nothing was executed: parse, validation, operation name, variables.
    RequestError,
    MutationOverGet,
}

/// The answer to what is not executed.
pub(super) fn refused(error: ServerError, code: &str, kind: AnswerKind) -> Answer {
    let body = serde_json::json!({ "errors": [with_code(error, code)] });
    Answer { body: body.to_string().into_bytes(), kind, statements: 0 }
}

/// Nothing was executed: no error is of a field.
pub(super) fn is_request_error(response: &Response) -> bool {
    let nothing = response.data == Value::Null;
    nothing && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

pub(super) fn render(mut response: Response) -> Answer {
    let request_error = is_request_error(&response);
    let default_code = if request_error { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_USER_INPUT" };
    response.errors = response.errors.into_iter().map(|error| with_code(error, default_code)).collect();
    let (kind, body) = if request_error {
        let body = serde_json::json!({ "errors": response.errors }).to_string().into_bytes();
        (AnswerKind::RequestError, body)
    } else {
        // A response of ours always serialises: keys are strings and numbers are finite.
        (AnswerKind::Executed, serde_json::to_vec(&response).unwrap_or_default())
    };
    Answer { body, kind, statements: 0 }
}
