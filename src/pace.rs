//! A bounded rate: for each caller and for all of them together, and how many were turned away. And who gives way to whom.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Whose rate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Payer {
    Account(i64),
    Address(IpAddr),
    /// Nobody signed in, from nowhere that is known; and everybody, once there are too many to tell apart.
    Unknown,
}

impl Payer {
    /// The account, else the address. Whoever has an IPv6 network has all of its /64: they count as one.
    pub fn of(account: Option<i64>, address: Option<IpAddr>) -> Payer {
        match (account, address) {
            (Some(account), _) => Payer::Account(account),
            (None, Some(IpAddr::V6(address))) => {
                Payer::Address(IpAddr::from((u128::from(address) & !u128::from(u64::MAX)).to_be_bytes()))
            }
            (None, Some(address)) => Payer::Address(address),
            (None, None) => Payer::Unknown,
        }
    }
}

/// Queries that are being answered, so that writers can leave time to them; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Readers(Arc<AtomicUsize>);

/// One of them; ends with this.
#[derive(Debug)]
pub struct Reader(Readers);

impl Readers {
    pub fn enter(&self) -> Reader {
        self.0.fetch_add(1, Ordering::Relaxed);
        Reader(self.clone())
    }

    pub fn are_there(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// So many at once, and then one in so many milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub burst: i64,
    pub every: i64,
}

/// More callers than these are not told apart.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
struct State {
    /// Until when the time of each caller, and of all, is spent: milliseconds since the epoch.
    spent: HashMap<Payer, i64>,
    spent_by_all: i64,
    turned_away: HashMap<Payer, i64>,
}

/// Who may pass, at which rate. Instants come from outside.
#[derive(Debug)]
pub struct Pace {
    each: Rate,
    all: Rate,
    state: Mutex<State>,
}

impl Rate {
    /// The time spent until, once one more has passed; `None`: it may not.
    fn pass(self, spent: i64, now: i64) -> Option<i64> {
        let spent = spent.max(now).saturating_add(self.every);
        (spent <= now.saturating_add(self.burst.saturating_mul(self.every))).then_some(spent)
    }
}

impl Pace {
    pub fn new(each: Rate, all: Rate) -> Pace {
        Pace { each, all, state: Mutex::default() }
    }

    /// Whether one more of the caller may pass now; otherwise he is counted.
    pub fn admit(&self, payer: Payer, now: i64) -> bool {
        // A panic elsewhere leaves it whole: nothing here panics between two changes.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.spent.len() >= MOST {
            state.spent.retain(|_, spent| *spent > now);
        }
        let known = state.spent.len() < MOST || state.spent.contains_key(&payer);
        let payer = if known { payer } else { Payer::Unknown };
        let own = self.each.pass(state.spent.get(&payer).copied().unwrap_or(0), now);
        let all = self.all.pass(state.spent_by_all, now);
        if let (Some(own), Some(all)) = (own, all) {
            state.spent.insert(payer, own);
            state.spent_by_all = all;
            return true;
        }
        let room = state.turned_away.len() < MOST || state.turned_away.contains_key(&payer);
        *state.turned_away.entry(if room { payer } else { Payer::Unknown }).or_default() += 1;
        false
    }

    /// How often each was turned away since the last time that this was asked, most often first.
    pub fn take_turned_away(&self) -> Vec<(Payer, i64)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts: Vec<(Payer, i64)> = std::mem::take(&mut state.turned_away).into_iter().collect();
        counts.sort_unstable_by_key(|(payer, count)| (std::cmp::Reverse(*count), *payer));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH: Rate = Rate { burst: 3, every: 100 };
    const ALL: Rate = Rate { burst: 5, every: 10 };
    const ONE: Payer = Payer::Account(1);

    fn passed(pace: &Pace, payer: Payer, now: i64, tries: usize) -> usize {
        (0..tries).filter(|_| pace.admit(payer, now)).count()
    }

    #[test]
    fn readers_are_there_until_the_last_has_gone() {
        let readers = Readers::default();
        assert!(!readers.are_there());
        let (one, other) = (readers.enter(), readers.clone().enter());
        drop(one);
        assert!(readers.are_there());
        drop(other);
        assert!(!readers.are_there());
    }

    #[test]
    fn each_has_a_burst_and_then_a_rate() {
        let pace = Pace::new(EACH, ALL);
        assert_eq!(passed(&pace, ONE, 1_000, 10), 3);
        assert_eq!(passed(&pace, ONE, 1_099, 10), 0);
        assert_eq!(passed(&pace, ONE, 1_100, 10), 1);
        assert_eq!(passed(&pace, ONE, 9_000, 10), 3);
        assert_eq!(pace.take_turned_away(), [(ONE, 7 + 10 + 9 + 7)]);
        assert_eq!(pace.take_turned_away(), []);
    }

    #[test]
    fn all_together_have_one_too() {
        let pace = Pace::new(EACH, ALL);
        let all: usize = (1..=10).map(|account| passed(&pace, Payer::Account(account), 1_000, 1)).sum();
        assert_eq!(all, 5);
        assert_eq!(pace.take_turned_away().len(), 5);
    }

    #[test]
    fn a_network_is_one_caller() {
        let of = |text: &str| Payer::of(None, Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(Payer::of(Some(7), Some("192.0.2.1".parse().unwrap())), Payer::Account(7));
    }

    #[test]
    fn it_stays_small_whoever_comes() {
        let pace = Pace::new(EACH, Rate { burst: i64::from(i32::MAX), every: 0 });
        for account in 0..20_000 {
            pace.admit(Payer::Account(account), 1_000);
        }
        assert!(pace.state.lock().unwrap().spent.len() <= MOST + 1);
    }
}
