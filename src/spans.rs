//! Spans for OpenTelemetry, and everything that they tell. What stands on no list here leaves the process with no span.
//!
//! They cost next to nothing where no collector is named: [`Span`]s of this module are made for the exporter alone.

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Status, TraceContextExt, TraceId};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::meter::{Kind, Name, Outcome, Pool};
use crate::store::Dialect;

/// What this module's spans are known by, to those who choose where spans go.
pub const TARGET: &str = module_path!();

/// How a span wants to be called; it is no attribute of what is sent.
pub const NAME: &str = "banyan.span.name";

/// The attributes that are sent, of any span.
pub const ATTRIBUTES: [&str; 11] =
    [METHOD, STATUS, ROUTE, PATH, SCHEME, REQUEST_ID, GRAPHQL_TYPE, GRAPHQL_NAME, OUTCOME, DATABASE, POOL];

pub const METHOD: &str = "http.request.method";
const STATUS: &str = "http.response.status_code";
const ROUTE: &str = "http.route";
const PATH: &str = "url.path";
const SCHEME: &str = "url.scheme";
const REQUEST_ID: &str = "banyan.request.id";
const GRAPHQL_TYPE: &str = "graphql.operation.type";
const GRAPHQL_NAME: &str = "graphql.operation.name";
const OUTCOME: &str = "banyan.outcome";
pub const DATABASE: &str = "db.system.name";
const POOL: &str = "banyan.pool";

/// What is told of a request at its beginning.
pub struct Arrived<'a> {
    /// Of those that HTTP knows; any other is none of the caller's to name.
    pub method: &'static str,
    /// None where nothing is served.
    pub path: Option<&'static str>,
    pub scheme: &'static str,
    pub id: &'a str,
}

/// Tells of a request in the span of its log lines, as a part of the trace that the caller's headers name. Answers the trace's id
/// where the span is made for an exporter.
pub fn request(span: &Span, headers: &dyn Extractor, arrived: &Arrived<'_>) -> Option<TraceId> {
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), headers);
    span.set_parent(parent).ok()?;
    let context = span.context();
    let of_span = context.span().span_context().clone();
    if !of_span.is_valid() {
        return None;
    }
    span.set_attribute(METHOD, arrived.method);
    span.set_attribute(SCHEME, arrived.scheme);
    span.set_attribute(REQUEST_ID, arrived.id.to_owned());
    match arrived.path {
        Some(path) => {
            span.set_attribute(PATH, path);
            span.set_attribute(ROUTE, path);
            span.set_attribute(NAME, format!("{} {path}", arrived.method));
        }
        None => span.set_attribute(NAME, arrived.method),
    }
    Some(of_span.trace_id())
}

/// The request has this status.
pub fn answered(span: &Span, status: u16) {
    span.set_attribute(STATUS, i64::from(status));
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}

/// One operation, below its request.
pub fn operation(kind: Kind, name: &Name) -> Span {
    let span = tracing::info_span!("operation");
    if !span.is_disabled() {
        span.set_attribute(GRAPHQL_TYPE, kind.as_str());
        span.set_attribute(GRAPHQL_NAME, name.as_str().to_owned());
        span.set_attribute(NAME, format!("{} {}", kind.as_str(), name.as_str()));
    }
    span
}

/// What became of the operation.
pub fn done(span: &Span, outcome: Outcome) {
    if !span.is_disabled() {
        span.set_attribute(OUTCOME, outcome.as_str());
    }
}

/// One transaction, below its operation: from asking for it to its end.
pub fn transaction(dialect: Dialect, pool: Pool) -> Span {
    let span = tracing::info_span!("transaction");
    if !span.is_disabled() {
        let system = match dialect {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgresql",
        };
        span.set_attribute(DATABASE, system);
        span.set_attribute(POOL, pool.as_str());
        span.set_attribute(NAME, format!("{} transaction", pool.as_str()));
    }
    span
}
