//! One GraphQL operation: who asks, the snapshot that all of it reads, and the batches that gather its keys.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use async_graphql::Context;
use tokio::sync::{MutexGuard, OnceCell};

use crate::access::Viewer;
use crate::app::App;
use crate::error::Result;
use crate::store::{Snapshot, Tx};

/// Made anew for each operation, so that nothing of one request is ever seen by another.
pub struct Operation {
    pub app: App,
    pub viewer: Viewer,
    snapshot: Snapshot,
    /// Held by whoever reads: in the order of asking, one after the other.
    turn: tokio::sync::Mutex<()>,
    pub(super) batches: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
    /// How many keys batches were given.
    pub(super) asked: AtomicUsize,
    as_of: OnceCell<i64>,
}

/// The operation's snapshot in the hands of one reader. Everybody else waits for it: give it back before waiting for a batch.
pub struct Turn<'a> {
    tx: Arc<Tx>,
    _turn: MutexGuard<'a, ()>,
}

impl Deref for Turn<'_> {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl Operation {
    pub fn new(app: App, viewer: Viewer) -> Operation {
        let snapshot = Snapshot::new(app.store.clone());
        Operation {
            app,
            viewer,
            snapshot,
            turn: tokio::sync::Mutex::default(),
            batches: Mutex::default(),
            asked: AtomicUsize::new(0),
            as_of: OnceCell::new(),
        }
    }

    /// The snapshot, once it is one's turn.
    pub async fn tx(&self) -> Result<Turn<'_>> {
        let turn = self.turn.lock().await;
        Ok(Turn { tx: self.snapshot.tx().await?, _turn: turn })
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
        let draw = || async { self.tx().await?.as_of(&self.app.clock).await };
        self.as_of.get_or_try_init(draw).await.copied()
    }
}

/// The operation of a resolver.
pub fn operation<'a>(ctx: &Context<'a>) -> async_graphql::Result<&'a Arc<Operation>> {
    ctx.data::<Arc<Operation>>()
}
