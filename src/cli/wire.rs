//! Settings of the wire: who may read answers, whom the server believes, which documents it executes.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::app::App;
use crate::error::Result;
use crate::graphql::Api;
use crate::http::{Certificate, ForwardedHeader, IpNet, Options, Origin, Proxies};

#[derive(clap::Args, Default)]
pub struct Wire {
    /// An origin whose pages may read answers, such as https://app.example.org; * for any; may be given several times
    #[arg(long, env = "BANYAN_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<Origin>,

    /// End TLS with this chain of certificates (PEM), and read it anew when it changes or at SIGHUP
    #[arg(long, env = "BANYAN_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The private key of the certificate (PEM)
    #[arg(long, env = "BANYAN_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// How many seconds anybody may keep what a GET without a token answers
    #[arg(long, env = "BANYAN_PUBLIC_MAX_AGE", value_name = "SECONDS")]
    public_max_age: Option<u32>,

    /// Addresses of proxies that tell the client's address, such as 10.0.0.0/8; may be given several times
    #[arg(long, env = "BANYAN_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = net)]
    trusted_proxy: Vec<IpNet>,

    /// The header in which they tell it; the other one is never read
    #[arg(long, env = "BANYAN_FORWARDED_HEADER", value_name = "HEADER", default_value = "x-forwarded-for")]
    forwarded_header: Option<Header>,

    /// Connections at the same time, WebSockets included; the others wait to be accepted
    #[arg(long, env = "BANYAN_MAX_CONNECTIONS", value_name = "N", default_value = "10000",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections: Option<u32>,

    /// Operations that clients name instead of sending them: a directory of .graphql files, or a manifest (JSON)
    #[arg(long, env = "BANYAN_TRUSTED_DOCUMENTS", value_name = "PATH")]
    trusted_documents: Option<PathBuf>,

    /// Execute nothing but the trusted documents
    #[arg(long, env = "BANYAN_TRUSTED_DOCUMENTS_ONLY", requires = "trusted_documents")]
    trusted_documents_only: bool,

    /// Name fields that are alike in errors of validation
    #[arg(long, env = "BANYAN_FIELD_SUGGESTIONS")]
    field_suggestions: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Header {
    XForwardedFor,
    Forwarded,
}

/// A network, or one address.
fn net(text: &str) -> std::result::Result<IpNet, String> {
    let address = || text.parse().map(|address: std::net::IpAddr| address.into()).ok();
    text.parse().ok().or_else(address).ok_or_else(|| "this is no network such as 10.0.0.0/8, and no address".to_owned())
}

impl Wire {
    pub fn options(&self, server_timing: bool) -> Options {
        let header = match self.forwarded_header {
            Some(Header::Forwarded) => ForwardedHeader::Forwarded,
            _ => ForwardedHeader::XForwardedFor,
        };
        Options {
            server_timing,
            origins: self.allow_origin.clone(),
            proxies: Proxies { trusted: self.trusted_proxy.clone(), header },
            certificate: self.tls_cert.clone().zip(self.tls_key.clone()).map(|(chain, key)| Certificate { chain, key }),
            public_max_age: self.public_max_age,
            max_connections: self.max_connections,
        }
    }

    pub async fn api(&self, app: App) -> Result<Api> {
        let mut api = Api::new(app);
        if self.field_suggestions {
            api = api.suggesting();
        }
        match &self.trusted_documents {
            Some(path) => api.trusting(path, self.trusted_documents_only).await,
            None => Ok(api),
        }
    }
}
