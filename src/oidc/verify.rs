//! Whether a token is the provider's own, for us, and for now.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Number;

use super::Provider;
use crate::error::{Error, Result};

/// Longer tokens are none.
const LONGEST: usize = 16_384;
/// Longer names of keys and subjects are none (OpenID Connect Core, section 2, has 255 for the subject).
const NAME: usize = 255;

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub issuer: String,
    pub subject: String,
    /// Milliseconds since the epoch.
    pub expires_at: i64,
}

/// What is read of a token beside issuer and audience, which the library compares. An instant of another type than a number is no
/// instant: the token is refused, not taken for one without.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: Number,
    nbf: Option<Number>,
    iat: Option<Number>,
}

/// What the log may have of it: the library's own words may quote the token.
fn told(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::ImmatureSignature => "it does not hold yet",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "it cannot be read",
    }
}

impl Provider {
    /// Whose token it is at this instant. UNAUTHENTICATED where it is not good, BUSY where that cannot be said, because the
    /// provider's keys are not to be had.
    pub async fn verify(&self, now: i64, token: &str) -> Result<Verified> {
        let refused = |why: &str| {
            tracing::debug!(why, "a token of the identity provider was refused");
            Error::Unauthenticated
        };
        if token.len() > LONGEST {
            return Err(refused("too long"));
        }
        // Algorithms that the library does not know, such as none, fail here.
        // What the library says of it may have parts of it.
        let header = decode_header(token).map_err(|_| refused("its header cannot be read"))?;
        if !self.algorithms.contains(&header.alg) {
            return Err(refused("its algorithm is not on the list"));
        }
        if header.kid.as_ref().is_some_and(|name| name.len() > NAME) {
            return Err(refused("the name of its key is too long"));
        }
        let keys = self.keys(now, header.kid.as_deref()).await.ok_or(Error::Busy)?;
        let key = keys.find(header.kid.as_deref(), header.alg).ok_or_else(|| refused("no key fits"))?;
        let mut rules = Validation::new(header.alg);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&self.audience);
        rules.set_required_spec_claims(&["iss", "aud", "sub"]);
        // By the server's own clock, below.
        rules.validate_exp = false;
        let claims = decode::<Claims>(token, key, &rules).map_err(|error| refused(told(error.kind())))?.claims;
        let expires_at = millis(&claims.exp).ok_or_else(|| refused("exp is no instant"))?;
        for begins in [&claims.nbf, &claims.iat].into_iter().flatten() {
            let begins = millis(begins).ok_or_else(|| refused("nbf or iat is no instant"))?;
            if begins > now.saturating_add(self.leeway) {
                return Err(refused("it is not good yet"));
            }
        }
        let expires_at = expires_at.saturating_add(self.leeway);
        if expires_at <= now {
            return Err(refused("it has expired"));
        }
        if claims.sub.is_empty() || claims.sub.len() > NAME || claims.sub.contains('\0') {
            return Err(refused("its subject is none"));
        }
        Ok(Verified { issuer: self.issuer.clone(), subject: claims.sub, expires_at })
    }
}

/// A NumericDate: seconds since the epoch, perhaps with a fraction.
fn millis(seconds: &Number) -> Option<i64> {
    let whole = seconds.as_i64().or_else(|| seconds.as_f64().map(|seconds| seconds.floor() as i64));
    whole?.checked_mul(1_000)
}
