//! Answers given again: to the same call of the same viewer, while the database is in the state in which it was answered.
//!
//! Nothing is guessed: each request has the state looked up after it came ([`Store::version`]), one look for all who come at the
//! same time. What has told the time ([`Operation::has_told_time`]) is not kept, nor what has errors. Those who ask the same while
//! it is not kept share one execution, which begins after they asked. Every request pays, waits its turn, is counted and is told
//! its cost by itself.
//!
//! [`Store::version`]: crate::store::Store::version
//! [`Operation::has_told_time`]: super::operation::Operation::has_told_time

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use futures_util::FutureExt;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use super::answer::{Answer, AnswerKind, Wrong};
use super::api::{Api, Call};
use super::operation::Operation;
use super::prepare::{OperationKind, Prepared};
use crate::access::{Caller, Viewer};
use crate::store::{Again, Joint, Reading, Version};
use crate::text::Language;

/// About the size of an answer, bytes.
const ANSWER: usize = 4_000;

/// Memory for operations that are ready to be executed, bytes; and about how much more one takes than its text.
const PREPARED: u64 = 8 << 20;
const PREPARED_FACTOR: usize = 40;
const PREPARED_BESIDE: usize = 2_000;

/// A call, told from every other one.
pub type CallDigest = [u8; 32];

/// Everything that an answer depends on beside the database.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Question {
    call: CallDigest,
    viewer: Viewer,
    language: Option<Language>,
}

/// What is kept, and what is under way; cheap to clone.
#[derive(Clone)]
pub struct Answers {
    answers: Option<Arc<Again<Question, Arc<Answered>, Version>>>,
    /// Who asks the same at the same time, where answers are not kept.
    sharing: Arc<Joint<Question, (), Arc<Answered>>>,
    prepared: Arc<Cache<CallDigest, Arc<Prepared>, BySize>>,
}

/// An executed query.
pub struct Answered {
    told: Told,
    statements: u32,
}

enum Told {
    /// Its data, as JSON.
    Data(Vec<u8>),
    /// Something went wrong.
    Faults(Value, Vec<ServerError>),
}

#[derive(Clone)]
struct BySize;

impl Weighter<CallDigest, Arc<Prepared>> for BySize {
    fn weight(&self, _call: &CallDigest, prepared: &Arc<Prepared>) -> u64 {
        (prepared.text_length() * PREPARED_FACTOR + PREPARED_BESIDE) as u64
    }
}

impl Answers {
    /// Keeps up to so many bytes of answers; none where they are 0, but who asks the same at the same time shares one.
    pub fn new(bytes: u64) -> Answers {
        let number = PREPARED as usize / (PREPARED_BESIDE + 500 * PREPARED_FACTOR);
        Answers {
            answers: (bytes > 0).then(|| Arc::new(Again::new(bytes, ANSWER))),
            sharing: Arc::default(),
            prepared: Arc::new(Cache::with_weighter(number, PREPARED, BySize)),
        }
    }

    /// An operation that was made ready before for the very same call.
    pub fn prepared(&self, call: &CallDigest) -> Option<Arc<Prepared>> {
        self.prepared.get(call)
    }

    /// Remembers what is asked again and again; a mutation is asked once.
    pub fn remember(&self, prepared: &Arc<Prepared>) {
        if prepared.kind == OperationKind::Query {
            self.prepared.insert(prepared.call, prepared.clone());
        }
    }
}

/// Tells calls apart: each part with its length.
pub fn digest(call: &Call) -> CallDigest {
    let mut hash = Sha256::new();
    let mut part = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        hash.update(length.to_le_bytes());
        hash.update(bytes.unwrap_or_default());
    };
    let json = |value: &Option<serde_json::Value>| value.as_ref().map(|value| value.to_string());
    part(call.query.as_deref().map(str::as_bytes));
    part(call.document_id.as_deref().map(str::as_bytes));
    part(call.operation_name.as_deref().map(str::as_bytes));
    part(json(&call.variables).as_deref().map(str::as_bytes));
    part(json(&call.extensions).as_deref().map(str::as_bytes));
    part(Some(&[u8::from(call.read_only)]));
    hash.finalize().into()
}

impl Api {
    /// The query's answer as it is now, or was since it came, kept, shared or executed; none where that cannot be told, and it must be
    /// executed alone.
    pub(super) async fn answered(
        &self,
        caller: &Caller,
        since: Option<Version>,
        prepared: &Arc<Prepared>,
    ) -> Option<Arc<Answered>> {
        if prepared.kind != OperationKind::Query || !prepared.reads {
            return None;
        }
        let _reader = self.app().readers.enter();
        let question = Question { call: prepared.call, viewer: caller.viewer, language: caller.language };
        let (api, caller, prepared) = (self.clone(), caller.clone(), prepared.clone());
        let read = move || {
            let (api, caller, prepared) = (api.clone(), caller.clone(), prepared.clone());
            async move { api.reading(caller, &prepared).await }
        };
        let Some(answers) = &self.answers.answers else {
            return self.answers.sharing.ask(question, (), move |_| read().map(|reading| reading.value)).await;
        };
        let version = match since {
            Some(seen) => seen,
            None => self.app().store.version().await?,
        };
        if let Some(known) = answers.known(&question, &version) {
            return Some(known);
        }
        answers.get(question, version, move || read().map(Some)).await
    }

    /// The answer of a query that is executed by hand, for one caller alone.
    pub(super) async fn written(
        &self,
        operation: &Arc<Operation>,
        prepared: &Prepared,
        cost: &Value,
    ) -> Option<Answer> {
        let data = self.direct(operation, prepared).await?;
        Answered { told: Told::Data(data), statements: operation.statements().await }.answer(cost)
    }

    async fn reading(&self, caller: Caller, prepared: &Prepared) -> Reading<Arc<Answered>> {
        let operation = Arc::new(Operation::new(self.app().clone(), caller));
        if let Some(data) = self.direct(&operation, prepared).await {
            let (bytes, keep) = (data.len(), !operation.has_told_time());
            let statements = operation.statements().await;
            return Reading { value: Arc::new(Answered { told: Told::Data(data), statements }), keep, bytes };
        }
        let response = self.operate(&operation, prepared).await;
        let statements = operation.statements().await;
        let whole = response.errors.is_empty();
        let told = match whole {
            // Data of ours always serialise: keys are strings and numbers are finite.
            true => Told::Data(serde_json::to_vec(&response.data).unwrap_or_default()),
            false => Told::Faults(response.data, response.errors),
        };
        let bytes = if let Told::Data(data) = &told { data.len() } else { 0 };
        let keep = whole && !operation.has_told_time();
        Reading { value: Arc::new(Answered { told, statements }), keep, bytes }
    }
}

impl Answered {
    pub fn statements(&self) -> u32 {
        self.statements
    }

    /// As a response, where something went wrong.
    pub fn faults(&self) -> Option<Response> {
        let Told::Faults(data, errors) = &self.told else { return None };
        let mut response = Response::new(data.clone());
        response.errors = errors.clone();
        Some(response)
    }

    /// As it is sent, where nothing went wrong: the same bytes as a response with this cost.
    pub fn answer(&self, cost: &Value) -> Option<Answer> {
        let Told::Data(data) = &self.told else { return None };
        let cost = serde_json::to_vec(cost).unwrap_or_default();
        let body = [b"{\"data\":", data.as_slice(), b",\"extensions\":{\"cost\":", &cost, b"}}"].concat();
        let (kind, wrong) = (AnswerKind::Executed, Wrong::default());
        Some(Answer { body, kind, statements: self.statements, retry_after: None, wrong })
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;
    use crate::graphql::answer::render;

    #[test]
    fn a_kept_answer_is_sent_as_a_new_one_is() {
        let data = value!({ "unit": { "name": "Tổng \"Liên\" đoàn", "n": 1, "none": null } });
        let cost = value!({ "requested": 3, "limit": 100 });
        let mut response = Response::new(data.clone());
        response.extensions.insert("cost".to_owned(), cost.clone());
        let kept = Answered { told: Told::Data(serde_json::to_vec(&data).unwrap()), statements: 0 };
        let (kept, new) = (kept.answer(&cost).unwrap(), render(response));
        assert_eq!(String::from_utf8(kept.body), String::from_utf8(new.body));
        assert_eq!(kept.kind, new.kind);
    }

    #[test]
    fn calls_are_told_apart() {
        let call = |query: &str, name: Option<&str>, variables| Call {
            query: Some(query.to_owned()),
            operation_name: name.map(str::to_owned),
            variables,
            ..Call::default()
        };
        let one = digest(&call("{ a }", None, None));
        assert_eq!(one, digest(&call("{ a }", None, None)));
        for other in [
            call("{ a}", None, None),
            call("{ a }", Some(""), None),
            call("{ a }", None, Some(serde_json::json!({}))),
            Call { read_only: true, ..call("{ a }", None, None) },
            Call { query: None, document_id: Some("{ a }".to_owned()), ..Call::default() },
        ] {
            assert_ne!(one, digest(&other), "{other:?}");
        }
    }
}
