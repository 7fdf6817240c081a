//! The listening socket, from its opening to an orderly end.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::{Acceptor, TcpAcceptor};
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;

use super::hub::Hub;
use super::patience::Patient;
use super::tls::TlsDoor;
use super::{Options, routes};
use crate::error::{Error, Result};
use crate::graphql::Api;

/// How long requests in flight may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long a connection may be silent.
const IDLE: Duration = Duration::from_secs(75);

/// Serves until SIGTERM or SIGINT. Calls `on_ready` with the real address, as port 0 asks for any free one, once clients
/// can connect.
pub async fn serve(
    api: Api,
    listen: impl ToSocketAddrs + Display,
    options: Options,
    on_ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let cannot = |error: io::Error| Error::Setting(format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(&listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let door = Door::new(TcpAcceptor::from_tokio(listener).map_err(cannot)?, options.max_connections);
    // Before anybody is told that the server is there, as he may tell it to stop at once.
    let stop = Stop::new().map_err(|error| Error::Internal(format!("cannot wait for signals: {error}")))?;
    let served = match options.certificate.clone() {
        Some(certificate) => {
            let door = TlsDoor::new(door, certificate)?;
            on_ready(address);
            run(door, api, options, stop).await
        }
        None => {
            on_ready(address);
            run(door, api, options, stop).await
        }
    };
    served.map_err(|error| Error::Internal(format!("serving on {address}: {error}")))
}

async fn run(door: impl Acceptor + 'static, api: Api, options: Options, stop: Stop) -> io::Result<()> {
    let hub = Hub::new(api.app());
    let stopping = async {
        stop.wait().await;
        hub.stop();
    };
    let served = poem::Server::new_with_acceptor(door)
        .idle_timeout(IDLE)
        .run_with_graceful_shutdown(routes(api, options, hub.clone()), stopping, Some(GRACE))
        .await;
    // Upgraded connections are none of poem's any more.
    hub.gone(GRACE).await;
    served
}

/// The two signals that ask a server to stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> io::Result<Stop> {
        Ok(Stop { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => tracing::info!("stopping after SIGTERM"),
            _ = self.interrupt.recv() => tracing::info!("stopping after SIGINT"),
        }
    }
}

/// Poem's acceptor, but small answers leave at once, a lack of file descriptors does not become a busy loop, and no more
/// connections are open than may be: the others wait where the system keeps them.
pub(super) struct Door {
    acceptor: TcpAcceptor,
    places: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(acceptor: TcpAcceptor, places: Option<u32>) -> Door {
        let places = places.map_or(Semaphore::MAX_PERMITS, |places| places as usize);
        Door { acceptor, places: Arc::new(Semaphore::new(places)) }
    }
}

impl Acceptor for Door {
    type Io = Patient<TcpStream>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.acceptor.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Patient<TcpStream>, LocalAddr, RemoteAddr, Scheme)> {
        // Never closed.
        let place = self.places.clone().acquire_owned().await.map_err(io::Error::other)?;
        match self.acceptor.accept().await {
            Ok((stream, local, remote, scheme)) => {
                stream.set_nodelay(true)?;
                Ok((Patient::new(stream, place), local, remote, scheme))
            }
            Err(error) => {
                if !matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error)
            }
        }
    }
}
