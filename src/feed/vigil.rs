//! Whether the credentials of those who are connected still hold: asked for all of them together, once a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::access::{Credential, Viewer, holding};
use crate::app::App;
use crate::error::Result;

const EVERY: Duration = Duration::from_secs(1);

/// The credentials of this process's connections; cheap to clone.
#[derive(Clone)]
pub struct Vigil(Arc<Shared>);

struct Shared {
    app: App,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    next: u64,
    all: HashMap<u64, (Viewer, CancellationToken)>,
    running: bool,
}

/// One credential that is looked after until this is dropped.
pub struct Badge {
    vigil: Vigil,
    id: Option<u64>,
    ended: CancellationToken,
}

impl Vigil {
    pub fn new(app: App) -> Vigil {
        Vigil(Arc::new(Shared { app, kept: Mutex::default() }))
    }

    /// Looks after what the viewer came in by. Who came in by nothing has nothing that could end.
    pub fn keep(&self, viewer: Viewer) -> Badge {
        let ended = CancellationToken::new();
        if viewer.credential() == Credential::None {
            return Badge { vigil: self.clone(), id: None, ended };
        }
        let mut kept = self.kept();
        let id = kept.next;
        kept.next += 1;
        kept.all.insert(id, (viewer, ended.clone()));
        if !kept.running {
            kept.running = true;
            tokio::spawn(run(self.clone()));
        }
        Badge { vigil: self.clone(), id: Some(id), ended }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self) -> Result<()> {
        let all: Vec<(Viewer, CancellationToken)> = self.kept().all.values().cloned().collect();
        let app = &self.0.app;
        let viewers: Vec<Viewer> = all.iter().map(|(viewer, _)| *viewer).collect();
        let holding = holding(&app.store.read().await?, app.now(), &viewers).await?;
        all.iter().filter(|(viewer, _)| !holding.contains(viewer)).for_each(|(_, ended)| ended.cancel());
        Ok(())
    }
}

async fn run(vigil: Vigil) {
    loop {
        sleep(EVERY).await;
        {
            let mut kept = vigil.kept();
            if kept.all.is_empty() {
                kept.running = false;
                return;
            }
        }
        if let Err(error) = vigil.look().await {
            tracing::warn!(%error, "cannot ask whether credentials still hold; asking again");
        }
    }
}

impl Badge {
    /// Waits until the credential holds no more.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Drop for Badge {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.vigil.kept().all.remove(&id);
        }
    }
}
