//! The one reader of a process: looks a few times a second while anybody subscribes, and tells whom it concerns.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::cursor::{Cursor, Found, above};
use super::watch::{Interest, Place, Watch, What};
use crate::app::App;
use crate::error::{Error, Result};

/// From one look to the next.
const EVERY: Duration = Duration::from_millis(200);

/// From a look that failed to the next.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long the reader goes on when nobody subscribes any more: a page that is loaded again finds it at work.
const LINGER: Duration = Duration::from_secs(30);

/// How long a new subscription waits for the reader's first look.
const FIRST_LOOK: Duration = Duration::from_secs(10);

/// Changes for this process's subscriptions; cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Shared>);

struct Shared {
    app: App,
    places: Mutex<Places>,
    /// Whether the reader has looked since it started.
    looked: watch::Sender<bool>,
}

#[derive(Default)]
struct Places {
    next: u64,
    all: HashMap<u64, Arc<Place>>,
    running: bool,
}

impl Feed {
    pub fn new(app: App) -> Feed {
        Feed(Arc::new(Shared { app, places: Mutex::default(), looked: watch::Sender::new(false) }))
    }

    /// Takes a place: whatever is committed after this answers will be told. BUSY where the database does not answer.
    pub async fn join(&self, interest: Interest) -> Result<Watch> {
        let joined = self.enter(interest);
        let mut looked = self.0.looked.subscribe();
        match timeout(FIRST_LOOK, looked.wait_for(|looked| *looked)).await {
            Ok(Ok(_)) => Ok(joined),
            _ => Err(Error::Busy),
        }
    }

    fn enter(&self, interest: Interest) -> Watch {
        let place = Place::new(interest);
        let mut places = self.places();
        let id = places.next;
        places.next += 1;
        places.all.insert(id, place.clone());
        if !places.running {
            places.running = true;
            tokio::spawn(run(self.clone()));
        }
        Watch { feed: self.clone(), id, place }
    }

    pub(super) fn leave(&self, id: u64) {
        self.places().all.remove(&id);
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watching(&self) -> Vec<Arc<Place>> {
        self.places().all.values().cloned().collect()
    }

    /// Ends the reader, unless somebody has come meanwhile.
    fn may_stop(&self) -> bool {
        let mut places = self.places();
        if places.all.is_empty() {
            places.running = false;
            self.0.app.meter.feed_stopped();
            self.0.looked.send_replace(false);
        }
        !places.running
    }
}

/// Looks, until nobody has subscribed for some time.
async fn run(feed: Feed) {
    let app = feed.0.app.clone();
    let mut cursor = loop {
        match Cursor::now(&app).await {
            Ok(cursor) => break cursor,
            Err(error) => tracing::warn!(%error, "the feed cannot begin; it tries again"),
        }
        sleep(AFTER_FAILURE).await;
    };
    app.meter.feed_looked();
    feed.0.looked.send_replace(true);
    let mut wanted_at = Instant::now();
    loop {
        sleep(EVERY).await;
        if !feed.places().all.is_empty() {
            wanted_at = Instant::now();
        } else if wanted_at.elapsed() > LINGER && feed.may_stop() {
            return;
        }
        match turn(&feed, &mut cursor).await {
            Ok(()) => app.meter.feed_looked(),
            Err(error) => {
                tracing::warn!(%error, "the feed cannot look for changes; it goes back to where it was");
                sleep(AFTER_FAILURE).await;
            }
        }
    }
}

/// One look, and telling what it found. What was found and cannot be told is found again.
async fn turn(feed: &Feed, cursor: &mut Cursor) -> Result<()> {
    let app = &feed.0.app;
    let look = cursor.look(app).await?;
    // After the look: who comes during it may miss nothing that it found.
    let places = feed.watching();
    if look.found.tree_changed {
        for place in places.iter().filter(|place| place.interest.what == What::Rollup) {
            place.pending().stale = true;
            place.tell();
        }
    }
    if !look.found.changes.is_empty() {
        tell(app, &look.found, &places).await?;
    }
    cursor.keep(look);
    Ok(())
}

async fn tell(app: &App, found: &Found, places: &[Arc<Place>]) -> Result<()> {
    let among: HashSet<i64> = places.iter().map(|place| place.interest.unit).collect();
    let units: HashSet<i64> = found.changes.iter().map(|change| change.unit_id).collect();
    let above = above(app, &units, &among).await?;
    let mut below: HashMap<i64, Vec<usize>> = HashMap::new();
    for (n, change) in found.changes.iter().enumerate() {
        for unit in above.get(&change.unit_id).into_iter().flatten() {
            below.entry(*unit).or_default().push(n);
        }
    }
    for place in places {
        let changes = below.get(&place.interest.unit).into_iter().flatten().map(|n| &found.changes[*n]);
        place.take_in(changes.filter(|change| place.interest.covers(change)));
    }
    Ok(())
}
