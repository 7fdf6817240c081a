//! GraphQL over server-sent events, by the protocol graphql-sse in its mode of distinct connections
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>): one operation for each request.

use std::io;

use futures_util::stream;
use poem::http::{StatusCode, header};
use poem::{Body, Response};
use serde_json::json;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;
use tracing::Instrument;

use super::hub::Hub;
use super::negotiate::Media;
use super::refusal::Refusal;
use crate::access::Caller;
use crate::graphql::{Answer, AnswerKind, Api, Begun, Call, Ending, Live, OperationKind, Told};
use crate::meter::Transport;
use crate::text::{Language, message};

/// Events that may wait for a slow reader; then nothing is executed for him.
const QUEUE: usize = 4;

/// An operation whose results are sent.
enum Operation {
    Once(Answer),
    Running(Box<Live>, Option<Answer>),
}

/// Executes the call, or begins to. What cannot be executed is refused before the stream begins.
pub async fn answer(api: &Api, hub: &Hub, caller: Caller, call: Call) -> Result<Response, Refusal> {
    let place = hub.place(&caller).ok_or_else(Refusal::too_many_streams)?;
    let badge = hub.keep(caller.viewer);
    let language = caller.messages();
    let operation = match begin(api, caller, call).await? {
        Ok(operation) => operation,
        Err(answer) => return Ok(refused(answer)),
    };
    let (events, queue) = mpsc::channel(QUEUE);
    let running = hub.clone();
    hub.spawn(async move {
        let _place = place;
        let meter = running.meter();
        let _open = (meter.connection(Transport::EventStream), meter.stream(Transport::EventStream));
        tokio::select! {
            () = send(&running, operation, &events, language) => {}
            () = running.stopping() => {}
            () = events.closed() => {}
            () = badge.ended() => signed_out(&events, language).await,
        }
    });
    Ok(Response::builder()
        .status(StatusCode::OK)
        .content_type(Media::EventStream.content_type())
        .header(header::CACHE_CONTROL, "no-store")
        // Proxies that buffer would hold the events back.
        .header("X-Accel-Buffering", "no")
        .body(body(queue)))
}

async fn begin(api: &Api, caller: Caller, call: Call) -> Result<Result<Operation, Answer>, Refusal> {
    let prepared = match api.prepare_for(&caller, call) {
        Ok(prepared) => prepared,
        Err(answer) => return Ok(Err(answer)),
    };
    api.name_the_span(&prepared);
    let api = api.clone();
    // In a task of its own, so that a client who goes away does not stop it halfway.
    let task = tokio::spawn(
        async move {
            if prepared.kind != OperationKind::Subscription {
                return Operation::Once(api.answer(caller, None, &prepared).await);
            }
            match api.begin(caller, prepared).await {
                Begun::Running(live, first) => Operation::Running(live, first),
                Begun::Refused(answer) => Operation::Once(answer),
            }
        }
        .in_current_span(),
    );
    match task.await {
        Ok(Operation::Once(answer)) if answer.kind != AnswerKind::Executed => Ok(Err(answer)),
        Ok(operation) => Ok(Ok(operation)),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Refusal::internal()),
        },
    }
}

fn refused(answer: Answer) -> Response {
    let mut response = Response::builder().content_type(Media::Json.content_type());
    response = match answer.kind {
        AnswerKind::MutationOverGet => response.status(StatusCode::METHOD_NOT_ALLOWED).header(header::ALLOW, "POST"),
        AnswerKind::RateLimited => response.status(StatusCode::TOO_MANY_REQUESTS),
        AnswerKind::Busy => response.status(StatusCode::SERVICE_UNAVAILABLE),
        AnswerKind::Executed | AnswerKind::RequestError => response.status(StatusCode::BAD_REQUEST),
    };
    if let Some(seconds) = answer.retry_after {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    response.body(answer.body)
}

async fn send(hub: &Hub, operation: Operation, events: &Sender<String>, language: Language) {
    // Something at once, so that everything on the way knows that the stream has begun.
    if events.send(":\n\n".to_owned()).await.is_err() {
        return;
    }
    match operation {
        Operation::Once(answer) => {
            let _ = events.send(next(hub, &answer)).await;
        }
        Operation::Running(mut live, first) => {
            if let Some(first) = first {
                let _ = events.send(next(hub, &first)).await;
            }
            if follow(hub, &mut live, events, language).await.is_err() {
                return;
            }
        }
    }
    let _ = events.send(COMPLETE.to_owned()).await;
}

/// Sends events until the end of the subscription; `Err`: nobody reads any more.
async fn follow(
    hub: &Hub,
    live: &mut Live,
    events: &Sender<String>,
    language: Language,
) -> Result<(), mpsc::error::SendError<()>> {
    loop {
        let quiet = timeout(hub.keep_alive(), live.ready()).await.is_err();
        // Who reads slowly finds no room, and gets what is true when there is some.
        let room = events.reserve().await?;
        if quiet {
            room.send(":\n\n".to_owned());
            continue;
        }
        match live.tell().await {
            Told::Event(answer) => room.send(next(hub, &answer)),
            Told::Nothing => {}
            Told::Ended(Ending::Refused(answer)) => {
                room.send(next(hub, &answer));
                return Ok(());
            }
            Told::Ended(Ending::SignedOut) => {
                drop(room);
                signed_out(events, language).await;
                return Err(mpsc::error::SendError(()));
            }
        }
    }
}

const COMPLETE: &str = "event: complete\ndata:\n\n";

fn next(hub: &Hub, answer: &Answer) -> String {
    hub.meter().event(Transport::EventStream);
    // JSON of one line.
    format!("event: next\ndata: {}\n\n", String::from_utf8_lossy(&answer.body))
}

/// The last word where the credential holds no more.
async fn signed_out(events: &Sender<String>, language: Language) {
    let message = message!("the token holds no more").text(language);
    let error = json!({ "message": message, "extensions": { "code": "UNAUTHENTICATED" } });
    let event = format!("event: next\ndata: {}\n\n{COMPLETE}", json!({ "errors": [error] }));
    let _ = events.send(event).await;
}

fn body(queue: Receiver<String>) -> Body {
    let events = stream::unfold(queue, async |mut queue| {
        let event = queue.recv().await?;
        Some((Ok::<_, io::Error>(event), queue))
    });
    Body::from_bytes_stream(events)
}
