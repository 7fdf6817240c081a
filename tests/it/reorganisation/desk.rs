//! What several clients were told was done, kept while they write, to be compared with what is there afterwards.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{Actor, Outcome, Reply};

/// An initiative, by what was acknowledged.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    pub code: String,
    /// Which of the members wrote it.
    pub member: usize,
    pub claim: i64,
    pub verified: i64,
    pub version: i64,
    pub state: &'static str,
    /// What was done to it, by the version that it made.
    pub acts: BTreeMap<i64, &'static str>,
}

/// What follows from an answer.
#[derive(Clone, Debug)]
pub enum Then {
    Drafted {
        member: usize,
        claim: i64,
    },
    /// Of the entry, with the state that it has then.
    Acted {
        entry: usize,
        action: &'static str,
        state: &'static str,
    },
    Reorganised,
    Nothing,
}

/// A mutation under a key of its own.
#[derive(Clone)]
pub struct Asked {
    pub actor: Actor,
    pub mutation: &'static str,
    pub input: Value,
    /// Codes of errors that are an answer here.
    pub may: &'static [&'static str],
    pub then: Then,
}

/// So often a client whose answer is BUSY asks again.
pub const PATIENCE: usize = 50;

#[derive(Default)]
pub struct Desk {
    pub programme: &'static str,
    pub entries: Mutex<Vec<Entry>>,
    /// Every code that a unit may have had.
    pub codes: Mutex<Vec<String>>,
    /// How often what was done, and what was refused.
    pub counts: Mutex<BTreeMap<String, usize>>,
    pub keys: Mutex<usize>,
    pub acknowledged: watch::Sender<usize>,
}

impl Desk {
    /// Asks until there is an answer. `Err`: the server is gone, and nobody knows whether it was done.
    pub async fn ask(&self, mut asked: Asked) -> Result<Outcome, Asked> {
        if asked.input.get("idempotencyKey").is_none() {
            let mut keys = self.keys.lock().unwrap();
            *keys += 1;
            asked.input["idempotencyKey"] = json!(format!("key {keys}"));
        }
        for _ in 0..PATIENCE {
            let Some(reply) = asked.actor.try_mutate(asked.mutation, asked.input.clone(), selection(&asked)).await
            else {
                return Err(asked);
            };
            let outcome = reply.outcome();
            match &outcome {
                Outcome::Failed(code) if code == "BUSY" => continue,
                Outcome::Done => self.book(&asked, &reply),
                Outcome::Failed(code) => assert!(asked.may.contains(&code.as_str()), "{}", told(&asked, &reply)),
                Outcome::Refused(codes) => {
                    assert!(codes.iter().all(|code| asked.may.contains(&code.as_str())), "{}", told(&asked, &reply));
                }
            }
            let what = if outcome == Outcome::Done { "done" } else { "refused" };
            if outcome == Outcome::Done && !asked.mutation.starts_with("initiative") {
                println!("{} {}", asked.mutation, asked.input);
            }
            self.acknowledged.send_modify(|n| *n += usize::from(outcome == Outcome::Done));
            *self.counts.lock().unwrap().entry(format!("{} {what}", asked.mutation)).or_default() += 1;
            return Ok(outcome);
        }
        panic!("always BUSY: {} {}", asked.mutation, asked.input);
    }

    fn book(&self, asked: &Asked, reply: &Reply) {
        let mut entries = self.entries.lock().unwrap();
        match asked.then {
            Then::Drafted { member, claim } => {
                let initiative = reply.at("/initiativeDraft/initiative");
                let text = |field: &str| initiative[field].as_str().unwrap().to_owned();
                let acts = BTreeMap::from([(1, "DRAFT")]);
                let (id, code) = (text("id"), text("code"));
                // The answer of before, once more.
                if !entries.iter().any(|entry| entry.id == id) {
                    entries.push(Entry { id, code, member, claim, verified: 0, version: 1, state: "DRAFT", acts });
                }
            }
            Then::Acted { entry, action, state } => {
                let entry = &mut entries[entry];
                let version = asked.input["version"].as_i64().unwrap() + 1;
                entry.acts.insert(version, action);
                if version > entry.version {
                    (entry.version, entry.state) = (version, state);
                    entry.verified = asked.input["verifiedBenefit"].as_i64().unwrap_or(0);
                }
            }
            Then::Reorganised | Then::Nothing => {}
        }
    }

    pub fn done(&self, mutation: &str) -> usize {
        self.counts.lock().unwrap().get(&format!("{mutation} done")).copied().unwrap_or(0)
    }

    /// Until so many more are done than by now.
    pub async fn until(&self, more: usize) {
        let mut acknowledged = self.acknowledged.subscribe();
        let enough = more + *acknowledged.borrow();
        acknowledged.wait_for(|n| *n >= enough).await.unwrap();
    }
}

fn selection(asked: &Asked) -> &'static str {
    match asked.then {
        Then::Drafted { .. } => "initiative { id code }",
        Then::Acted { .. } => "initiative { id }",
        Then::Reorganised => "reorganisation { code }",
        Then::Nothing => "__typename",
    }
}

fn told(asked: &Asked, reply: &Reply) -> String {
    format!("{} {}: {}", asked.mutation, asked.input, reply.body)
}
