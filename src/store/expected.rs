//! What is expected of the database by what somebody saw last: it decides what is tried first, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by a store and its transactions.
#[derive(Clone, Debug, Default)]
pub struct Expected(Arc<AtomicBool>);

impl Expected {
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn set(&self, seen: bool) {
        self.0.store(seen, Ordering::Relaxed);
    }
}
