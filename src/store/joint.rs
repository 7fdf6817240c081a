//! Runs that several share: whoever asks is answered by a run that began after he asked, and by no earlier one.
//!
//! So a thousand who ask the same at once cost two runs: the one that was under way is not for those who came while it ran.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;
use tracing::Instrument;

/// By what is asked: who waits for the next run, each with what he brought. A key is there while something runs for it.
type Waiting<K, I, T> = HashMap<K, Vec<(I, oneshot::Sender<T>)>>;

/// `K`: what is asked. `I`: what each brings with him. `T`: the answer.
pub struct Joint<K, I, T> {
    waiting: Mutex<Waiting<K, I, T>>,
    /// Told when somebody joins.
    came: Notify,
}

/// For how many the next run waits, and how long at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Next {
    pub many: usize,
    pub patience: Duration,
}

/// Joints by their types, each made when it is first asked for; cheap to clone.
#[derive(Clone, Default)]
pub struct Joints(Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send>>>>);

impl Joints {
    pub fn of<J: Clone + Default + Send + 'static>(&self) -> J {
        // A panic elsewhere leaves the map whole.
        let mut joints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let joint = joints.entry(TypeId::of::<J>()).or_insert_with(|| Box::new(J::default()));
        joint.downcast_ref::<J>().cloned().unwrap_or_default()
    }
}

impl<K, I, T> Default for Joint<K, I, T> {
    fn default() -> Self {
        Joint { waiting: Mutex::default(), came: Notify::new() }
    }
}

impl<K, I, T> Joint<K, I, T>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    I: Send + 'static,
    T: Clone + Send + 'static,
{
    /// The answer of a run that begins from now on, given what all who share it bring. The run goes on though who asks goes away;
    /// `None` where it ended in a panic.
    pub async fn ask<F>(self: &Arc<Self>, key: K, bring: I, run: impl Fn(Vec<I>) -> F + Send + 'static) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let run = move |brought| run(brought).map(|value| (value, Next::default()));
        self.ask_with(key, bring, run).await
    }

    /// As [`Joint::ask`]; the run says how long the next one waits for whom.
    pub async fn ask_with<F>(
        self: &Arc<Self>,
        key: K,
        bring: I,
        run: impl Fn(Vec<I>) -> F + Send + 'static,
    ) -> Option<T>
    where
        F: Future<Output = (T, Next)> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        if self.join(&key, bring, answer) {
            let runner = Runner { joint: self.clone(), key, over: false };
            tokio::spawn(runner.run(run).in_current_span());
        }
        answered.await.ok()
    }

    /// Whether nothing ran for the key: whoever joins first is to begin it.
    fn join(&self, key: &K, bring: I, answer: oneshot::Sender<T>) -> bool {
        let mut waiting = self.lock();
        let first = !waiting.contains_key(key);
        waiting.entry(key.clone()).or_default().push((bring, answer));
        drop(waiting);
        self.came.notify_one();
        first
    }

    /// Until so many wait for the key's next run, or the time is over.
    async fn gathered(&self, key: &K, next: Next) {
        let gathering = async {
            while self.waiting(key) < next.many {
                self.came.notified().await;
            }
        };
        // Who has not come by then comes to a later one.
        let _ = timeout(next.patience, gathering).await;
    }

    /// What comes behind a run that so many share, asked before they are answered: those who were answered together are soon there again,
    /// and go on together with those who wait by now, not one of them at once and the others after him.
    pub fn gathering(&self, key: &K, shared: usize, patience: Duration) -> Next {
        match shared {
            0 | 1 => Next::default(),
            _ => Next { many: self.waiting(key) + shared, patience },
        }
    }

    /// How many wait for the key's next run.
    fn waiting(&self, key: &K) -> usize {
        self.lock().get(key).map_or(0, Vec::len)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<K, I, T>> {
        // A panic elsewhere leaves the map whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who waits now; nobody any more: nothing runs for the key.
    fn next(&self, key: &K) -> Vec<(I, oneshot::Sender<T>)> {
        let mut waiting = self.lock();
        let next = waiting.get_mut(key).map(std::mem::take).unwrap_or_default();
        if next.is_empty() {
            waiting.remove(key);
        }
        next
    }
}

/// Runs for one key while anybody waits.
struct Runner<K: Clone + Eq + Hash + Send + Sync + 'static, I: Send + 'static, T: Clone + Send + 'static> {
    joint: Arc<Joint<K, I, T>>,
    key: K,
    /// Nothing runs for the key any more, unless somebody else has begun.
    over: bool,
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static, I: Send + 'static, T: Clone + Send + 'static> Runner<K, I, T> {
    async fn run<F: Future<Output = (T, Next)> + Send>(mut self, run: impl Fn(Vec<I>) -> F) {
        loop {
            let next = self.joint.next(&self.key);
            if next.is_empty() {
                self.over = true;
                return;
            }
            let (brought, answers): (Vec<I>, Vec<_>) = next.into_iter().unzip();
            let (value, next) = run(brought).await;
            for answer in answers {
                // Whoever asked may have gone.
                let _ = answer.send(value.clone());
            }
            if !next.patience.is_zero() {
                self.joint.gathered(&self.key, next).await;
            }
        }
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static, I: Send + 'static, T: Clone + Send + 'static> Drop
    for Runner<K, I, T>
{
    /// After a panic, or when the runtime ends: who waits is told so, and the next one begins anew.
    fn drop(&mut self) {
        if !self.over {
            self.joint.lock().remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;

    type Counting = Joint<u8, u32, (u32, usize)>;

    /// Each run waits until it is let go, and answers its number and how many share it.
    async fn ask(joint: Arc<Counting>, count: Arc<AtomicU32>, gate: Arc<Notify>, key: u8) -> Option<(u32, usize)> {
        let run = move |brought: Vec<u32>| {
            let (count, gate) = (count.clone(), gate.clone());
            async move {
                let number = count.fetch_add(1, Ordering::SeqCst);
                gate.notified().await;
                (number, brought.len())
            }
        };
        joint.ask(key, 0, run).await
    }

    #[tokio::test]
    async fn who_comes_while_it_runs_gets_the_next_run() {
        let (joint, count, gate) =
            (Arc::new(Counting::default()), Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let start = || tokio::spawn(ask(joint.clone(), count.clone(), gate.clone(), 1));
        let first = start();
        while count.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let others = [start(), start(), start()];
        while joint.lock().get(&1).map_or(0, Vec::len) < 3 {
            tokio::task::yield_now().await;
        }
        gate.notify_one();
        assert_eq!(first.await.unwrap(), Some((0, 1)));
        gate.notify_one();
        for other in others {
            assert_eq!(other.await.unwrap(), Some((1, 3)));
        }
        while !joint.lock().is_empty() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn the_next_run_waits_for_as_many_as_are_expected() {
        let (joint, gate): (Arc<Joint<u8, (), usize>>, _) = (Arc::default(), Arc::new(Notify::new()));
        let ask = || {
            let (joint, gate) = (joint.clone(), gate.clone());
            let own = joint.clone();
            let run = move |brought: Vec<()>| {
                let (joint, gate) = (own.clone(), gate.clone());
                async move {
                    gate.notified().await;
                    let next = joint.gathering(&1, brought.len(), Duration::from_secs(3_600));
                    (brought.len(), next)
                }
            };
            tokio::spawn(async move { joint.ask_with(1, (), run).await })
        };
        let waiting = async |many: usize| {
            while joint.lock().get(&1).map(Vec::len) != Some(many) {
                tokio::task::yield_now().await;
            }
        };
        let first = ask();
        waiting(0).await;
        let pair = [ask(), ask()];
        waiting(2).await;
        gate.notify_one();
        assert_eq!(first.await.unwrap(), Some(1));
        gate.notify_one();
        for one in pair {
            assert_eq!(one.await.unwrap(), Some(2));
        }
        // Behind two, one alone waits; with another he goes, long before the time is over.
        let third = ask();
        waiting(1).await;
        let fourth = ask();
        gate.notify_one();
        assert_eq!((third.await.unwrap(), fourth.await.unwrap()), (Some(2), Some(2)));
    }

    #[tokio::test]
    async fn a_panic_is_told_and_the_next_begins_anew() {
        let joint: Arc<Joint<u8, (), u32>> = Arc::default();
        let failing = |_: Vec<()>| async { std::panic::resume_unwind(Box::new("on purpose")) };
        assert_eq!(joint.ask(1, (), failing).await, None);
        let fine = tokio::time::timeout(Duration::from_secs(10), joint.ask(1, (), |_| async { 7 })).await;
        assert_eq!(fine.unwrap(), Some(7));
    }
}
