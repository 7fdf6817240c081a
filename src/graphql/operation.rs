//! One GraphQL operation: who asks, the snapshot that all of it reads, and the queue of its readers.

use std::any::{Any, TypeId};
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::{Notify, OnceCell, oneshot};

use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Snapshot, Tx};

/// A reader in the queue: reads and hands its answer over.
type Job = Box<dyn FnOnce(Result<Arc<Tx>>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// How many rounds without a new reader or key mean that all resolvers wait.
const QUIET: u32 = 2;

/// Made anew for each operation, so that nothing of one request is ever seen by another.
pub struct Operation {
    pub app: App,
    pub caller: Caller,
    pub viewer: Viewer,
    snapshot: Snapshot,
    pub(super) batches: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
    waiting: Mutex<VecDeque<Job>>,
    /// Told when a reader joins the queue.
    wanted: Notify,
    /// How many readers joined the queue and keys joined a batch.
    asked: AtomicUsize,
    as_of: OnceCell<i64>,
}

impl Operation {
    pub fn new(app: App, caller: Caller) -> Operation {
        Operation {
            snapshot: Snapshot::new(app.store.clone()),
            app,
            viewer: caller.viewer,
            caller,
            batches: Mutex::default(),
            waiting: Mutex::default(),
            wanted: Notify::new(),
            asked: AtomicUsize::new(0),
            as_of: OnceCell::new(),
        }
    }

    /// Runs the resolvers to their end, and the queue beside them.
    pub async fn drive<T>(&self, resolvers: impl Future<Output = T>) -> T {
        tokio::select! {
            // In this order: what was read reaches all resolvers in the same round.
            biased;
            never = self.serve() => match never {},
            done = resolvers => done,
        }
    }

    /// Puts a reader of the snapshot into the queue. It must not wait for another one: they read one after the other, in the
    /// order in which they came, and none before every resolver that can run has run.
    pub fn read<T, F>(
        &self,
        reader: impl FnOnce(Arc<Tx>) -> F + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(|tx| {
            Box::pin(async move {
                let read = match tx {
                    Ok(tx) => reader(tx).await,
                    Err(error) => Err(error),
                };
                // Whoever asked may have gone.
                let _ = answer.send(read);
            })
        });
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.note();
        self.wanted.notify_one();
        async { answered.await.unwrap_or_else(|_| Err(Error::Internal("an operation ended early".to_owned()))) }
    }

    /// Says that a resolver has asked for something.
    pub(super) fn note(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    async fn serve(&self) -> Infallible {
        loop {
            self.settle().await;
            let job = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match job {
                Some(job) => job(self.snapshot.tx().await).await,
                None => self.wanted.notified().await,
            }
        }
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

    /// After a mutation: what follows reads what is committed now.
    pub async fn renew(&self) {
        self.snapshot.renew().await;
    }

    pub async fn statements(&self) -> u32 {
        self.snapshot.statements().await
    }

    /// An instant after everything that the snapshot sees, the same for the whole operation.
    pub async fn as_of(&self) -> Result<i64> {
        let draw = || {
            let clock = self.app.clock.clone();
            self.read(move |tx| async move { tx.as_of(&clock).await })
        };
        self.as_of.get_or_try_init(draw).await.copied()
    }
}

/// The operation of a resolver.
pub fn operation<'a>(ctx: &Context<'a>) -> async_graphql::Result<&'a Arc<Operation>> {
    ctx.data::<Arc<Operation>>()
}
