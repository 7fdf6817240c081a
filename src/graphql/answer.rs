//! Answers as transports send them.

use async_graphql::{Response, ServerError, Value};

use super::error::with_code;
use super::limits::{BUSY, RATE_LIMITED, Refusal};
use crate::error::Error;
use crate::text::Language;

pub struct Answer {
    /// The response as JSON; without `data` on a request error.
    pub body: Vec<u8>,
    pub kind: AnswerKind,
    /// SQL statements that reading took.
    pub statements: u32,
    /// Seconds after which to come again, where the request may be served then.
    pub retry_after: Option<u64>,
}

/// Errors of a request that is not executed: who mends these sees the others.
const MOST_ERRORS: usize = 5;

impl Answer {
    /// The answers of a batch as one, a list in their order.
    pub fn of_batch(answers: Result<Vec<Answer>, Answer>) -> Answer {
        let answers = match answers {
            Ok(answers) => answers,
            Err(refused) => return refused,
        };
        let statements = answers.iter().map(|answer| answer.statements).sum();
        let bodies: Vec<Vec<u8>> = answers.into_iter().map(|answer| answer.body).collect();
        let body = [b"[".as_slice(), &bodies.join(&b","[..]), b"]"].concat();
        Answer { body, kind: AnswerKind::Executed, statements, retry_after: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Executed: there is data, perhaps null, perhaps with errors.
    Executed,
    /// Nothing was executed: parse, validation, operation name, variables.
    RequestError,
    MutationOverGet,
    /// The caller asked for too much at this moment.
    RateLimited,
    /// The server has too much to do at this moment.
    Busy,
}

/// The answer to what is not executed.
pub(super) fn refused(error: ServerError, code: &str, kind: AnswerKind) -> Answer {
    let body = serde_json::json!({ "errors": [with_code(error, code)] });
    Answer { body: body.to_string().into_bytes(), kind, statements: 0, retry_after: None }
}

/// The answer to what asks for too much.
pub(super) fn limited(refusal: Refusal, language: Language) -> Answer {
    let (code, retry_after) = (refusal.code, refusal.retry_after);
    let kind = match code {
        RATE_LIMITED => AnswerKind::RateLimited,
        BUSY => AnswerKind::Busy,
        _ => AnswerKind::RequestError,
    };
    Answer { retry_after, ..refused(refusal.into_error(language), code, kind) }
}

/// An operation that ran out of time answers with that alone: what was read in time is a matter of chance.
pub(super) fn cut_short(response: &mut Response) {
    let is_timeout = |error: &ServerError| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        code == Some(&Value::from(Error::Timeout.code()))
    };
    if let Some(at) = response.errors.iter().position(is_timeout) {
        response.errors = vec![response.errors.swap_remove(at)];
        response.data = Value::Null;
    }
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
        response.errors.truncate(MOST_ERRORS);
        let body = serde_json::json!({ "errors": response.errors }).to_string().into_bytes();
        (AnswerKind::RequestError, body)
    } else {
        // A response of ours always serialises: keys are strings and numbers are finite.
        (AnswerKind::Executed, serde_json::to_vec(&response).unwrap_or_default())
    };
    Answer { body, kind, statements: 0, retry_after: None }
}

/// The seconds to wait, where the only root field was held up by too many attempts.
pub(super) fn held_up(response: &Response) -> Option<u64> {
    let [error] = response.errors.as_slice() else { return None };
    let extensions = error.extensions.as_ref()?;
    let Value::Number(seconds) = extensions.get("retryAfter")? else { return None };
    let alone = response.data == Value::Null && error.path.len() == 1;
    seconds.as_u64().filter(|_| alone && extensions.get("code") == Some(&Value::from(RATE_LIMITED)))
}

/// Nothing was executed: it is a request error that HTTP tells by its status.
pub(super) fn throttled(mut response: Response, seconds: u64) -> Answer {
    response.errors.iter_mut().for_each(|error| error.path.clear());
    let body = serde_json::json!({ "errors": response.errors, "extensions": response.extensions });
    let (kind, body) = (AnswerKind::RateLimited, body.to_string().into_bytes());
    Answer { body, kind, statements: 0, retry_after: Some(seconds) }
}
