//! Batches: all keys that an operation's resolvers ask for at the same time go into one statement.
//!
//! One batch reads at a time, and before it does it waits, without a timer, until every resolver that can run has run; keys for
//! the next ones gather meanwhile. So which keys share a statement depends on the query's shape, not on how fast the database is.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::operation::Operation;
use crate::access::Viewer;
use crate::error::{Error, Result};
use crate::store::Tx;

/// Something that is loaded for many keys at once. Without state: what was loaded is not kept.
pub trait Batch: 'static {
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    type Value: Clone + Send + Sync + 'static;

    /// Loads what there is for the keys, each of which stands once.
    fn load(
        tx: &Tx,
        viewer: Viewer,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

type Loaded<B> = Result<Arc<HashMap<<B as Batch>::Key, <B as Batch>::Value>>>;
type Loading<B> = Shared<Pin<Box<dyn Future<Output = Loaded<B>> + Send>>>;

/// How many rounds without a new key mean that all resolvers wait. Those that the last batch woke may stand behind the next one
/// in a round, and the keys that they make known to others behind it in the round after.
const QUIET: u32 = 4;

/// A batch that still takes keys.
struct Open<B: Batch> {
    keys: Arc<Mutex<Vec<B::Key>>>,
    loading: Loading<B>,
}

impl Operation {
    /// What there is for the key; `None` where there is nothing that the viewer may see.
    pub async fn load<B: Batch>(self: &Arc<Self>, key: B::Key) -> Result<Option<B::Value>> {
        let loading = self.join::<B>(key.clone());
        let loaded = loading.await?;
        Ok(loaded.get(&key).cloned())
    }

    /// Puts the key into the open batch, opening one where there is none.
    fn join<B: Batch>(self: &Arc<Self>, key: B::Key) -> Loading<B> {
        // A panic elsewhere leaves the map whole.
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        self.asked.fetch_add(1, Ordering::Relaxed);
        let open = batches.get(&TypeId::of::<B>()).and_then(|open| open.downcast_ref::<Open<B>>());
        if let Some(open) = open {
            push(&open.keys, key);
            return open.loading.clone();
        }
        let keys = Arc::new(Mutex::new(vec![key]));
        let loading = run::<B>(Arc::downgrade(self), keys.clone()).boxed().shared();
        batches.insert(TypeId::of::<B>(), Box::new(Open::<B> { keys, loading: loading.clone() }));
        loading
    }

    /// Lets the resolvers run until none of them asks for anything any more.
    async fn settle(&self) {
        let mut before = self.asked.load(Ordering::Relaxed);
        let mut quiet = 0;
        while quiet < QUIET {
            tokio::task::yield_now().await;
            let now = self.asked.load(Ordering::Relaxed);
            quiet = if now == before { quiet + 1 } else { 0 };
            before = now;
        }
    }
}

async fn run<B: Batch>(operation: Weak<Operation>, keys: Arc<Mutex<Vec<B::Key>>>) -> Loaded<B> {
    let operation = operation.upgrade().ok_or_else(|| Error::Internal("an operation ended early".to_owned()))?;
    let tx = operation.tx().await?;
    operation.settle().await;
    operation.batches.lock().unwrap_or_else(PoisonError::into_inner).remove(&TypeId::of::<B>());
    let mut keys = std::mem::take(&mut *keys.lock().unwrap_or_else(PoisonError::into_inner));
    let mut seen = std::collections::HashSet::with_capacity(keys.len());
    keys.retain(|key| seen.insert(key.clone()));
    Ok(Arc::new(B::load(&tx, operation.viewer, keys).await?))
}

fn push<K>(keys: &Mutex<Vec<K>>, key: K) {
    keys.lock().unwrap_or_else(PoisonError::into_inner).push(key);
}

/// Splits keys made of a question and an owner into the questions with their owners.
pub fn by_question<Q: Eq + Hash, O>(keys: Vec<(Q, O)>) -> HashMap<Q, Vec<O>> {
    let mut questions: HashMap<Q, Vec<O>> = HashMap::new();
    for (question, owner) in keys {
        questions.entry(question).or_default().push(owner);
    }
    questions
}
