//! Batches: all keys that an operation's resolvers ask for at the same time go into one statement.
//!
//! A batch takes keys until it is its turn to read, and nothing reads before every resolver that can run has run; so which keys
//! share a statement depends on the query's shape, not on how fast the database is.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

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
        self.note();
        let open = batches.get(&TypeId::of::<B>()).and_then(|open| open.downcast_ref::<Open<B>>());
        if let Some(open) = open {
            push(&open.keys, key);
            return open.loading.clone();
        }
        let keys = Arc::new(Mutex::new(vec![key]));
        let loading = self.read(run::<B>(Arc::downgrade(self), keys.clone())).boxed().shared();
        batches.insert(TypeId::of::<B>(), Box::new(Open::<B> { keys, loading: loading.clone() }));
        loading
    }
}

/// The reader of a batch: closes it, and loads what there is for its keys.
fn run<B: Batch>(
    operation: Weak<Operation>,
    keys: Arc<Mutex<Vec<B::Key>>>,
) -> impl FnOnce(Arc<Tx>) -> BoxFuture<'static, Loaded<B>> + Send + 'static {
    move |tx| {
        Box::pin(async move {
            let operation =
                operation.upgrade().ok_or_else(|| Error::Internal("an operation ended early".to_owned()))?;
            operation.batches.lock().unwrap_or_else(PoisonError::into_inner).remove(&TypeId::of::<B>());
            let mut keys = std::mem::take(&mut *keys.lock().unwrap_or_else(PoisonError::into_inner));
            let mut seen = std::collections::HashSet::with_capacity(keys.len());
            keys.retain(|key| seen.insert(key.clone()));
            Ok(Arc::new(B::load(&tx, operation.viewer, keys).await?))
        })
    }
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
