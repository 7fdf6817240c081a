//! The provider's public keys.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

/// Those of the provider's keys that sign; cheap to clone.
#[derive(Clone, Default)]
pub struct Keys(Arc<Vec<Key>>);

struct Key {
    name: Option<String>,
    /// The algorithm that the provider says it is for.
    algorithm: Option<Algorithm>,
    key: DecodingKey,
}

impl Keys {
    /// Secrets, and keys that encrypt, are left out.
    pub fn of(set: &JwkSet) -> Keys {
        Keys(Arc::new(set.keys.iter().filter_map(Key::of).collect()))
    }

    pub fn have(&self, name: &str) -> bool {
        self.0.iter().any(|key| key.name.as_deref() == Some(name))
    }

    /// The key of this name for the algorithm; without a name the only one that fits.
    pub fn find(&self, name: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let fits = |key: &&Key| {
            key.key.family() == algorithm.family()
                && key.algorithm.is_none_or(|said| said == algorithm)
                && name.is_none_or(|name| key.name.as_deref() == Some(name))
        };
        let mut found = self.0.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(&only.key),
            _ => None,
        }
    }
}

impl Key {
    fn of(jwk: &Jwk) -> Option<Key> {
        let signs = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let secret = matches!(jwk.algorithm, jsonwebtoken::jwk::AlgorithmParameters::OctetKey(_));
        if !signs || secret {
            return None;
        }
        let algorithm = match jwk.common.key_algorithm {
            None => None,
            Some(said) => Some(said.to_string().parse().ok()?),
        };
        Some(Key { name: jwk.common.key_id.clone(), algorithm, key: DecodingKey::from_jwk(jwk).ok()? })
    }
}
