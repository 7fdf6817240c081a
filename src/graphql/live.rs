//! A running subscription: waits for what has changed, and executes its operation anew for each thing that there is to tell.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Response, Value};
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use super::answer::{Answer, AnswerKind, is_request_error, limited, refused, render};
use super::api::Api;
use super::prepare::{Prepared, server_error};
use super::steady::digest;
use super::subscription::Occasion;
use crate::access::Caller;
use crate::account;
use crate::error::{Error, Result};
use crate::feed::{Watch, What};
use crate::initiative;
use crate::meter::{Kind, Outcome as Became};
use crate::spans;
use crate::text::{Language, message};

/// From one time to the next that a subscription looks at what has come.
const GAP: Duration = Duration::from_millis(250);

/// From an event that the database could not answer to the next try.
const AGAIN: Duration = Duration::from_secs(1);

/// Initiatives that are looked at in one statement.
const BATCH: usize = 50;

/// How long it is remembered which version was told: the feed may come upon it a little later.
const REMEMBERED: Duration = Duration::from_secs(60);

/// A subscription that has begun.
pub struct Live {
    api: Api,
    caller: Caller,
    prepared: Arc<Prepared>,
    watch: Watch,
    /// When it may look again.
    ready_at: Instant,
    /// When the caller's budget will do again.
    paid_at: Instant,
    told: Option<[u8; 32]>,
    /// Initiatives that the viewer could read a moment ago.
    queue: VecDeque<(i64, i32)>,
    versions: HashMap<i64, (i32, Instant)>,
}

/// What becomes of a subscription at its beginning.
pub enum Begun {
    /// It runs; the answer is its first event, if it has one at once.
    Running(Box<Live>, Option<Answer>),
    /// Nothing was executed, or the viewer may not have it.
    Refused(Answer),
}

/// What a subscription has to tell.
pub enum Told {
    Event(Answer),
    Nothing,
    /// The end, with the reason.
    Ended(Ending),
}

pub enum Ending {
    Refused(Answer),
    /// The credential does not hold any more.
    SignedOut,
}

/// What one execution came to.
enum Outcome {
    Told(Response),
    Nothing,
    Ended(Ending),
    /// The database could not answer.
    Later,
}

impl Api {
    /// Begins a subscription: what is committed after this answers will be told.
    pub async fn begin(&self, caller: Caller, prepared: Arc<Prepared>) -> Begun {
        let (asked, name) = (std::time::Instant::now(), self.naming.name(&prepared));
        let span = spans::operation(Kind::Subscription, &name);
        let begun = self.begun(caller, prepared.clone()).instrument(span.clone()).await;
        let outcome = match &begun {
            Begun::Running(_, Some(answer)) | Begun::Refused(answer) => {
                self.count(&prepared, &name, answer, false, asked)
            }
            Begun::Running(_, None) => {
                self.app().meter.operation(Kind::Subscription, &name, Became::Ok, asked.elapsed());
                Became::Ok
            }
        };
        spans::done(&span, outcome);
        begun
    }

    async fn begun(&self, caller: Caller, prepared: Arc<Prepared>) -> Begun {
        let language = caller.messages();
        let _turn = match self.admit(&caller, &prepared).await {
            Ok((_, turn)) => turn,
            Err(refusal) => return Begun::Refused(limited(refusal, language)),
        };
        let occasion = Arc::new(Occasion::default());
        let first = self.tell(caller.clone(), &prepared, occasion.clone()).await;
        let interest = occasion.interest.get().copied();
        let first = match (first, interest) {
            (Some(response), _) if nothing(&response) => return Begun::Refused(render(response)),
            (first, Some(interest)) => (first, interest),
            (first, None) => return Begun::Refused(first.map_or_else(|| unknown(language), render)),
        };
        let (first, interest) = first;
        let watch = match self.feed().join(interest).await {
            Ok(watch) => watch,
            Err(error) => return Begun::Refused(of_error(error, language)),
        };
        // Between its first value and its place in the feed something may have changed.
        if interest.what == What::Rollup {
            watch.stale_again();
        }
        let told = first.as_ref().map(|response| digest(&prepared, response));
        let live = Live {
            api: self.clone(),
            caller,
            prepared,
            watch,
            ready_at: Instant::now(),
            paid_at: Instant::now(),
            told,
            queue: VecDeque::new(),
            versions: HashMap::new(),
        };
        Begun::Running(Box::new(live), first.map(render))
    }
}

impl Live {
    /// Waits until there may be something to tell.
    pub async fn ready(&self) {
        if self.queue.is_empty() {
            self.watch.came().await;
            sleep_until(self.ready_at).await;
        }
        sleep_until(self.paid_at).await;
    }

    /// What there is to tell now. An event is paid for as the operation that it is; who cannot pay gets what is true later.
    pub async fn tell(&mut self) -> Told {
        let told = self.telling().await;
        if let Told::Event(answer) | Told::Ended(Ending::Refused(answer)) = &told {
            self.api.count_wrong(answer);
        }
        told
    }

    async fn telling(&mut self) -> Told {
        if let Err(refusal) = self.api.pay(&self.caller, &self.prepared) {
            self.paid_at = Instant::now() + Duration::from_secs(refusal.retry_after.unwrap_or(1));
            return Told::Nothing;
        }
        let _turn = self.api.turns().acquire_owned().await;
        match account::still_holds(self.api.app(), self.caller.viewer).await {
            Ok(true) => {}
            Ok(false) => return Told::Ended(Ending::SignedOut),
            Err(_) => return self.later(),
        }
        match self.watch.interest().what {
            What::Rollup => self.tell_rollup().await,
            What::Initiatives => self.tell_initiative().await,
        }
    }

    async fn tell_rollup(&mut self) -> Told {
        self.ready_at = Instant::now() + GAP;
        self.watch.take_stale();
        match self.execute(Arc::new(Occasion::default())).await {
            Outcome::Told(response) => {
                let now = Some(digest(&self.prepared, &response));
                if now == self.told {
                    return Told::Nothing;
                }
                self.told = now;
                Told::Event(render(response))
            }
            Outcome::Nothing => Told::Nothing,
            Outcome::Ended(ending) => Told::Ended(ending),
            Outcome::Later => {
                self.watch.stale_again();
                self.later()
            }
        }
    }

    async fn tell_initiative(&mut self) -> Told {
        if self.queue.is_empty() {
            match self.refill().await {
                Ok(true) => {}
                Ok(false) => return Told::Ended(Ending::Refused(fell_behind(self.caller.messages()))),
                Err(_) => return self.later(),
            }
        }
        let Some((id, version)) = self.queue.pop_front() else { return Told::Nothing };
        let occasion = Arc::new(Occasion::of_initiative(id));
        match self.execute(occasion.clone()).await {
            Outcome::Told(response) => {
                let version = occasion.version.get().copied().unwrap_or(version);
                self.versions.insert(id, (version, Instant::now()));
                Told::Event(render(response))
            }
            Outcome::Nothing => Told::Nothing,
            Outcome::Ended(ending) => Told::Ended(ending),
            Outcome::Later => {
                self.watch.put_back(id, version);
                self.later()
            }
        }
    }

    /// Takes the next initiatives, those that the viewer may read and has not been told of. `false`: too many have changed.
    async fn refill(&mut self) -> Result<bool> {
        self.ready_at = Instant::now() + GAP;
        let Some(batch) = self.watch.take_initiatives(BATCH) else { return Ok(false) };
        let now = Instant::now();
        self.versions.retain(|_, (_, at)| now - *at < REMEMBERED);
        let is_new = |(id, version): &(i64, i32)| self.versions.get(id).is_none_or(|(told, _)| told < version);
        let batch: Vec<(i64, i32)> = batch.into_iter().filter(is_new).collect();
        match self.readable(&batch).await {
            Ok(readable) => self.queue.extend(readable),
            Err(error) => {
                batch.iter().for_each(|(id, version)| self.watch.put_back(*id, *version));
                return Err(error);
            }
        }
        Ok(true)
    }

    async fn readable(&self, batch: &[(i64, i32)]) -> Result<Vec<(i64, i32)>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
        let tx = self.api.app().store.read().await?;
        let seen = initiative::seen(&tx, self.caller.viewer, &ids).await?;
        Ok(batch.iter().copied().filter(|(id, _)| seen.contains_key(id)).collect())
    }

    fn later(&mut self) -> Told {
        self.ready_at = Instant::now() + AGAIN;
        Told::Nothing
    }

    async fn execute(&self, occasion: Arc<Occasion>) -> Outcome {
        match self.api.tell(self.caller.clone(), &self.prepared, occasion).await {
            None => Outcome::Nothing,
            Some(response) if !nothing(&response) => Outcome::Told(response),
            Some(response) if is_passing(&response) => Outcome::Later,
            Some(response) => Outcome::Ended(Ending::Refused(render(response))),
        }
    }
}

/// Whether the root field itself was refused, or nothing was executed.
fn nothing(response: &Response) -> bool {
    response.data == Value::Null
        && (is_request_error(response) || response.errors.iter().any(|error| error.path.len() == 1))
}

/// Whether the same may succeed a little later, and nobody is to blame.
fn is_passing(response: &Response) -> bool {
    let code = |value: &Value| matches!(value, Value::String(code) if matches!(code.as_str(), "BUSY" | "INTERNAL" | "TIMEOUT"));
    response.errors.iter().any(|error| error.extensions.as_ref().and_then(|own| own.get("code")).is_some_and(code))
}

fn of_error(error: Error, language: Language) -> Answer {
    tracing::error!(%error, "a subscription failed");
    let code = error.code();
    refused(server_error(&error.public_message(), language), code, AnswerKind::RequestError)
}

fn unknown(language: Language) -> Answer {
    of_error(Error::Internal("a subscription did not say what it is about".to_owned()), language)
}

fn fell_behind(language: Language) -> Answer {
    let message = message!("more initiatives have changed than can wait here: read them anew and subscribe again");
    let error = server_error(&message, language);
    refused(error, "FELL_BEHIND", AnswerKind::Executed)
}
