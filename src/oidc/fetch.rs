//! What is fetched of the provider: its configuration, and by it its keys. Bounded in time and size, and led nowhere else.

use std::path::Path;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use reqwest::{Certificate, Client, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::keys::Keys;
use crate::error::{Error, Result};

/// For each of the two requests.
const TIME: Duration = Duration::from_secs(3);
const BYTES: usize = 1 << 20;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// A client that trusts the public authorities, and one's own if there is one.
pub fn client(authority: Option<&Path>) -> Result<Client> {
    let mut builder = Client::builder().timeout(TIME).connect_timeout(TIME).redirect(redirect::Policy::none());
    if let Some(path) = authority {
        let wrong = |why: String| Error::Setting(format!("--oidc-ca {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| wrong(error.to_string()))?);
    }
    builder.build().map_err(|error| Error::Setting(format!("no client for the identity provider: {error}")))
}

/// Whether the URL is https, or of this very machine.
pub fn is_safe(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.scheme() {
        "https" => url.has_host(),
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        _ => false,
    })
}

/// The keys that the issuer signs with now.
pub async fn keys(http: &Client, issuer: &str) -> std::result::Result<Keys, String> {
    let discovery: Discovery =
        get(http, &format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).await?;
    if discovery.issuer != issuer {
        return Err(format!("it calls itself {}", crate::error::clip(&discovery.issuer)));
    }
    if !is_safe(&discovery.jwks_uri) {
        return Err("its jwks_uri is not https".to_owned());
    }
    // Keys of kinds that are not known here are no reason to refuse the others.
    let set: serde_json::Value = get(http, &discovery.jwks_uri).await?;
    let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    let keys = keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
    Ok(Keys::of(&JwkSet { keys }))
}

async fn get<T: DeserializeOwned>(http: &Client, url: &str) -> std::result::Result<T, String> {
    let mut response = http.get(url).send().await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("{url} answered {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
        if body.len() + chunk.len() > BYTES {
            return Err(format!("{url} answered more than {BYTES} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|error| format!("{url}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for safe in ["https://id.example.org/realms/x", "http://127.0.0.1:99/", "http://localhost", "http://[::1]:1/a"]
        {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in
            ["http://id.example.org", "http://127.0.0.1.example.org", "file:///etc/passwd", "", "id.example.org"]
        {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
    }
}
