//! One GraphQL operation: who asks, the snapshot that all of it reads, and the queue of its readers.

use std::any::{Any, TypeId};
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::Context;
use tokio::sync::{Notify, OnceCell, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::error::{Error, Result, UserError};
use crate::store::{Snapshot, Tx, WRITE_LIMIT};

/// A reader in the queue: reads and hands its answer over.
type Job = Box<dyn FnOnce(Result<Arc<Tx>>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// How many rounds without a new reader or key mean that all resolvers wait.
const QUIET: u32 = 2;

/// How long after the operation's end a reader that the database should have ended is let go.
const GRACE: Duration = Duration::from_millis(100);

/// An instant that is so many milliseconds past can get no event any more: what was stamped then has been committed or given up,
/// by whichever server, clocks a little apart included.
const FINAL_AFTER: i64 = WRITE_LIMIT.as_millis() as i64 + 5_000;

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
    /// Before anything was read.
    begun_at: i64,
    limit: Duration,
    deadline: Instant,
    /// Set where the deadline ended a reader.
    over: Arc<AtomicBool>,
    /// Set where a payload has user errors.
    mendable: AtomicBool,
    /// Set where the answer tells what the clock said.
    told_time: AtomicBool,
}

impl Operation {
    /// Begins now, and has as long as an operation may take.
    pub fn new(app: App, caller: Caller) -> Operation {
        let limit = Duration::from_millis(app.config.limits.operation_ms);
        Operation {
            snapshot: Snapshot::new(app.store.clone()),
            begun_at: app.now(),
            app,
            viewer: caller.viewer,
            caller,
            batches: Mutex::default(),
            waiting: Mutex::default(),
            wanted: Notify::new(),
            asked: AtomicUsize::new(0),
            as_of: OnceCell::new(),
            limit,
            deadline: Instant::now() + limit,
            over: Arc::default(),
            mendable: AtomicBool::new(false),
            told_time: AtomicBool::new(false),
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
        let over = self.over.clone();
        async move { answered.await.unwrap_or_else(|_| Err(ended_early(&over))) }
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
                Some(job) => self.run(job).await,
                None => self.wanted.notified().await,
            }
        }
    }

    /// Runs a reader, which has until the deadline: the database ends its statement then, and nobody waits for it much longer.
    async fn run(&self, job: Job) {
        if self.is_over() {
            return job(Err(Error::Timeout)).await;
        }
        let reading = async { job(self.tx().await).await };
        if timeout_at(self.deadline + GRACE, reading).await.is_err() {
            self.over.store(true, Ordering::Relaxed);
        }
    }

    /// Reads by itself, without the queue, until the deadline as [`Operation::run`] does.
    pub(super) async fn alone<T>(&self, reading: impl Future<Output = Result<T>>) -> Result<T> {
        match timeout_at(self.deadline + GRACE, reading).await {
            Ok(read) => read,
            Err(_) => {
                self.over.store(true, Ordering::Relaxed);
                Err(Error::Timeout)
            }
        }
    }

    /// The snapshot, for whoever reads alone.
    pub(super) async fn snapshot(&self) -> Result<Arc<Tx>> {
        if self.is_over() { Err(Error::Timeout) } else { self.tx().await }
    }

    /// The snapshot, whose session ends a statement after the operation's whole time; a late one is told to be quicker.
    async fn tx(&self) -> Result<Arc<Tx>> {
        let tx = self.snapshot.tx().await?;
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left < self.limit.mul_f32(0.9) {
            tx.hurry(left).await?;
        }
        Ok(tx)
    }

    /// Whether the operation has had its time.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
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

    /// Counts what a caller can mend.
    pub fn note_user_errors(&self, errors: &[UserError]) {
        self.mendable.store(true, Ordering::Relaxed);
        errors.iter().for_each(|error| self.app.meter.user_error(error.code));
    }

    /// Whether a payload has user errors.
    pub fn is_mendable(&self) -> bool {
        self.mendable.load(Ordering::Relaxed)
    }

    /// After a mutation: what follows reads what is committed now.
    pub async fn renew(&self) {
        self.snapshot.renew().await;
    }

    /// Counts statements that needed no snapshot.
    pub(super) fn read_beside(&self, statements: u32) {
        self.snapshot.read_beside(statements);
    }

    pub async fn statements(&self) -> u32 {
        self.snapshot.statements().await
    }

    /// The present instant, for an answer that tells it or depends on it. Resolvers ask no other clock: what has told the time is
    /// not told again.
    pub fn now(&self) -> i64 {
        self.told_time.store(true, Ordering::Relaxed);
        self.app.now()
    }

    /// Whether the answer depends on more than the database and the question.
    pub fn has_told_time(&self) -> bool {
        self.told_time.load(Ordering::Relaxed)
    }

    /// [`Operation::as_of`] for an answer that tells it.
    pub async fn told_as_of(&self) -> Result<i64> {
        self.told_time.store(true, Ordering::Relaxed);
        self.as_of().await
    }

    /// Whether no event can come any more that is earlier than the instant.
    pub fn is_final(&self, at: i64) -> bool {
        self.told_time.store(true, Ordering::Relaxed);
        at <= self.begun_at.saturating_sub(FINAL_AFTER)
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

fn ended_early(over: &AtomicBool) -> Error {
    if over.load(Ordering::Relaxed) {
        return Error::Timeout;
    }
    Error::Internal("an operation ended early".to_owned())
}

/// The operation of a resolver.
pub fn operation<'a>(ctx: &Context<'a>) -> async_graphql::Result<&'a Arc<Operation>> {
    ctx.data::<Arc<Operation>>()
}
