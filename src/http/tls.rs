//! TLS at the listening socket: handshakes beside each other, and a certificate that is read anew when its files change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::server::TlsStream;

use super::patience::Patient;
use crate::error::{Error, Result};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(30);

/// The files of a certificate chain and its key, PEM.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub chain: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    fn read(&self) -> std::result::Result<CertifiedKey, String> {
        let of = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let chain =
            CertificateDer::pem_file_iter(&self.chain).and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| of(&self.chain, &error))?;
        if chain.is_empty() {
            return Err(of(&self.chain, &"there is no certificate in it"));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| of(&self.key, &error))?;
        let read =
            CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| of(&self.key, &error))?;
        read.keys_match().map_err(|error| of(&self.key, &error))?;
        Ok(read)
    }

    /// When the files changed; nothing where they cannot be seen.
    fn changed(&self) -> Option<(SystemTime, SystemTime)> {
        let of = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
        Some((of(&self.chain)?, of(&self.key)?))
    }
}

/// The certificate that handshakes use now.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

type Accepted = (TlsStream<Patient<TcpStream>>, LocalAddr, RemoteAddr, Scheme);

/// Hands over connections whose handshake is done.
pub struct TlsDoor {
    addresses: Vec<LocalAddr>,
    accepted: mpsc::UnboundedReceiver<Accepted>,
    tasks: Vec<JoinHandle<()>>,
}

impl TlsDoor {
    /// In front of a door without TLS. HTTP/2 where the client knows it.
    pub fn new(door: impl Acceptor<Io = Patient<TcpStream>> + 'static, certificate: Certificate) -> Result<TlsDoor> {
        let first = certificate.read().map_err(Error::Setting)?;
        let current = Arc::new(Current(RwLock::new(Arc::new(first))));
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| Error::Internal(format!("no version of TLS: {error}")))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let hangup = signal(SignalKind::hangup());
        let hangup = hangup.map_err(|error| Error::Internal(format!("cannot wait for signals: {error}")))?;
        // Each holds its place at the door, which is where connections are bounded.
        let (give, accepted) = mpsc::unbounded_channel();
        let addresses = door.local_addr();
        let tasks = vec![
            tokio::spawn(accept(door, TlsAcceptor::from(Arc::new(config)), give)),
            tokio::spawn(renew(certificate, current, hangup)),
        ];
        Ok(TlsDoor { addresses, accepted, tasks })
    }
}

impl Drop for TlsDoor {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Acceptor for TlsDoor {
    type Io = TlsStream<Patient<TcpStream>>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.addresses.clone()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        self.accepted.recv().await.ok_or_else(|| io::Error::other("nobody accepts connections any more"))
    }
}

/// Each handshake in a task of its own: a slow client keeps nobody waiting, however many there are.
async fn accept(
    mut door: impl Acceptor<Io = Patient<TcpStream>>,
    tls: TlsAcceptor,
    give: mpsc::UnboundedSender<Accepted>,
) {
    while !give.is_closed() {
        // The door says why it failed, and waits where it must.
        let Ok((stream, local, remote, _)) = door.accept().await else { continue };
        let (tls, give) = (tls.clone(), give.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                Ok(Ok(stream)) => {
                    // Nobody takes it where the server stops.
                    let _ = give.send((stream, local, remote, Scheme::HTTPS));
                }
                Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                Err(_) => tracing::debug!("a handshake took too long"),
            }
        });
    }
}

/// Reads the certificate anew when its files change, and at SIGHUP. One that cannot be read changes nothing.
async fn renew(certificate: Certificate, current: Arc<Current>, mut hangup: Signal) {
    let mut seen = certificate.changed();
    loop {
        let told = tokio::select! {
            _ = hangup.recv() => true,
            () = tokio::time::sleep(LOOK) => false,
        };
        let now = certificate.changed();
        if !told && now == seen {
            continue;
        }
        match certificate.read() {
            Ok(new) => {
                *current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                seen = now;
                tracing::info!("the certificate was read anew");
            }
            Err(why) => tracing::error!(why, "the certificate cannot be read anew; the old one stays"),
        }
    }
}
