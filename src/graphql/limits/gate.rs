//! Who may run at this moment: so many operations of one caller and so many of all, and a bounded number that wait.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::payer::Payer;
use super::refusal::{BUSY, RATE_LIMITED, Refusal};
use crate::config::Limits;
use crate::text::message;

/// Seconds after which somebody who found too many others waiting may come again.
const COME_AGAIN: u64 = 1;

pub struct Gate {
    all: Lane,
    callers: Mutex<HashMap<Payer, Place>>,
    running_per_caller: usize,
    waiting_per_caller: usize,
}

/// The lane of one caller, and how many stand in it.
struct Place {
    lane: Arc<Lane>,
    here: usize,
}

/// Some who run, and a bounded number that wait.
struct Lane {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

enum Turned {
    Full,
    TooLate,
}

/// A turn of one's own until it is dropped.
pub struct Turn {
    // In this order: the caller's place is given up last.
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _here: Here,
}

struct Here {
    gate: Arc<Gate>,
    payer: Payer,
}

impl Gate {
    pub fn new(limits: &Limits) -> Gate {
        let waiting_per_caller = limits.max_waiting_per_caller as usize;
        Gate {
            all: Lane::new(limits.max_running as usize, waiting_per_caller.saturating_mul(8)),
            callers: Mutex::default(),
            running_per_caller: limits.max_running_per_caller as usize,
            waiting_per_caller,
        }
    }

    /// Waits for a turn, until the deadline at most.
    pub async fn enter(self: &Arc<Self>, payer: Payer, deadline: Instant) -> Result<Turn, Refusal> {
        let (lane, here) = self.place(payer);
        let own = lane.enter(deadline).await.map_err(|turned| match turned {
            Turned::Full => too_many(self.running_per_caller, self.waiting_per_caller),
            Turned::TooLate => too_busy(),
        })?;
        let all = self.all.enter(deadline).await.map_err(|_| too_busy())?;
        Ok(Turn { _all: all, _own: own, _here: here })
    }

    fn place(self: &Arc<Self>, payer: Payer) -> (Arc<Lane>, Here) {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = callers.entry(payer).or_insert_with(|| {
            let lane = Arc::new(Lane::new(self.running_per_caller, self.waiting_per_caller));
            Place { lane, here: 0 }
        });
        place.here += 1;
        (place.lane.clone(), Here { gate: self.clone(), payer })
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut callers = self.gate.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut place) = callers.entry(self.payer) {
            place.get_mut().here -= 1;
            if place.get().here == 0 {
                place.remove();
            }
        }
    }
}

impl Lane {
    fn new(running: usize, most_waiting: usize) -> Lane {
        Lane { turns: Arc::new(Semaphore::new(running)), waiting: AtomicUsize::new(0), most_waiting }
    }

    async fn enter(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Turned> {
        if let Ok(turn) = self.turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        let waiting = Waiting(&self.waiting);
        if waiting.0.fetch_add(1, Ordering::Relaxed) >= self.most_waiting {
            return Err(Turned::Full);
        }
        match timeout_at(deadline, self.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Turned::TooLate),
        }
    }
}

/// One who waits, and is counted as long as he does.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn too_many(running: usize, waiting: usize) -> Refusal {
    let message = message!(
        "you have {running} operations running and {waiting} waiting, which is as many as one caller may: wait for answers",
        running,
        waiting
    );
    Refusal::new(RATE_LIMITED, message).by("waitingPerCaller").after(COME_AGAIN)
}

fn too_busy() -> Refusal {
    Refusal::new(BUSY, message!("the server has too much to do: try again")).by("waiting").after(COME_AGAIN)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn one_caller_runs_waits_and_is_turned_away_and_others_are_not() {
        let limits =
            Limits { max_running: 3, max_running_per_caller: 1, max_waiting_per_caller: 1, ..Limits::default() };
        let gate = Arc::new(Gate::new(&limits));
        let (one, other) = (Payer::Account(1), Payer::Account(2));
        let later = Instant::now() + Duration::from_secs(60);
        let running = gate.enter(one, later).await.unwrap();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter(one, later).await.map(|_| ()) }
        });
        while gate.callers.lock().unwrap()[&one].lane.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter(one, later).await.err().map(|refusal| refusal.code), Some(RATE_LIMITED));
        drop(gate.enter(other, later).await.unwrap());
        drop(running);
        assert_eq!(waiting.await.unwrap(), Ok(()));
        assert!(gate.callers.lock().unwrap().is_empty(), "nobody is there any more");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told() {
        let limits = Limits { max_running: 1, ..Limits::default() };
        let gate = Arc::new(Gate::new(&limits));
        let _running = gate.enter(Payer::Nobody, Instant::now()).await.unwrap();
        let turned = gate.enter(Payer::Account(1), Instant::now()).await;
        assert_eq!(turned.err().map(|refusal| refusal.code), Some(BUSY));
    }
}
