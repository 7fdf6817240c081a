//! Answers that no operation gave: errors of the transport, in the shape of a GraphQL response without `data`.

use poem::http::{Method, StatusCode};
use poem::{Request, Response};
use serde_json::{Value, json};

use super::negotiate::Media;
use crate::graphql::{Answer, AnswerKind, Wrong};
use crate::meter::Meter;
use crate::text::{Language, Message, message};

/// Why a request never reached an operation.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: Message,
    header: Option<(&'static str, &'static str)>,
    /// The limit that refused it.
    limit: Option<Box<Limit>>,
}

#[derive(Debug)]
struct Limit {
    /// As it is counted.
    name: &'static str,
    /// How much was found, and how much is allowed.
    counts: Option<(u64, u64)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: Message) -> Refusal {
        Refusal { status, code, message, header: None, limit: None }
    }

    pub fn bad_request(message: Message) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub fn batch() -> Refusal {
        Refusal::bad_request(message!("batches are not served: send one request at a time"))
    }

    /// An HTTP/1.1 request says once which host it is for (RFC 9112, section 3.2).
    pub fn no_host() -> Refusal {
        Refusal::bad_request(message!("the header Host must be there, and once"))
    }

    /// Too much of something; the message says what.
    pub fn limit(which: &'static str, found: u64, allowed: u64, message: Message) -> Refusal {
        let limit = Limit { name: which, counts: Some((found, allowed)) };
        let refusal = Refusal::new(StatusCode::BAD_REQUEST, "LIMIT_EXCEEDED", message);
        Refusal { limit: Some(Box::new(limit)), ..refusal }
    }

    /// No token where one was meant. The header tells the client which scheme to use.
    pub fn unauthenticated(message: Message) -> Refusal {
        let header = Some(("www-authenticate", "Bearer"));
        Refusal { header, ..Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message) }
    }

    /// The header tells that another token would do (RFC 6750, section 3.1).
    pub fn bad_token() -> Refusal {
        let header = Some(("www-authenticate", "Bearer error=\"invalid_token\""));
        Refusal { header, ..Refusal::unauthenticated(message!("the token is unknown or has expired")) }
    }

    /// Whether it says that nobody is let in like this.
    pub fn is_of_credentials(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    pub fn not_found() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message!("nothing is served at this path"))
    }

    /// Names the methods that would have been right.
    pub fn method_not_allowed(allow: &'static str, message: Message) -> Refusal {
        let header = Some(("allow", allow));
        Refusal { header, ..Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message) }
    }

    pub fn not_acceptable() -> Refusal {
        let message = message!(
            "the header Accept allows none of application/graphql-response+json, application/json and text/event-stream"
        );
        Refusal::new(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
    }

    /// Tells which version of the WebSocket protocol is spoken.
    pub fn upgrade_required() -> Refusal {
        let header = Some(("sec-websocket-version", "13"));
        let message = message!("WebSockets are spoken in version 13");
        Refusal { header, ..Refusal::new(StatusCode::UPGRADE_REQUIRED, "BAD_REQUEST", message) }
    }

    /// A page of another site that a browser or a proxy signs in by itself.
    pub fn foreign_origin() -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", message!("pages of this site may not open a connection here"))
    }

    pub fn too_many_streams() -> Refusal {
        let message =
            message!("you have as many subscriptions and connections open as one caller may: end some of them");
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_STREAMS", message).by("streamsPerCaller")
    }

    pub fn body_too_slow() -> Refusal {
        Refusal::new(StatusCode::REQUEST_TIMEOUT, "BAD_REQUEST", message!("the body took too long to arrive"))
            .by("bodyTime")
    }

    pub fn payload_too_large() -> Refusal {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            message!("the body is larger than {most}", most = "1 MiB"),
        )
        .by("bodyBytes")
    }

    pub fn unsupported_media_type() -> Refusal {
        let message = message!("send the header Content-Type: application/json, in UTF-8");
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// The header tells which coding would have been right.
    pub fn unsupported_coding() -> Refusal {
        let message = message!("send the body as it is, not compressed");
        let header = Some(("accept-encoding", "identity"));
        Refusal { header, ..Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message) }
    }

    /// Whose token it is cannot be found out: the database or the identity provider is away.
    pub fn busy() -> Refusal {
        let header = Some(("retry-after", "10"));
        let message = message!("the token cannot be checked at the moment: try again in a while");
        Refusal { header, ..Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", message) }
    }

    /// The caller learns no more than where the log has it.
    pub fn internal() -> Refusal {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", Message::internal())
    }

    fn by(self, limit: &'static str) -> Refusal {
        Refusal { limit: Some(Box::new(Limit { name: limit, counts: None })), ..self }
    }

    /// Counts it, once.
    pub fn counted(self, meter: &Meter) -> Refusal {
        meter.error(self.code);
        if let Some(limit) = &self.limit {
            meter.limit(limit.name);
        }
        self
    }

    pub fn message(&self) -> &Message {
        &self.message
    }

    /// For transports that have no status.
    pub fn answer(&self, language: Option<Language>) -> Answer {
        let body = self.errors(language).to_string().into_bytes();
        let wrong = Wrong { limit: self.limit.as_ref().map(|limit| limit.name), ..Wrong::of(self.code) };
        Answer { body, kind: AnswerKind::RequestError, statements: 0, retry_after: None, wrong }
    }

    fn errors(&self, language: Option<Language>) -> Value {
        let message = self.message.text(language.unwrap_or(Language::English));
        let mut extensions = json!({ "code": self.code });
        if let Some(Limit { name, counts: Some((found, allowed)) }) = self.limit.as_deref() {
            extensions = json!({ "code": self.code, "limit": name, "found": found, "allowed": allowed });
        }
        json!({ "errors": [{ "message": message, "extensions": extensions }] })
    }

    pub fn into_response(self, media: Media, language: Option<Language>) -> Response {
        let errors = self.errors(language);
        // No stream of events begins with a refusal.
        let media = if media == Media::EventStream { Media::Json } else { media };
        let mut response = Response::builder().status(self.status).content_type(media.content_type());
        if let Some((name, value)) = self.header {
            response = response.header(name, value);
        }
        response.body(errors.to_string())
    }
}

/// For what can only be read.
pub fn must_read(request: &Request) -> Result<(), Refusal> {
    match *request.method() {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(Refusal::method_not_allowed("GET, HEAD", message!("this path can only be read"))),
    }
}
