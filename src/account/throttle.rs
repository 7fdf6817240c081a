//! How often somebody may try: failures are counted by what was tried, by where from, and by both, in the database.
//!
//! Pauses double with each failure and stay short, so that nobody can lock somebody else out for long; and whoever signed in
//! from an address before is not held up there by what others try elsewhere.

use std::net::IpAddr;

use entity::sign_in_throttle::{Entity, Model};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Conflict, RowLock, Tx};

const MINUTE: i64 = 60_000;
/// Failures are forgotten after so long without another one.
const FORGOTTEN: i64 = 60 * MINUTE;
/// How long a success at an address speaks for it.
const KNOWN: i64 = 90 * 24 * 60 * MINUTE;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trying {
    SignIn,
    /// A reset by mail: each is counted, as none of them says whether it went well.
    Reset,
    /// A new address or number of one's own: one that is taken is told by the refusal.
    Address,
}

impl Trying {
    /// How many failures are free, by both, by what is tried, by address.
    fn free(self) -> [i64; 3] {
        match self {
            Trying::SignIn => [5, 20, 100],
            Trying::Reset => [3, 3, 20],
            Trying::Address => [5, 5, 100],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Trying::SignIn => "sign-in",
            Trying::Reset => "reset",
            Trying::Address => "address",
        }
    }
}

/// An attempt that was let in, and counts as a failure until it is settled.
pub struct Attempt {
    trying: Trying,
    /// By both, by what is tried, by address.
    keys: [Vec<u8>; 3],
    /// The pauses that it would lead to.
    pauses: [i64; 3],
}

/// Lets an attempt in, or tells how long to wait. What is tried is a login, or anything else that is guessed at.
pub async fn admit(app: &App, trying: Trying, what: &str, from: Option<IpAddr>) -> Result<Attempt> {
    let keys = keys(trying, what, from);
    // Nearly all that is held up is held up here, without a write.
    let tx = app.store.read().await?;
    check(app.now(), &rows(&tx, &keys, None).await?)?;
    drop(tx);
    let mut attempts = app.store.attempts();
    loop {
        match count(app, trying, &keys).await {
            Ok(pauses) => return Ok(Attempt { trying, keys, pauses }),
            Err(error) => attempts.again_after(error).await?,
        }
    }
}

/// Counts the attempt as failed, unless it must wait. Of several at once each counts on from the one before.
async fn count(app: &App, trying: Trying, keys: &[Vec<u8>; 3]) -> Result<[i64; 3]> {
    let tx = app.store.write().await?;
    let now = app.now();
    // In one order, so that nobody waits for somebody who waits for him.
    let mut new: Vec<Model> = keys.iter().map(|key| fresh(key, now)).collect();
    new.sort_by(|a, b| a.key.cmp(&b.key));
    tx.insert::<Entity>(&new, Conflict::Keep).await?;
    let rows = rows(&tx, keys, Some(RowLock::Update)).await?;
    check(now, &rows)?;
    let mut pauses = [0; 3];
    for (i, row) in rows.iter().enumerate() {
        let failures = if now.saturating_sub(row.failed_at) > FORGOTTEN { 1 } else { row.failures + 1 };
        let pause = pause(failures, trying.free()[i], app.config.identity.sign_in_pause());
        pauses[i] = if pause == 0 { 0 } else { now + pause };
        let mut sql = tx.sql("UPDATE sign_in_throttle SET failures = ");
        let (failures, now, until) = (sql.bind(failures), sql.bind(now), sql.bind(pauses[i]));
        let key = sql.bind(row.key.clone());
        sql.push(&format!("{failures}, failed_at = {now}, blocked_until = {until} WHERE key = {key}"));
        tx.run(sql).await?;
    }
    // Now and then the table is swept.
    if app.random(|random| rand::Rng::random_ratio(random, 1, 64)) {
        sweep(&tx, now).await?;
    }
    tx.commit().await?;
    Ok(pauses)
}

/// Takes the attempt back: it went well. Who signed in is known there, and begins anew.
pub async fn settle(app: &App, tx: &Tx, attempt: &Attempt) -> Result<()> {
    let mut order: Vec<usize> = (0..3).collect();
    order.sort_by_key(|i| &attempt.keys[*i]);
    for i in order {
        let mut sql = tx.sql("UPDATE sign_in_throttle SET ");
        let (pause, key) = (sql.bind(attempt.pauses[i]), sql.bind(attempt.keys[i].clone()));
        let known = i == 0 && attempt.trying == Trying::SignIn;
        let failures = if known { "0" } else { "CASE WHEN failures > 0 THEN failures - 1 ELSE 0 END" };
        let known = if known { format!(", succeeded_at = {}", sql.bind(app.now())) } else { String::new() };
        sql.push(&format!(
            "failures = {failures}, blocked_until = CASE WHEN blocked_until = {pause} THEN 0 ELSE blocked_until END{known} \
             WHERE key = {key}"
        ));
        tx.run(sql).await?;
    }
    Ok(())
}

/// The rows of the keys, in their order; a key without a row has a fresh one.
async fn rows(tx: &Tx, keys: &[Vec<u8>; 3], lock: Option<RowLock>) -> Result<[Model; 3]> {
    let mut sql = tx.sql("SELECT * FROM sign_in_throttle WHERE key IN (");
    let bound: Vec<String> = keys.iter().map(|key| sql.bind(key.clone())).collect();
    let lock = lock.map(|lock| tx.dialect.row_lock(lock)).unwrap_or_default();
    sql.push(&format!("{}) ORDER BY key{lock}", bound.join(", ")));
    let found = tx.all::<Model>(sql).await?;
    Ok(keys.each_ref().map(|key| found.iter().find(|row| row.key == *key).cloned().unwrap_or_else(|| fresh(key, 0))))
}

fn fresh(key: &[u8], now: i64) -> Model {
    Model { key: key.to_vec(), failures: 0, failed_at: now, blocked_until: 0, succeeded_at: None }
}

/// Whether nobody has to wait. What others tried elsewhere does not hold up whoever came from here before.
fn check(now: i64, [both, what, from]: &[Model; 3]) -> Result<()> {
    let known = both.succeeded_at.is_some_and(|at| now.saturating_sub(at) < KNOWN);
    let what = if known { 0 } else { what.blocked_until };
    let until = both.blocked_until.max(what).max(from.blocked_until);
    if until <= now {
        return Ok(());
    }
    Err(Error::RateLimited((until - now).saturating_add(999) / 1_000))
}

/// The pause after so many failures, in milliseconds: none at first, then a second, then twice as long each time.
fn pause(failures: i64, free: i64, longest: i64) -> i64 {
    match failures - free {
        ..0 => 0,
        over => (1_000_i64 << over.min(20)).min(longest),
    }
}

fn keys(trying: Trying, what: &str, from: Option<IpAddr>) -> [Vec<u8>; 3] {
    let from = network(from);
    let key = |kind: &str, text: &str| Sha256::digest(format!("{}\0{kind}\0{text}", trying.name())).to_vec();
    [key("both", &format!("{from}\0{what}")), key("what", what), key("from", &from)]
}

/// The address, of IPv6 the network: whoever has one address there has all of them.
fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Forgets what has no bearing any more.
async fn sweep(tx: &Tx, now: i64) -> Result<()> {
    let mut sql = tx.sql("DELETE FROM sign_in_throttle WHERE failed_at < ");
    let (failed, known) = (sql.bind(now - 2 * FORGOTTEN), sql.bind(now - KNOWN));
    sql.push(&format!("{failed} AND (succeeded_at IS NULL OR succeeded_at < {known})"));
    tx.run(sql).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_short() {
        let pauses: Vec<i64> = (4..13).map(|failures| pause(failures, 5, 60_000)).collect();
        assert_eq!(pauses, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(pause(i64::MAX, 5, 60_000), 60_000);
    }

    #[test]
    fn an_address_counts_as_its_network() {
        let at = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(at("2001:db8:1:2:3::4"), at("2001:db8:1:2:ffff::1"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn a_known_address_is_not_held_up_by_others() {
        let row = |until, succeeded_at| Model { blocked_until: until, succeeded_at, ..fresh(&[1], 0) };
        assert!(check(1_000, &[row(0, None), row(2_000, None), row(0, None)]).is_err());
        assert!(check(1_000, &[row(0, Some(500)), row(2_000, None), row(0, None)]).is_ok());
        assert!(check(1_000, &[row(0, Some(500)), row(0, None), row(2_000, None)]).is_err());
        assert!(matches!(check(1_000, &[row(1_001, None), row(0, None), row(0, None)]), Err(Error::RateLimited(1))));
    }
}
