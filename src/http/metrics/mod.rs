//! `/metrics`, on a listener of its own: nothing of it is on the port that everybody reaches.

mod look;

use std::io;
use std::net::SocketAddr;

use poem::http::{StatusCode, header};
use poem::listener::TcpAcceptor;
use poem::{Endpoint, Request, Response, Route};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::negotiate::Media;
use super::refusal::{Refusal, must_read};
use super::serve::Door;
use crate::app::App;
use crate::error::{Error, Result};
use crate::meter::Format;

/// Connections at once: scrapers are few.
const CONNECTIONS: u32 = 32;

/// The listener, and the task that asks the database; they end when this is dropped.
pub struct Metrics {
    pub address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Metrics {
    /// Answers at the address from now on.
    pub async fn open(app: &App, listen: SocketAddr) -> Result<Metrics> {
        let cannot = |error: io::Error| Error::Setting(format!("cannot listen on {listen} for metrics: {error}"));
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let door = Door::new(TcpAcceptor::from_tokio(listener).map_err(cannot)?, Some(CONNECTIONS));
        let looking = tokio::spawn(look::run(app.clone()));
        let route = Route::new().at("/metrics", Scrape { app: app.clone() });
        let serving = tokio::spawn(async move {
            if let Err(error) = poem::Server::new_with_acceptor(door).run(Answered(route)).await {
                tracing::error!(%error, "the metrics are served no more");
            }
        });
        Ok(Metrics { address, tasks: [looking, serving] })
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What is counted. Nothing is asked of the database here: however often it is scraped, the database does not notice.
struct Scrape {
    app: App,
}

impl Endpoint for Scrape {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if let Err(refusal) = must_read(&request) {
            return Ok(refusal.into_response(Media::Json, None));
        }
        let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        let format = Format::accepted(accept);
        self.app.meter.note_pools(self.app.store.pools());
        let response = Response::builder().status(StatusCode::OK).content_type(format.content_type());
        Ok(response.header(header::CACHE_CONTROL, "no-store").body(self.app.meter.text(format)))
    }
}

/// The router's own errors, as those of the other listener.
struct Answered<E>(E);

impl<E: Endpoint<Output = Response>> Endpoint for Answered<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let missing = |_| Refusal::not_found().into_response(Media::Json, None);
        Ok(self.0.call(request).await.unwrap_or_else(missing))
    }
}
