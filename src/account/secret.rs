//! Secrets that are shown once: 256 random bits behind a prefix, of which only the hash is stored.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::app::App;

/// What a secret begins with, so that one that leaks is recognised, and none is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Api,
    Access,
    Refresh,
    OneTime,
}

impl Prefix {
    fn text(self) -> &'static str {
        match self {
            Prefix::Api => "byn_",
            Prefix::Access => "byna_",
            Prefix::Refresh => "bynr_",
            Prefix::OneTime => "byno_",
        }
    }

    pub(super) fn of_bytes(self, bytes: &[u8; 32]) -> String {
        format!("{}{}", self.text(), BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn draw(self, app: &App) -> String {
        self.of_bytes(&app.secret())
    }
}

/// What is stored of a secret.
pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// A token as it is shown, once.
#[derive(Clone)]
pub struct IssuedToken {
    pub secret: String,
    /// Milliseconds since the epoch.
    pub expires_at: i64,
}
