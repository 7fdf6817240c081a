//! Commands of one kind that come at the same time share a transaction: as many exchanges with the database, and one commit, for all of
//! them. Each is authorised, decided, recorded and answered by itself, as if it were alone.
//!
//! While one transaction runs, whoever comes waits for the next one. Nobody who comes first waits for company; behind several the next
//! transaction waits for as many, a moment at most, because those who were answered are soon there again; and where queries are being answered,
//! it waits eight times as long as the last one took, so that those who write leave time to those who read. A shared transaction waits for
//! nobody else: where something is held by others, or anything goes wrong that is not one command's own, its commands go on alone
//! ([`super::execute`]), each with its own tries. So one cannot hold up or spoil the others.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::idempotency::{self, Key};
use super::{Answer, Command, Done, executed, told};
use crate::access::{Caller, holding};
use crate::app::App;
use crate::audit::{self, Origin};
use crate::error::{Error, ErrorCode, Result};
use crate::store::{Joint, Next, Tx};

/// Commands in one transaction.
const MOST: usize = 100;

/// How long the next transaction waits at most for those whom the last one answered, where these were several.
const GATHERING: Duration = Duration::from_millis(1);

/// How many times as long as the last one took the next one leaves to readers, and how long at most.
const TIMES: u32 = 8;
const RESTING: Duration = Duration::from_millis(40);

/// A command that may share a transaction with others of its kind.
pub trait Shared: Command + Clone + 'static {
    /// What the object is afterwards.
    type After: Clone + Send + Sync + 'static;

    /// What it is done to. No two commands about one object share a transaction.
    fn object(&self) -> i64;

    /// Authorises and decides each, then writes what may be done, without waiting for anybody. What is wrong with one is its answer
    /// and leaves nothing behind; none: it is to go on alone. An error undoes all of it.
    #[expect(
        clippy::type_complexity,
        reason = "for each: none, or what is wrong, or what was done and what there is now"
    )]
    fn run_all(
        app: &App,
        tx: &Tx,
        given: &[Given<'_, Self>],
    ) -> impl Future<Output = Result<Vec<Option<Result<(Done, Self::After)>>>>> + Send;
}

/// A command and who gave it.
pub struct Given<'a, C> {
    pub caller: &'a Caller,
    pub account: i64,
    pub command: &'a C,
}

/// Where commands of a kind wait for the next transaction.
type Desk<C> = Arc<Joint<(), Seat<C>, ()>>;

/// What a caller is told, and what the object is now.
type Outcome<C> = (Answer, Option<<C as Shared>::After>);

/// Somebody who waits with his command.
struct Seat<C: Shared> {
    caller: Caller,
    account: i64,
    key: Option<Key>,
    command: C,
    /// Nothing comes where he is to go on alone.
    answer: oneshot::Sender<Outcome<C>>,
}

/// As [`super::execute`], with others who come at the same time; answers the changed object's id, and what it is after this, where
/// this changed it.
pub async fn execute_together<C: Shared>(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    command: &C,
) -> Result<(i64, Option<C::After>)> {
    let (done, after) = match joined(app, caller, key, command).await {
        Ok((answer, after)) => (Ok(answer), after),
        Err(error) => (Err(error), None),
    };
    told(app, caller, command, done).await.map(|id| (id, after))
}

async fn joined<C: Shared>(app: &App, caller: &Caller, key: Option<&str>, command: &C) -> Result<Outcome<C>> {
    let account = caller.viewer.signed_in()?;
    let own = key.map(|key| Key::of(account, key, command)).transpose()?;
    let (answer, mut answered) = oneshot::channel();
    let seat = Seat { caller: caller.clone(), account, key: own, command: command.clone(), answer };
    let runner = app.clone();
    let run = move |seats| run(runner.clone(), seats);
    let desk = app.joints.of::<Desk<C>>();
    // His own answer comes before everybody has one.
    let answer = tokio::select! {
        biased;
        answer = &mut answered => answer.ok(),
        _ = desk.ask_with((), seat, run) => answered.try_recv().ok(),
    };
    match answer {
        Some(outcome) => Ok(outcome),
        None => executed(app, caller, key, command).await.map(|answer| (answer, None)),
    }
}

async fn run<C: Shared>(app: App, mut seats: Vec<Seat<C>>) -> ((), Next) {
    let (many, begun, desk) = (seats.len(), Instant::now(), app.joints.of::<Desk<C>>());
    let mut next = Next::default();
    while !seats.is_empty() {
        let (now, later) = apart(seats, MOST, Seat::clashes);
        seats = later;
        let outcomes = attempt(&app, &now).await;
        if seats.is_empty() {
            next = match many > 1 && app.readers.are_there() {
                true => Next { many: usize::MAX, patience: (begun.elapsed() * TIMES).min(RESTING) },
                false => desk.gathering(&(), many, GATHERING),
            };
        }
        match outcomes {
            Ok(outcomes) => {
                app.fold_wanted.notify_one();
                for (seat, outcome) in now.into_iter().zip(outcomes) {
                    if let Some(outcome) = outcome {
                        // Whoever asked may have gone.
                        let _ = seat.answer.send(outcome);
                    }
                }
            }
            // Dropped, they go on alone.
            Err(error) => tracing::debug!(%error, commands = now.len(), "commands of one transaction go on alone"),
        }
    }
    ((), next)
}

/// Those that go into one transaction, at most so many, and those that wait for the next, in the order in which they came.
fn apart<S>(seats: Vec<S>, most: usize, clash: impl Fn(&S, &S) -> bool) -> (Vec<S>, Vec<S>) {
    let (mut now, mut later): (Vec<S>, Vec<S>) = (Vec::new(), Vec::new());
    for seat in seats {
        // Nobody overtakes whoever he would have to wait for.
        let waits = now.len() == most || now.iter().chain(&later).any(|other| clash(&seat, other));
        if waits { later.push(seat) } else { now.push(seat) }
    }
    (now, later)
}

/// One transaction for all of them.
async fn attempt<C: Shared>(app: &App, seats: &[Seat<C>]) -> Result<Vec<Option<Outcome<C>>>> {
    let tx = app.store.write().await?;
    tx.wait_for_nobody().await?;
    let viewers: Vec<_> = seats.iter().map(|seat| seat.caller.viewer).collect();
    // It may have been revoked since the request began.
    let holding = holding(&tx, app.now(), &viewers).await?;
    let (here, gone): (Vec<usize>, Vec<usize>) =
        (0..seats.len()).partition(|i| holding.contains(&seats[*i].caller.viewer));
    let mut outcomes: Vec<Option<Outcome<C>>> = seats.iter().map(|_| None).collect();
    gone.into_iter().for_each(|i| outcomes[i] = Some(told_now(Err(Error::Unauthenticated), None)));
    let kept = kept(app, &tx, here.iter().map(|i| &seats[*i])).await?;
    let (known, asking): (Vec<_>, Vec<_>) = here.into_iter().zip(kept).partition(|(_, kept)| kept.is_some());
    for (i, answer) in known.into_iter().filter_map(|(i, kept)| Some((i, kept?))) {
        let reused = answer.as_ref().is_err_and(|error| error.is(ErrorCode::IdempotencyKeyReused));
        outcomes[i] = Some((Answer { answer, repeated: !reused }, None));
    }
    let given: Vec<Given<'_, C>> = asking.iter().map(|(i, _)| seats[*i].given()).collect();
    let (mut lines, mut keep, mut give_back) = (Vec::new(), Vec::new(), Vec::new());
    for ((i, _), outcome) in asking.into_iter().zip(C::run_all(app, &tx, &given).await?) {
        let (seat, key) = (&seats[i], seats[i].key.as_ref());
        let (answer, after) = match outcome {
            None => {
                give_back.extend(key);
                continue;
            }
            Some(Ok((done, after))) => {
                let id = done.id;
                lines.push((Origin::from(&seat.caller), done));
                (Ok(id), Some(after))
            }
            Some(Err(error)) => (Err(error), None),
        };
        match &answer {
            Ok(_) | Err(Error::User(_)) => keep.extend(key.map(|key| (key, answer.clone()))),
            Err(_) => give_back.extend(key),
        }
        outcomes[i] = Some(told_now(answer, after));
    }
    audit::write_all(app, &tx, C::NAME, &lines).await?;
    idempotency::keep_all(&tx, &keep).await?;
    idempotency::give_back(&tx, &give_back).await?;
    tx.commit().await?;
    Ok(outcomes)
}

fn told_now<A>(answer: Result<i64>, after: Option<A>) -> (Answer, Option<A>) {
    (Answer { answer, repeated: false }, after)
}

/// What stands under the keys of those who have one; the others are claimed.
async fn kept<'s, C: Shared>(
    app: &App,
    tx: &Tx,
    seats: impl Iterator<Item = &'s Seat<C>>,
) -> Result<Vec<Option<Result<i64>>>> {
    let keys: Vec<Option<&Key>> = seats.map(|seat| seat.key.as_ref()).collect();
    let own: Vec<&Key> = keys.iter().copied().flatten().collect();
    if own.is_empty() {
        return Ok(vec![None; keys.len()]);
    }
    let mut claimed = idempotency::claim_all(tx, &own, app.now()).await?.into_iter();
    Ok(keys.into_iter().map(|key| key.and_then(|_| claimed.next()).flatten()).collect())
}

impl<C: Shared> Seat<C> {
    /// Whether one of them has to wait for the other.
    fn clashes(&self, other: &Seat<C>) -> bool {
        let same_key = self.key.as_ref().zip(other.key.as_ref()).is_some_and(|(one, other)| one.is(other));
        same_key || self.command.object() == other.command.object()
    }

    fn given(&self) -> Given<'_, C> {
        Given { caller: &self.caller, account: self.account, command: &self.command }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_clashes_waits_in_his_order() {
        let clash = |one: &(u8, u8), other: &(u8, u8)| one.0 == other.0;
        let (now, later) = apart(vec![(1, 0), (2, 0), (1, 1), (3, 0), (1, 2), (2, 1)], 9, clash);
        assert_eq!(now, [(1, 0), (2, 0), (3, 0)]);
        assert_eq!(later, [(1, 1), (1, 2), (2, 1)]);
        let (now, later) = apart(later, 9, clash);
        assert_eq!((now, later), (vec![(1, 1), (2, 1)], vec![(1, 2)]));
    }

    #[test]
    fn at_most_so_many_go_together() {
        let (now, later) = apart((0..7).collect(), 3, |one: &i32, other| one == other);
        assert_eq!((now, later), (vec![0, 1, 2], vec![3, 4, 5, 6]));
    }
}
