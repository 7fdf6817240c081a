//! What every request gets: an id, a span, a line in the log, security headers, and an answer even after a panic.

use std::any::Any;
use std::collections::HashSet;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use opentelemetry_http::HeaderExtractor;
use poem::http::uri::Scheme;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use poem::{Endpoint, Request, Response};
use rand::Rng;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::forwarded::Proxies;
use super::language;
use super::negotiate::Media;
use super::refusal::Refusal;
use crate::app::App;
use crate::meter::Meter;
use crate::spans::{self, Arrived};
use crate::text::Language;

const REQUEST_ID: &str = "X-Request-Id";

/// Of what is no page: nothing of it is run, loaded or framed.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The id of a request, as data of it.
#[derive(Clone)]
pub struct RequestId(pub Arc<str>);

/// The address of the client, as far as proxies tell it, as data of the request.
#[derive(Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// Around all the paths.
pub struct Traced<E> {
    pub inner: E,
    pub app: App,
    pub proxies: Proxies,
    /// Every path that is served.
    pub paths: HashSet<&'static str>,
}

impl<E: Endpoint<Output = Response>> Endpoint for Traced<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let id = request_id(&self.app, request.headers());
        let language = language::wanted(request.headers());
        request.set_data(RequestId(id.as_str().into()));
        let peer = request.remote_addr().as_socket_addr().map(|address| address.ip());
        if let Some(peer) = peer {
            request.set_data(ClientAddress(self.proxies.client(peer, request.headers())));
        }
        let secure = *request.scheme() == Scheme::HTTPS;
        // What somebody made up stays out of the log: there may be a token in it.
        let path = self.paths.get(request.uri().path()).copied();
        let method = known(request.method());
        let shown = path.unwrap_or("other");
        // Of the highest level, so that an error's line bears the id however little is logged.
        let span = tracing::error_span!("request", id, method, path = shown, operation = Empty, trace_id = Empty);
        let arrived = Arrived { method, path, scheme: if secure { "https" } else { "http" }, id: &id };
        if let Some(trace) = spans::request(&span, &HeaderExtractor(request.headers()), &arrived) {
            span.record("trace_id", tracing::field::display(trace));
        }
        let meter = self.app.meter.clone();
        let _running = meter.request();
        let host_is_told = tells_its_host(&request);
        let mut line = Line { span: span.clone(), started: Instant::now(), status: None, meter };
        let served = async {
            if !host_is_told {
                return Ok(Refusal::no_host().counted(&line.meter).into_response(Media::Json, language));
            }
            self.inner.call(request).await
        };
        let outcome = AssertUnwindSafe(served).catch_unwind().instrument(span.clone()).await;
        let mut response = span.in_scope(|| match outcome {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => unserved(&error, language),
            Err(panic) => {
                tracing::error!(panic = panic_text(&*panic), "a request panicked");
                Refusal::internal().into_response(Media::Json, language)
            }
        });
        finish(response.headers_mut(), &id, secure);
        line.status = Some(response.status());
        Ok(response)
    }
}

/// The method, as far as HTTP knows it.
fn known(method: &Method) -> &'static str {
    const NAMES: [&str; 9] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"];
    NAMES.into_iter().find(|name| *name == method.as_str()).unwrap_or("_OTHER")
}

/// Whether there is one header Host, which before HTTP/1.1 and in HTTP/2 may be left out.
fn tells_its_host(request: &Request) -> bool {
    match request.headers().get_all(header::HOST).iter().count() {
        0 => request.version() != Version::HTTP_11,
        count => count == 1,
    }
}

/// The client's own id where it is harmless, otherwise a new one.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    match headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_harmless(id)) {
        Some(id) => id.to_owned(),
        None => format!("{:032x}", app.random(|random| random.random::<u128>())),
    }
}

fn is_harmless(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// The router's own errors.
fn unserved(error: &poem::Error, language: Option<Language>) -> Response {
    let refusal = if error.status() == StatusCode::NOT_FOUND {
        Refusal::not_found()
    } else {
        tracing::error!(%error, "a request failed");
        Refusal::internal()
    };
    refusal.into_response(Media::Json, language)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}

fn finish(headers: &mut HeaderMap, id: &str, secure: bool) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Logs the request when it ends, be it because its client went away and nobody waits for it any more.
struct Line {
    span: Span,
    started: Instant,
    status: Option<StatusCode>,
    meter: Meter,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.meter.response(self.status.map(|status| status.as_u16()));
        if let Some(status) = self.status {
            spans::answered(&self.span, status.as_u16());
        }
        let ms = self.started.elapsed().as_micros() as f64 / 1000.0;
        self.span.in_scope(|| match self.status {
            Some(status) => tracing::info!(status = status.as_u16(), ms, "answered"),
            None => tracing::info!(ms, "the client went away"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    #[test]
    fn an_id_of_the_client_must_be_harmless() {
        for id in ["a", "req-1_B", &"x".repeat(64)] {
            assert!(is_harmless(id), "{id}");
        }
        for id in ["", "a b", "a\"b", "é", "a\n", &"x".repeat(65)] {
            assert!(!is_harmless(id), "{id}");
        }
    }
}
