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
    pub wrong: Wrong,
}

/// What is wrong in an answer, for those who count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    /// The codes of its errors.
    pub codes: Vec<String>,
    /// The limit that refused it.
    pub limit: Option<&'static str>,
}

impl Wrong {
    pub fn of(code: &str) -> Wrong {
        Wrong { codes: vec![code.to_owned()], limit: None }
    }
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
        // Each of them has been counted.
        Answer { body, kind: AnswerKind::Executed, statements, retry_after: None, wrong: Wrong::default() }
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
    Answer { body: body.to_string().into_bytes(), kind, statements: 0, retry_after: None, wrong: Wrong::of(code) }
}

/// The answer to what asks for too much.
pub(super) fn limited(refusal: Refusal, language: Language) -> Answer {
    let (code, retry_after, limit) = (refusal.code, refusal.retry_after, refusal.which);
    let kind = match code {
        RATE_LIMITED => AnswerKind::RateLimited,
        BUSY => AnswerKind::Busy,
        _ => AnswerKind::RequestError,
    };
    let wrong = Wrong { limit, ..Wrong::of(code) };
    Answer { retry_after, wrong, ..refused(refusal.into_error(language), code, kind) }
}

/// An operation that ran out of time answers with that alone: what was read in time is a matter of chance.
pub(super) fn cut_short(response: &mut Response) {
    let is_timeout = |error: &ServerError| code_of(error) == Some(Error::Timeout.code());
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
    if request_error {
        response.errors.truncate(MOST_ERRORS);
    }
    let codes = response.errors.iter().filter_map(code_of).map(str::to_owned).collect();
    let (kind, body) = if request_error {
        let body = serde_json::json!({ "errors": response.errors }).to_string().into_bytes();
        (AnswerKind::RequestError, body)
    } else {
        // A response of ours always serialises: keys are strings and numbers are finite.
        (AnswerKind::Executed, serde_json::to_vec(&response).unwrap_or_default())
    };
    Answer { body, kind, statements: 0, retry_after: None, wrong: Wrong { codes, limit: None } }
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
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
    let wrong = Wrong { limit: Some("attempts"), ..Wrong::of(RATE_LIMITED) };
    Answer { body, kind, statements: 0, retry_after: Some(seconds), wrong }
}
