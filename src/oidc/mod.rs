//! The identity provider (OpenID Connect): whether a token is one of its own for us, and whose it is.

mod fetch;
mod keys;
mod verify;

use std::sync::{PoisonError, RwLock};

use jsonwebtoken::Algorithm;
use tokio::sync::Mutex;

use crate::config::Config;
use crate::error::{Error, Result};
use keys::Keys;

pub use verify::Verified;

/// Keys are fetched anew after so long, in milliseconds: one that the provider has withdrawn holds no longer than that.
const FRESH: i64 = 60 * 60_000;
/// Where the provider cannot be reached, keys hold on for so long.
const USABLE: i64 = 24 * 60 * 60_000;
/// Between two tries at fetching them: tokens with unknown keys cost the provider no more than this.
const PAUSE: i64 = 10_000;

/// The provider that is configured, with its keys as they were fetched last.
pub struct Provider {
    pub issuer: String,
    audience: Vec<String>,
    algorithms: Vec<Algorithm>,
    leeway: i64,
    http: reqwest::Client,
    known: RwLock<Known>,
    /// Held by the one who fetches.
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Keys,
    /// Milliseconds since the epoch; `None`: never.
    fetched_at: Option<i64>,
    tried_at: Option<i64>,
}

impl Provider {
    /// The provider of the settings, if they name one. Nothing is fetched yet.
    pub fn of(config: &Config) -> Result<Option<Provider>> {
        let settings = &config.identity.oidc;
        let Some(issuer) = &settings.oidc_issuer else { return Ok(None) };
        if !fetch::is_safe(issuer) {
            return Err(Error::Setting(format!("--oidc-issuer {issuer}: this is not an https URL")));
        }
        if settings.oidc_audience.is_empty() {
            return Err(Error::Setting("--oidc-issuer needs --oidc-audience".to_owned()));
        }
        let algorithms = settings.oidc_algorithms.iter().map(|name| {
            name.parse().map_err(|_| Error::Setting(format!("--oidc-algorithms {name}: there is no such algorithm")))
        });
        Ok(Some(Provider {
            issuer: issuer.clone(),
            audience: settings.oidc_audience.clone(),
            algorithms: algorithms.collect::<Result<_>>()?,
            leeway: i64::from(settings.oidc_leeway_seconds) * 1_000,
            http: fetch::client(settings.oidc_ca.as_deref())?,
            known: RwLock::default(),
            fetching: Mutex::default(),
        }))
    }

    /// The keys, with one of this name if the provider has it. `None`: there are none to be had.
    async fn keys(&self, now: i64, name: Option<&str>) -> Option<Keys> {
        if self.is_due(now, name) {
            // The others wait for the one who fetches; that is bounded in time.
            let _turn = self.fetching.lock().await;
            if self.is_due(now, name) {
                self.fetch(now).await;
            }
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let usable = known.fetched_at.is_some_and(|at| now.saturating_sub(at) < USABLE);
        usable.then(|| known.keys.clone())
    }

    /// Whether to fetch: the keys are old, or the name is not among them, and the last try is a while ago.
    fn is_due(&self, now: i64, name: Option<&str>) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let old = known.fetched_at.is_none_or(|at| now.saturating_sub(at) >= FRESH);
        let unknown = name.is_some_and(|name| !known.keys.have(name));
        let rested = known.tried_at.is_none_or(|at| now.saturating_sub(at) >= PAUSE);
        (old || unknown) && rested
    }

    async fn fetch(&self, now: i64) {
        let fetched = fetch::keys(&self.http, &self.issuer).await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.tried_at = Some(now);
        match fetched {
            Ok(keys) => {
                known.keys = keys;
                known.fetched_at = Some(now);
            }
            Err(error) => tracing::warn!(issuer = self.issuer, error, "the identity provider's keys were not fetched"),
        }
    }
}
