//! What carries telemetry to a collector: the same HTTP client as everywhere, whose failures are logged seldom.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

use crate::cli::failure::Outcome;

/// How long one sending may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// From one line in the log about a collector that takes nothing to the next.
const SELDOM: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub struct Sender {
    http: reqwest::Client,
    /// Exporters run in threads of their own, outside it.
    runtime: Handle,
    logged_at: Mutex<Option<Instant>>,
}

impl Sender {
    /// Inside a runtime, which will do the sending.
    pub fn new() -> Outcome<Sender> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build();
        let http = http.map_err(|error| format!("cannot make an HTTP client: {error}"))?;
        Ok(Sender { http, runtime: Handle::current(), logged_at: Mutex::default() })
    }

    fn failed(&self, why: &str) {
        let mut logged_at = self.logged_at.lock().unwrap_or_else(PoisonError::into_inner);
        if logged_at.is_none_or(|at| at.elapsed() >= SELDOM) {
            *logged_at = Some(Instant::now());
            tracing::warn!(why, "the OpenTelemetry collector takes nothing; spans and lines for it are lost meanwhile");
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = self.runtime.spawn(send(self.http.clone(), request));
        let sent = sending.await.map_err(HttpError::from).and_then(|sent| sent);
        match &sent {
            Ok(response) if response.status().is_success() => {}
            Ok(response) => self.failed(response.status().as_str()),
            Err(error) => self.failed(&root(error.as_ref())),
        }
        sent
    }
}

async fn send(http: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    // Without its URL, in which there may be a password.
    let response = http.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
    let mut answer = Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.clone_from(response.headers());
    }
    Ok(answer.body(response.bytes().await.map_err(reqwest::Error::without_url)?)?)
}

/// The innermost cause: the outer ones only say that something was sent.
fn root(mut error: &(dyn std::error::Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
