//! What one subscription waits for, and what has come of it.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::cursor::Change;
use super::poll::Feed;

/// Most initiatives that may wait for one subscription.
const MOST_WAITING: usize = 10_000;

/// What a subscription is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest {
    pub what: What,
    /// The unit: it and everything below.
    pub unit: i64,
    /// Any, where none is given.
    pub programme: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Rollup,
    Initiatives,
}

impl Interest {
    /// Whether the change of something in the unit is about it.
    pub(super) fn covers(&self, change: &Change) -> bool {
        let wanted = self.what == What::Rollup || change.of_initiative;
        wanted && self.programme.is_none_or(|programme| programme == change.programme_id)
    }
}

/// What has come since it was last taken: several changes of the same thing are one.
#[derive(Default)]
pub(super) struct Pending {
    /// The roll-up may be another one.
    pub stale: bool,
    /// More changed than can wait: it is not known which.
    pub overflowed: bool,
    order: VecDeque<i64>,
    versions: HashMap<i64, i32>,
}

impl Pending {
    fn add(&mut self, change: &Change) {
        self.add_one(change.id, change.seq);
    }

    fn add_one(&mut self, id: i64, version: i32) {
        if self.overflowed {
            return;
        }
        match self.versions.entry(id) {
            Entry::Occupied(mut known) => {
                let latest = version.max(*known.get());
                known.insert(latest);
            }
            Entry::Vacant(_) if self.order.len() >= MOST_WAITING => {
                *self = Pending { overflowed: true, ..Pending::default() };
            }
            Entry::Vacant(free) => {
                free.insert(version);
                self.order.push_back(id);
            }
        }
    }

    fn any(&self) -> bool {
        self.stale || self.overflowed || !self.order.is_empty()
    }

    /// Takes up to so many initiatives, with the latest version that was told, in the order in which they began to wait.
    fn take(&mut self, most: usize) -> Vec<(i64, i32)> {
        let ids = self.order.drain(..most.min(self.order.len()));
        ids.filter_map(|id| self.versions.remove_entry(&id)).collect()
    }
}

/// A subscription's place in the feed, given up when it is dropped.
pub struct Watch {
    pub(super) feed: Feed,
    pub(super) id: u64,
    pub(super) place: Arc<Place>,
}

pub(super) struct Place {
    pub interest: Interest,
    pending: Mutex<Pending>,
    told: Notify,
}

impl Place {
    pub fn new(interest: Interest) -> Arc<Place> {
        Arc::new(Place { interest, pending: Mutex::default(), told: Notify::new() })
    }

    pub fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn tell(&self) {
        self.told.notify_one();
    }

    pub fn take_in<'a>(&self, mut changes: impl Iterator<Item = &'a Change>) {
        let mut pending = self.pending();
        match self.interest.what {
            What::Rollup => pending.stale |= changes.next().is_some(),
            What::Initiatives => changes.for_each(|change| pending.add(change)),
        }
        if pending.any() {
            drop(pending);
            self.tell();
        }
    }
}

impl Watch {
    pub fn interest(&self) -> Interest {
        self.place.interest
    }

    /// Waits until something has come.
    pub async fn came(&self) {
        while !self.place.pending().any() {
            self.place.told.notified().await;
        }
    }

    /// Whether the roll-up may be another one; it is not any more after this.
    pub fn take_stale(&self) -> bool {
        std::mem::take(&mut self.place.pending().stale)
    }

    /// Says that the roll-up has still to be looked at.
    pub fn stale_again(&self) {
        self.place.pending().stale = true;
    }

    /// Up to so many initiatives with their latest versions; nothing where more have changed than could wait.
    pub fn take_initiatives(&self, most: usize) -> Option<Vec<(i64, i32)>> {
        let mut pending = self.place.pending();
        (!pending.overflowed).then(|| pending.take(most))
    }

    /// Puts one back that could not be told: it waits behind the others.
    pub fn put_back(&self, id: i64, version: i32) {
        self.place.pending().add_one(id, version);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.feed.leave(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: i64, seq: i32) -> Change {
        Change::of(id, seq)
    }

    #[test]
    fn changes_of_one_initiative_are_one_and_keep_their_place() {
        let mut pending = Pending::default();
        for (id, seq) in [(1, 2), (2, 1), (1, 3), (1, 1), (3, 5)] {
            pending.add(&change(id, seq));
        }
        assert_eq!(pending.take(2), [(1, 3), (2, 1)]);
        pending.add(&change(1, 4));
        assert_eq!(pending.take(9), [(3, 5), (1, 4)]);
        assert!(!pending.any());
    }

    #[test]
    fn more_than_can_wait_is_told_and_costs_nothing_more() {
        let mut pending = Pending::default();
        for id in 0..=MOST_WAITING as i64 {
            pending.add(&change(id, 1));
        }
        assert!(pending.overflowed && pending.order.is_empty() && pending.versions.is_empty());
        pending.add(&change(1, 2));
        assert!(pending.overflowed && pending.order.is_empty());
    }
}
