//! One GraphQL operation: who asks, the snapshot that all of it reads, and the batches that gather its keys.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_graphql::Context;
use tokio::sync::OnceCell;

use crate::access::Viewer;
use crate::app::App;
use crate::error::Result;
use crate::store::{Snapshot, Tx};

/// Made anew for each operation, so that nothing of one request is ever seen by another.
pub struct Operation {
    pub app: App,
    pub viewer: Viewer,
    snapshot: Snapshot,
    pub(super) batches: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
    as_of: OnceCell<i64>,
}

impl Operation {
    pub fn new(app: App, viewer: Viewer) -> Operation {
        let snapshot = Snapshot::new(app.store.clone());
        Operation { app, viewer, snapshot, batches: Mutex::default(), as_of: OnceCell::new() }
    }

    pub async fn tx(&self) -> Result<Arc<Tx>> {
        self.snapshot.tx().await
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
