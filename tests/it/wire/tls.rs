//! The server ends TLS itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use banyan::graphql::Api;
use banyan::http::{Certificate, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{Engine, Setup, both, run};

/// Writes a new certificate for localhost into the folder, and answers it.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
    made.cert.der().clone()
}

/// A connection by somebody who trusts this certificate alone.
async fn connect(
    address: &str,
    trusted: &CertificateDer<'static>,
    alpn: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await
}

both!(
    async fn tls_with_a_certificate_that_is_renewed(app: &TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let first = renew(folder.path());
        let certificate = Certificate { chain: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
        let options = Options { certificate: Some(certificate), ..Options::default() };
        let server = app.beside(Api::new(app.app.clone()), options).await;
        let address = server.url.trim_start_matches("http://");

        let mut stream = connect(address, &first, "http/1.1").await.unwrap();
        let request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Whoever is asked to close need not say goodbye.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
        let second = connect(address, &first, "h2").await.unwrap();
        assert_eq!(second.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));

        // Somebody who does not speak keeps nobody waiting.
        let _silent = TcpStream::connect(address).await.unwrap();
        let renewed = renew(folder.path());
        assert!(connect(address, &renewed, "h2").await.is_err(), "nobody has told the server yet");
        let hangup = std::process::Command::new("kill").args(["-HUP", &std::process::id().to_string()]).status();
        assert!(hangup.unwrap().success());
        let trusted = async {
            while connect(address, &renewed, "h2").await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), trusted).await.unwrap();
    }
);

/// More than any number of handshakes that a server could have had room for.
const SILENT: usize = 300;

/// Nothing of it is the database's.
#[test]
fn handshakes_wait_for_nobody() {
    run(Engine::Sqlite, Setup::default(), async |app| {
        let folder = tempfile::tempdir().unwrap();
        let trusted = renew(folder.path());
        let certificate = Certificate { chain: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
        let options = Options { certificate: Some(certificate), ..Options::default() };
        let server = app.beside(Api::new(app.app.clone()), options).await;
        let address = server.url.trim_start_matches("http://");
        let mut silent = Vec::new();
        for _ in 0..SILENT {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut stream = connect(address, &trusted, "http/1.1").await.unwrap();
        let request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        // They were all still there: nobody had to give up first.
        for silent in silent {
            let read = silent.try_read(&mut [0; 1]);
            assert!(read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
        }
    });
}
