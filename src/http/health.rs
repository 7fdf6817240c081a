//! For whoever watches the server: does it live, and may it be sent requests?

use std::time::Duration;

use poem::http::StatusCode;
use poem::{Endpoint, Request, Response};

use super::language;
use super::negotiate::Media;
use super::refusal::must_read;
use crate::error::Result;
use crate::store::Store;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says that the process answers, whatever the database does.
pub struct Live;

impl Endpoint for Live {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(match must_read(&request) {
            Ok(()) => plain(StatusCode::OK, "live\n"),
            Err(refusal) => refusal.into_response(Media::Json, language::wanted(request.headers())),
        })
    }
}

/// Says whether the database answers.
pub struct Ready {
    pub store: Store,
}

impl Endpoint for Ready {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if let Err(refusal) = must_read(&request) {
            return Ok(refusal.into_response(Media::Json, language::wanted(request.headers())));
        }
        match tokio::time::timeout(PATIENCE, ask(&self.store)).await {
            Ok(Ok(())) => return Ok(plain(StatusCode::OK, "ready\n")),
            Ok(Err(error)) => tracing::error!(%error, "the database does not answer"),
            Err(_) => tracing::error!("the database does not answer in time"),
        }
        Ok(plain(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"))
    }
}

async fn ask(store: &Store) -> Result<()> {
    store.read().await?.run_plain("SELECT 1").await
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    Response::builder().status(status).content_type("text/plain; charset=utf-8").body(text)
}
