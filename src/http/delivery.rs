//! The last step of an answer: whether the client has it already, how it may be kept, and compressed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Body, Request, Response};
use sha2::{Digest, Sha256};

use super::encode::Coding;

/// What a request says about the form of its answer.
pub struct Asked {
    headers: HeaderMap,
    reads: bool,
    signed_in: bool,
}

impl Asked {
    pub fn of(request: &Request) -> Asked {
        let headers = request.headers();
        let mut kept = HeaderMap::new();
        for name in [header::ACCEPT_ENCODING, header::IF_NONE_MATCH] {
            for value in headers.get_all(&name) {
                kept.append(&name, value.clone());
            }
        }
        Asked {
            headers: kept,
            reads: matches!(*request.method(), Method::GET | Method::HEAD),
            signed_in: headers.contains_key(header::AUTHORIZATION),
        }
    }

    /// Delivers a JSON answer whole: a GET with its tag, as 304 where the client has it. Anything else goes as it is.
    ///
    /// An answer to nobody may be kept for `public_max_age` seconds by anybody; one to somebody only by him, and asked for again
    /// each time; one that says already how it may be kept, as one with errors does, as it says.
    pub async fn deliver(self, mut response: Response, public_max_age: Option<u32>) -> Response {
        let json = response.content_type().is_some_and(|name| name.contains("json"));
        if !json {
            return response;
        }
        let Ok(body) = response.take_body().into_bytes().await else { return response };
        let coding = Coding::wanted(&self.headers, body.len());
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let said = headers.contains_key(header::CACHE_CONTROL);
        if self.reads && !said && response.status() == StatusCode::OK {
            let tag = tag(&body, coding);
            let keep = match public_max_age {
                Some(seconds) if !self.signed_in => format!("public, max-age={seconds}"),
                _ => "private, no-cache".to_owned(),
            };
            let headers = response.headers_mut();
            // Whoever keeps answers must not give one person's to another.
            headers.append(header::VARY, HeaderValue::from_static("Authorization"));
            for (name, value) in [(header::ETAG, &tag), (header::CACHE_CONTROL, &keep)] {
                if let Ok(value) = HeaderValue::from_str(value) {
                    headers.insert(name, value);
                }
            }
            if is_known(&self.headers, &tag) {
                response.set_status(StatusCode::NOT_MODIFIED);
                response.headers_mut().remove(header::CONTENT_TYPE);
                return response;
            }
        }
        self.pack(response, body.into(), coding).await
    }

    async fn pack(&self, mut response: Response, body: Vec<u8>, coding: Option<Coding>) -> Response {
        let Some(coding) = coding else {
            response.set_body(Body::from_vec(body));
            return response;
        };
        // Writing into memory does not fail; were it to, the client would see an empty answer of a server's fault.
        match coding.encode(body).await {
            Ok(packed) => {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
                response.set_body(Body::from_vec(packed));
            }
            Err(error) => {
                tracing::error!(%error, "cannot compress an answer");
                response.set_status(StatusCode::INTERNAL_SERVER_ERROR);
            }
        }
        response
    }
}

/// A strong tag: of these very bytes, and of their coding.
pub fn tag(body: &[u8], coding: Option<Coding>) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..12]);
    match coding {
        Some(coding) => format!("\"{hash}-{}\"", coding.name()),
        None => format!("\"{hash}\""),
    }
}

/// Whether the client has what bears the tag (RFC 9110, section 13.1.2).
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_content_is_not_sent_again() {
        let own = tag(b"x", None);
        for (tags, known) in [
            (own.clone(), true),
            (format!("\"a\", W/{own}"), true),
            ("*".to_owned(), true),
            ("\"a\"".to_owned(), false),
            (tag(b"x", Some(Coding::Gzip)), false),
            (tag(b"y", None), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, tags.parse().unwrap());
            assert_eq!(is_known(&headers, &own), known, "{tags}");
        }
    }
}
