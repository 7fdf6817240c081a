//! GraphQL over HTTP, at `/graphql`.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use poem::error::ReadBodyError;
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use tracing::Instrument;

use super::cors::ALLOWED;
use super::delivery::Asked;
use super::hub::Hub;
use super::negotiate::{self, Media};
use super::parse::Body;
use super::refusal::Refusal;
use super::{Options, events, identity, language, parse, socket};
use crate::graphql::{Answer, AnswerKind, Api};
use crate::text::message;

/// The largest body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 1 << 20;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The endpoint. A page of another site cannot make it act: the token travels in a header of its own and never in a cookie, a
/// POST must be of a type that no form sends, so that browsers ask first (see [`super::cors`]), and a GET changes nothing.
pub struct Graphql {
    pub api: Api,
    pub options: Options,
    pub hub: Hub,
}

impl Endpoint for Graphql {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let meter = &self.api.app().meter;
        let asked = Asked::of(&request);
        let language = language::wanted(request.headers());
        if socket::is_upgrade(&request) {
            let response = self.upgrade(&request).await;
            let refused = |refusal: Refusal| refusal.counted(meter).into_response(Media::Json, language);
            return Ok(response.unwrap_or_else(refused));
        }
        let Some(media) = Media::accepted(request.headers()) else {
            let refused = Refusal::not_acceptable().counted(meter).into_response(Media::Json, language);
            return Ok(language::tell(refused, language));
        };
        let response = match self.answer(request, media).await {
            Ok(response) => response,
            Err(refusal) => refusal.counted(meter).into_response(media, language),
        };
        Ok(asked.deliver(language::tell(response, language), self.options.public_max_age).await)
    }
}

impl Graphql {
    async fn upgrade(&self, request: &Request) -> Result<Response, Refusal> {
        // A browser would not learn why: it is told by the close, unless the connection brings a token of its own.
        let (caller, refused) = match identity::caller(self.api.app(), request).await {
            Ok(caller) => (caller, false),
            Err(refusal) if refusal.is_of_credentials() => {
                let _ = refusal.counted(&self.api.app().meter);
                (identity::nobody(request), true)
            }
            Err(refusal) => return Err(refusal),
        };
        socket::upgrade(&self.api, &self.hub, &self.options.origins, request, caller, refused)
    }

    async fn answer(&self, mut request: Request, media: Media) -> Result<Response, Refusal> {
        let by_get = match *request.method() {
            Method::HEAD if media == Media::EventStream => {
                return Err(Refusal::method_not_allowed(
                    "GET, POST",
                    message!("send a GraphQL request by GET or POST"),
                ));
            }
            Method::GET | Method::HEAD => true,
            Method::POST if negotiate::is_packed(request.headers()) => return Err(Refusal::unsupported_coding()),
            Method::POST if negotiate::is_json(request.headers()) => false,
            Method::POST => return Err(Refusal::unsupported_media_type()),
            _ => {
                return Err(Refusal::method_not_allowed(ALLOWED, message!("send a GraphQL request by GET or POST")));
            }
        };
        let mut body = pin!(body(request.take_body(), announced(&request)));
        // What is there already is taken. Nobody waits for more of it before it is known who sends it: who is not let in need not be
        // listened to.
        let there = if by_get { Some(Ok(Vec::new())) } else { body.as_mut().now_or_never() };
        let recognised = identity::recognised(self.api.app(), &request).await?;
        let (bytes, (caller, since)) = match there {
            Some(bytes) => (bytes?, recognised),
            // What held while some of the call had yet to come need not hold any more.
            None => (body.await?, identity::recognised(self.api.app(), &request).await?),
        };
        let sent = match by_get {
            true => Body::One(parse::from_url(&request)?),
            false => parse::from_body(&bytes, &self.api.app().config.limits)?,
        };
        let answer = match sent {
            Body::One(call) => {
                if media == Media::EventStream {
                    return events::answer(&self.api, &self.hub, caller, call).await;
                }
                let api = self.api.clone();
                run(async move { api.run(caller, since, call).await }).await?
            }
            Body::Batch(_) if media == Media::EventStream => return Err(Refusal::batch()),
            Body::Batch(calls) => {
                let api = self.api.clone();
                run(async move { Answer::of_batch(api.run_batch(caller, calls).await) }).await?
            }
        };
        Ok(self.respond(answer, media))
    }

    fn respond(&self, answer: Answer, media: Media) -> Response {
        let status = match (answer.kind, media) {
            (AnswerKind::Executed, _) | (AnswerKind::RequestError, Media::Json) => StatusCode::OK,
            (AnswerKind::RequestError, _) => StatusCode::BAD_REQUEST,
            (AnswerKind::MutationOverGet, _) => StatusCode::METHOD_NOT_ALLOWED,
            (AnswerKind::RateLimited, _) => StatusCode::TOO_MANY_REQUESTS,
            (AnswerKind::Busy, _) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = Response::builder().status(status).content_type(media.content_type());
        if answer.kind == AnswerKind::MutationOverGet {
            response = response.header(header::ALLOW, "POST");
        }
        if let Some(seconds) = answer.retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        if !answer.wrong.codes.is_empty() {
            // What was wrong now may be right the next time.
            response = response.header(header::CACHE_CONTROL, "no-store");
        }
        if self.options.server_timing {
            response = response.header("Server-Timing", format!("db;desc=\"{} statements\"", answer.statements));
        }
        response.body(answer.body)
    }
}

/// Runs in a task of its own, so that a client who goes away does not stop it halfway.
async fn run(work: impl Future<Output = Answer> + Send + 'static) -> Result<Answer, Refusal> {
    tokio::spawn(work.in_current_span()).await.map_err(|error| match error.try_into_panic() {
        // Goes on to where all panics are answered.
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Refusal::internal(),
    })
}

/// How long the body is to be, bytes, where it was told.
fn announced(request: &Request) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}

async fn body(body: poem::Body, announced: Option<u64>) -> Result<Vec<u8>, Refusal> {
    if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(Refusal::payload_too_large());
    }
    match tokio::time::timeout(BODY_TIME, body.into_bytes_limit(BODY_LIMIT)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(Refusal::payload_too_large()),
        Ok(Err(_)) => Err(Refusal::bad_request(message!("the body ended too early"))),
        Err(_) => Err(Refusal::body_too_slow()),
    }
}
