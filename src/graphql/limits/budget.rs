//! What callers may spend: a bucket of cost for each, in this process, that fills again by the second.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, ScalarType, Value};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::payer::Payer;
use super::refusal::{COST_EXCEEDED, RATE_LIMITED, Refusal};
use crate::app::App;
use crate::config::Limits;
use crate::graphql::scalars::DateTime;
use crate::text::message;

type Buckets = RateLimiter<Payer, DashMapStateStore<Payer>, MonotonicClock, StateInformationMiddleware>;

/// After so many payments, full buckets are forgotten: they are as good as none.
const TIDY_AFTER: u32 = 10_000;

/// The buckets of accounts, and those of addresses.
pub struct Budgets {
    accounts: Purse,
    addresses: Purse,
    payments: AtomicU32,
}

struct Purse {
    buckets: Buckets,
    size: u32,
    per_second: u32,
}

/// What a request spent, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub cost: u64,
    pub limit: u32,
    pub remaining: u32,
    /// Until the bucket is full again.
    pub resets_in: Duration,
}

impl Spent {
    /// As answers tell it. What changes from one answer to the next is left out for caches.
    pub fn value(&self, app: &App, for_caches: bool) -> Value {
        let mut members = IndexMap::new();
        members.insert(Name::new("requested"), self.cost.into());
        members.insert(Name::new("limit"), self.limit.into());
        if !for_caches {
            let wait = i64::try_from(self.resets_in.as_millis()).unwrap_or(i64::MAX);
            let resets_at = DateTime::new(app.config.time_zone, app.now().saturating_add(wait));
            members.insert(Name::new("remaining"), self.remaining.into());
            members.insert(Name::new("resetsAt"), resets_at.to_value());
        }
        Value::Object(members)
    }
}

impl Budgets {
    pub fn new(limits: &Limits) -> Budgets {
        Budgets {
            accounts: Purse::new(limits.budget, limits.budget_per_second),
            addresses: Purse::new(limits.anonymous_budget, limits.anonymous_budget_per_second),
            payments: AtomicU32::new(0),
        }
    }

    /// Takes the cost out of the payer's bucket, or says when there will be enough in it.
    pub fn pay(&self, payer: Payer, cost: u64) -> Result<Spent, Refusal> {
        if self.payments.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.accounts.buckets.retain_recent();
            self.addresses.buckets.retain_recent();
        }
        match payer {
            Payer::Account(_) => self.accounts.pay(payer, cost),
            Payer::Address(_) | Payer::Nobody => self.addresses.pay(payer, cost),
        }
    }
}

impl Purse {
    fn new(size: u32, per_second: u32) -> Purse {
        let one = NonZeroU32::MIN;
        let quota = Quota::per_second(NonZeroU32::new(per_second).unwrap_or(one));
        let quota = quota.allow_burst(NonZeroU32::new(size).unwrap_or(one));
        let buckets = RateLimiter::dashmap_with_clock(quota, MonotonicClock).with_middleware();
        Purse { buckets, size, per_second }
    }

    fn pay(&self, payer: Payer, cost: u64) -> Result<Spent, Refusal> {
        let price = u32::try_from(cost).ok().filter(|price| *price <= self.size);
        let Some(price) = price else { return Err(self.never(cost)) };
        let price = NonZeroU32::new(price).unwrap_or(NonZeroU32::MIN);
        match self.buckets.check_key_n(&payer, price) {
            Ok(Ok(state)) => {
                let remaining = state.remaining_burst_capacity();
                let missing = u64::from(self.size - remaining.min(self.size));
                let resets_in = Duration::from_millis(missing * 1_000 / u64::from(self.per_second));
                Ok(Spent { cost, limit: self.size, remaining, resets_in })
            }
            Ok(Err(later)) => Err(self.later(cost, later.wait_time_from(self.buckets.clock().now()))),
            Err(_) => Err(self.never(cost)),
        }
    }

    fn later(&self, cost: u64, wait: Duration) -> Refusal {
        let seconds = wait.as_millis().div_ceil(1_000).max(1);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        let message = message!(
            "your budget is spent for the moment: the operation costs {cost}, and the budget gets {back} back each second: try again in {seconds} s",
            cost,
            back = self.per_second,
            seconds
        );
        let refusal = Refusal::new(RATE_LIMITED, message).by("budget").with("requested", cost).with("limit", self.size);
        refusal.after(seconds)
    }

    fn never(&self, cost: u64) -> Refusal {
        let message = message!(
            "the operation costs {cost}, and your whole budget is {most}: take smaller pages, fewer parts or fewer fields, or split it into several requests",
            cost,
            most = self.size
        );
        Refusal::new(COST_EXCEEDED, message).by("budget").with("requested", cost).with("limit", self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_payer_has_a_bucket_of_his_own() {
        let limits = Limits { budget: 1_000, budget_per_second: 1, anonymous_budget: 100, ..Limits::default() };
        let budgets = Budgets::new(&limits);
        let (one, other, nobody) = (Payer::Account(1), Payer::Account(2), Payer::Nobody);
        let spent = budgets.pay(one, 600).unwrap();
        assert_eq!((spent.cost, spent.limit, spent.remaining), (600, 1_000, 400));
        assert_eq!(spent.resets_in, Duration::from_secs(600));
        let refusal = budgets.pay(one, 500).unwrap_err();
        assert_eq!(refusal.code, RATE_LIMITED);
        // About a hundred are missing, and one comes back each second.
        assert!((90..=100).contains(&refusal.retry_after.unwrap()), "{refusal:?}");
        assert_eq!(budgets.pay(one, 300).unwrap().cost, 300);
        assert_eq!(budgets.pay(other, 1_000).unwrap().remaining, 0);
        assert_eq!(budgets.pay(nobody, 101).unwrap_err().code, COST_EXCEEDED);
        assert_eq!(budgets.pay(nobody, 100).unwrap().remaining, 0);
        assert_eq!(budgets.pay(one, u64::MAX).unwrap_err().code, COST_EXCEEDED);
    }
}
