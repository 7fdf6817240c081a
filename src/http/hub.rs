//! Connections that last: how many there are, whether their credentials hold, and that they end with the server.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::config::Streams;
use crate::feed::{Badge, Vigil};
use crate::meter::Meter;

/// Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    settings: Streams,
    vigil: Vigil,
    stop: CancellationToken,
    tasks: TaskTracker,
    callers: Mutex<HashMap<Who, u32>>,
    meter: Meter,
}

/// Whose connections and streams are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Account(i64),
    Address(Option<IpAddr>),
}

/// One that is counted, until it is dropped.
pub struct Place {
    hub: Hub,
    who: Who,
}

impl Hub {
    pub fn new(app: &App) -> Hub {
        Hub(Arc::new(Inner {
            settings: app.config.streams.clone(),
            vigil: Vigil::new(app.clone()),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            callers: Mutex::default(),
            meter: app.meter.clone(),
        }))
    }

    pub fn settings(&self) -> &Streams {
        &self.0.settings
    }

    pub fn meter(&self) -> &Meter {
        &self.0.meter
    }

    pub fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.0.settings.keep_alive_ms)
    }

    /// A place for one more connection or stream of the caller, unless he has as many as he may.
    pub fn place(&self, caller: &Caller) -> Option<Place> {
        let who = caller.viewer.account().map_or(Who::Address(caller.address), Who::Account);
        let mut callers = self.0.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let count = callers.entry(who).or_default();
        if *count >= self.0.settings.max_streams_per_caller {
            return None;
        }
        *count += 1;
        Some(Place { hub: self.clone(), who })
    }

    /// Looks after the viewer's credential.
    pub fn keep(&self, viewer: Viewer) -> Badge {
        self.0.vigil.keep(viewer)
    }

    /// Runs something that the server waits for when it stops.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(task.in_current_span());
    }

    /// Waits until the server stops.
    pub async fn stopping(&self) {
        self.0.stop.cancelled().await;
    }

    /// Tells every connection that the server stops.
    pub fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
    }

    /// Waits until they have gone, or for so long.
    pub async fn gone(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.0.tasks.wait()).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut callers = self.hub.0.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = callers.entry(self.who) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
