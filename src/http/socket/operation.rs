//! Executing what a client subscribes to: a subscription event by event, a query or a mutation once.

use std::sync::Arc;

use tracing::Instrument;

use super::close::Close;
use super::message;
use super::running::Operation;
use crate::access::Caller;
use crate::graphql::{Answer, AnswerKind, Api, Begun, Ending, Live, OperationKind, Prepared, Told};

/// The credential ended while an operation ran.
pub const ENDED: Close = Close::Forbidden("Forbidden: the token holds no more");

/// Begins it; what comes of it is sent later. A subscription has its place in the feed when this answers, so that nothing that is
/// done on the same connection afterwards is missed.
pub async fn run(api: Api, caller: Caller, prepared: Arc<Prepared>, operation: Operation) {
    let operation = Arc::new(operation);
    if prepared.kind != OperationKind::Subscription {
        let task = tokio::spawn(once(api, caller, prepared, operation.clone()).in_current_span());
        return operation.runs_in(task.abort_handle());
    }
    match api.begin(caller, prepared).await {
        Begun::Refused(answer) => refuse(&operation, &answer).await,
        Begun::Running(live, first) => {
            let task = tokio::spawn(follow(live, first, operation.clone()).in_current_span());
            operation.runs_in(task.abort_handle());
        }
    }
}

async fn once(api: Api, caller: Caller, prepared: Arc<Prepared>, operation: Arc<Operation>) {
    // In a task of its own: a client who wants no more of it does not stop a mutation halfway.
    let task = tokio::spawn(async move { api.answer(caller, None, &prepared).await }.in_current_span());
    let Ok(answer) = task.await else {
        tracing::error!("an operation panicked");
        return operation.close(Close::Internal);
    };
    if answer.kind != AnswerKind::Executed {
        return refuse(&operation, &answer).await;
    }
    if let Some(room) = operation.room().await {
        operation.next(room, &answer);
    }
    if let Some(room) = operation.room().await {
        operation.end(room, message::complete(operation.id()));
    }
}

async fn follow(mut live: Box<Live>, first: Option<Answer>, operation: Arc<Operation>) {
    if let Some(first) = first {
        let Some(room) = operation.room().await else { return };
        operation.next(room, &first);
    }
    loop {
        live.ready().await;
        // Who reads slowly finds no room, and gets what is true when there is some.
        let Some(room) = operation.room().await else { return };
        match live.tell().await {
            Told::Event(answer) => operation.next(room, &answer),
            Told::Nothing => {}
            Told::Ended(Ending::Refused(answer)) => {
                return operation.end(room, message::error(operation.id(), &answer));
            }
            Told::Ended(Ending::SignedOut) => return operation.close(ENDED),
        }
    }
}

async fn refuse(operation: &Operation, answer: &Answer) {
    if let Some(room) = operation.room().await {
        operation.end(room, message::error(operation.id(), answer));
    }
}
