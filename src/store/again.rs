//! What was read of the database, given again while the database is in the state in which it was read.

use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::joint::Joint;

/// No value is kept that takes more than its share of the memory: on large machines the library would make many small ones.
const SHARDS: usize = 4;

/// What a kept value costs beside its own bytes: key, version, the cache's own.
const BESIDE: usize = 300;

/// Values by key, each with the state in which it was read: a [`super::Version`], or a [`super::Generation`] of what it depends on. Kept
/// up to so many bytes, the ones used least going first, and read once for all who ask at the same time.
pub struct Again<K, V, S> {
    kept: Cache<K, Kept<V, S>, ByBytes>,
    joint: Arc<Joint<K, S, Option<V>>>,
}

#[derive(Clone)]
struct Kept<V, S> {
    version: S,
    value: V,
    bytes: usize,
}

/// A value as it was read.
pub struct Reading<V> {
    pub value: V,
    /// Whether it depends on nothing but the database, and the key.
    pub keep: bool,
    /// How much memory it takes.
    pub bytes: usize,
}

#[derive(Clone)]
struct ByBytes;

impl<K, V, S> Weighter<K, Kept<V, S>> for ByBytes {
    fn weight(&self, _key: &K, kept: &Kept<V, S>) -> u64 {
        (kept.bytes + BESIDE) as u64
    }
}

impl<K, V, S> Again<K, V, S>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    S: Clone + PartialEq + Send + Sync + 'static,
{
    /// `each`: about how many bytes a value takes.
    pub fn new(bytes: u64, each: usize) -> Again<K, V, S> {
        let number = (usize::try_from(bytes).unwrap_or(usize::MAX) / (each + BESIDE)).max(16);
        let options =
            OptionsBuilder::new().shards(SHARDS).estimated_items_capacity(number).weight_capacity(bytes).build();
        let kept = match options {
            Ok(options) => {
                Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            Err(_) => Cache::with_weighter(number, bytes, ByBytes),
        };
        Again { kept, joint: Arc::default() }
    }

    /// The value in the state of `version` or a later one, which was looked up after the request came: kept from before, or read
    /// now, perhaps together with others who asked for it before the reading began. None where the reading answers none.
    pub async fn get<F>(self: &Arc<Self>, key: K, version: S, read: impl Fn() -> F + Send + 'static) -> Option<V>
    where
        F: Future<Output = Option<Reading<V>>> + Send + 'static,
    {
        if let Some(value) = self.known(&key, &version) {
            return Some(value);
        }
        let (this, own) = (self.clone(), key.clone());
        let run = move |versions: Vec<S>| {
            let (this, key, reading) = (this.clone(), own.clone(), read());
            async move { this.read(key, &versions, reading).await }
        };
        self.joint.ask(key, version, run).await.flatten()
    }

    /// The value, where it is kept from this very state.
    pub fn known(&self, key: &K, version: &S) -> Option<V> {
        self.kept.get(key).filter(|kept| kept.version == *version).map(|kept| kept.value)
    }

    /// All these versions were looked up before this began. The value is newer than each of them, and so may be kept with any.
    async fn read(&self, key: K, versions: &[S], reading: impl Future<Output = Option<Reading<V>>>) -> Option<V> {
        let version = versions.last()?;
        // Somebody may have read it since. Which of several versions is the newest one nobody knows.
        if versions.iter().all(|other| other == version)
            && let Some(value) = self.known(&key, version)
        {
            return Some(value);
        }
        let Reading { value, keep, bytes } = reading.await?;
        if keep {
            self.kept.insert(key, Kept { version: version.clone(), value: value.clone(), bytes });
        }
        Some(value)
    }
}
