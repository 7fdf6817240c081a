//! Which pages of other sites may read answers (the Fetch standard's CORS protocol): none unless they are named.
//!
//! Nothing here goes by cookie, so credentials are never allowed across origins, and a page that is allowed must itself have a
//! token to read more than anybody may. Poem's own middleware refuses a request whose origin it does not know, which would
//! shut out this server's own page behind a proxy; here such a page merely gets no leave to read.

use std::str::FromStr;

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

/// How long a browser may remember a preflight, seconds.
const REMEMBERED: &str = "7200";
const METHODS: &str = "GET, POST";
/// The last four are what Apollo's clients send.
const HEADERS: &str = "Authorization, Content-Type, Accept-Language, X-Request-Id, traceparent, tracestate, \
                       apollo-require-preflight, x-apollo-operation-name, apollographql-client-name, \
                       apollographql-client-version";
/// Headers of answers that a page may read.
const EXPOSED: &str = "X-Request-Id, Retry-After, ETag, Content-Language";
/// What the path takes.
pub const ALLOWED: &str = "GET, HEAD, POST, OPTIONS";

/// An origin that may read answers: `https://app.example.org`, or `*` for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Origin, &'static str> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = |host: &str| {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
        };
        if text == "*" || host.is_some_and(plain) {
            Ok(Origin(text.to_owned()))
        } else {
            Err(
                "an origin is a scheme and a host, such as https://app.example.org or http://localhost:5173; or * for any",
            )
        }
    }
}

/// Around a path that pages of other sites may read.
pub struct Cors<E> {
    pub inner: E,
    pub origins: Vec<Origin>,
}

/// Whether a page of this origin may read answers.
pub fn allows(origins: &[Origin], origin: &str) -> bool {
    origins.iter().any(|known| known.0 == "*" || known.0 == origin)
}

impl<E: Endpoint<Output = Response>> Endpoint for Cors<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let leave = self.leave(request.headers());
        let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = if *request.method() == Method::OPTIONS {
            options(leave.is_some() && asks)
        } else {
            let mut response = self.inner.call(request).await?;
            if leave.is_some() {
                let exposed = HeaderValue::from_static(EXPOSED);
                response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            }
            response
        };
        if let Some(origin) = leave {
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        if !self.origins.is_empty() {
            response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
        }
        Ok(response)
    }
}

impl<E> Cors<E> {
    /// What `Access-Control-Allow-Origin` says, where it says anything.
    fn leave(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        if self.origins.iter().any(|known| known.0 == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        allows(&self.origins, origin.to_str().ok()?).then(|| origin.clone())
    }
}

/// What the path takes; to a preflight of an origin that has leave, also what its pages may send.
fn options(preflight: bool) -> Response {
    let response = Response::builder().status(StatusCode::NO_CONTENT).header(header::ALLOW, ALLOWED);
    if !preflight {
        return response.finish();
    }
    response
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
        .header(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED)
        .header(header::VARY, "Access-Control-Request-Method, Access-Control-Request-Headers")
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for text in ["*", "https://app.example.org", "http://localhost:5173", "http://[::1]:80"] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in
            ["", "null", "app.example.org", "https://", "https://a/", "https://a b", "https://*.example.org", "ftp://a"]
        {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
