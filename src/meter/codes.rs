//! The codes of errors that are counted: all that docs/errors.md has.

/// Codes of top-level errors and of refusals by HTTP.
pub const CODES: &[&str] = &[
    "UNAUTHENTICATED",
    "NOT_FOUND",
    "FORBIDDEN",
    "BAD_USER_INPUT",
    "BUSY",
    "INTERNAL",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "LIMIT_EXCEEDED",
    "COST_EXCEEDED",
    "RATE_LIMITED",
    "TIMEOUT",
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "PERSISTED_QUERY_NOT_FOUND",
    "TRUSTED_DOCUMENTS_ONLY",
    "TOO_MANY_STREAMS",
    "FELL_BEHIND",
    "BAD_REQUEST",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
];

/// The code as it is counted.
pub fn known(code: &str) -> &'static str {
    CODES.iter().find(|known| **known == code).copied().unwrap_or("OTHER")
}
