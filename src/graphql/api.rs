//! From a call as HTTP reads it to an answer as HTTP sends it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Response, SDLExportOptions, Schema, ValidationMode};
use futures_util::StreamExt;
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::again::{Answers, digest};
use super::answer::{Answer, AnswerKind, cut_short, held_up, is_request_error, limited, refused, render, throttled};
use super::complete::complete;
use super::direct::Frames;
use super::documents::Documents;
use super::error::in_language;
use super::limits::{Admitted, DEEPEST, Limiter, Refusal, Spent, Turn};
use super::metering::Naming;
use super::mutation::{self, Mutation};
use super::node::Node;
use super::operation::Operation;
use super::prepare::{OperationKind, Prepared, request_error, server_error};
use super::query::Query;
use super::rollup::Measures;
use super::subscription::{Occasion, Subscription};
use super::types::FieldTypes;
use super::validate::{grammar, validate};
use crate::access::Caller;
use crate::app::App;
use crate::error::Error;
use crate::feed::Feed;
use crate::meter::Open;
use crate::spans;
use crate::store::Version;
use crate::text::{Language, message};

/// What no operation is called.
const NOT_A_NAME: &str = "not a name";

type BanyanSchema = Schema<Query, Mutation, Subscription>;

/// The schema with what it runs on; cheap to clone.
#[derive(Clone)]
pub struct Api {
    schema: BanyanSchema,
    /// The same, without the rules that an operation passed when it was executed first.
    swift: BanyanSchema,
    /// Nothing is executed by hand.
    pub(super) ordinary: bool,
    /// How many queries have been executed by hand.
    pub(super) written: Arc<AtomicU64>,
    pub(super) types: Arc<FieldTypes>,
    limiter: Limiter,
    pub(super) naming: Naming,
    documents: Documents,
    pub(super) answers: Answers,
    /// What queries executed by hand read beside figures.
    pub(super) frames: Frames,
    app: App,
    feed: Feed,
    /// How many events are executed at the same time: requests go before.
    turns: Arc<Semaphore>,
}

/// A GraphQL request whose outer form has been checked.
#[derive(Clone, Debug, Default)]
pub struct Call {
    pub query: Option<String>,
    /// Names a trusted document, instead of the query or beside it.
    pub document_id: Option<String>,
    pub operation_name: Option<String>,
    /// An object or null.
    pub variables: Option<serde_json::Value>,
    pub extensions: Option<serde_json::Value>,
    /// Mutations are refused.
    pub read_only: bool,
}

/// The schema definition language of the API.
pub fn sdl() -> String {
    schema(false, ValidationMode::Strict).sdl_with_options(SDLExportOptions::new().include_specified_by())
}

/// `suggesting`: errors name fields that are alike.
fn schema(suggesting: bool, mode: ValidationMode) -> BanyanSchema {
    let builder = Schema::build(Query, mutation::root(), Subscription)
        .register_output_type::<Node>()
        .register_output_type::<Measures>()
        .validation_mode(mode)
        // Measured before, and more exactly.
        .limit_recursive_depth(DEEPEST + 2);
    if suggesting { builder.finish() } else { builder.disable_suggestions().finish() }
}

impl Api {
    pub fn new(app: App) -> Api {
        let schema = schema(false, ValidationMode::Strict);
        let types = Arc::new(FieldTypes::of(&schema.sdl()));
        // A quarter of the database's connections, so that the most of them stay for requests.
        let turns = Arc::new(Semaphore::new((app.config.connections() as usize / 4).max(1)));
        let limiter = Limiter::new(&app.config.limits, types.clone());
        let naming = Naming::of(&types, &app.config.telemetry.metrics_operation, []);
        Api {
            schema,
            swift: self::schema(false, ValidationMode::Fast),
            ordinary: false,
            written: Arc::default(),
            types,
            limiter,
            naming,
            documents: Documents::default(),
            answers: Answers::new(u64::from(app.config.answers_mb) << 20),
            frames: Frames::new(u64::from(app.config.frames_mb) << 20),
            feed: Feed::new(app.clone()),
            turns,
            app,
        }
    }

    /// Errors of validation name fields and arguments that are alike: for development.
    pub fn suggesting(self) -> Api {
        Api { schema: schema(true, ValidationMode::Strict), ..self }
    }

    /// Leaves every query to the library's executor: what is executed by hand has to come to the same.
    pub fn ordinary(self) -> Api {
        Api { ordinary: true, ..self }
    }

    /// Knows the documents of a directory or manifest; with `only` it executes nothing else.
    pub async fn trusting(self, path: &Path, only: bool) -> crate::error::Result<Api> {
        let loaded = Documents::load(path, only, async |text: &str| self.validated(text).await).await;
        let documents = loaded.map_err(|faults| Error::Setting(faults.join("\n")))?;
        let configured = &self.app.config.telemetry.metrics_operation;
        let naming = Naming::of(&self.types, configured, documents.operation_names());
        Ok(Api { documents, naming, ..self })
    }

    /// Parses a document and validates it against the schema; nothing is executed.
    async fn validated(&self, text: &str) -> Result<ExecutableDocument, String> {
        let read = self.limiter.read(text).map_err(|refusal| refusal.message.english())?;
        let document = read.map_err(|error| error.to_string())?;
        grammar(text).and_then(|()| validate(&self.types, &document)).map_err(|message| message.english())?;
        let mut request = Request::new(text);
        request.set_parsed_query(document.clone());
        let wrong = self.breaches(request).await;
        if wrong.is_empty() { Ok(document) } else { Err(wrong.join("; ")) }
    }

    /// The rules of validation that a request breaks; nothing of it is executed.
    async fn breaches(&self, request: Request) -> Vec<String> {
        // An operation is looked up when the document has passed; a name that none can have ends it there.
        let errors = self.schema.execute(request.operation_name(NOT_A_NAME)).await.errors;
        errors.iter().filter(|error| !error.message.contains(NOT_A_NAME)).map(ToString::to_string).collect()
    }

    /// Whether the operation passes every rule of validation, now or before.
    pub(super) async fn passes(&self, prepared: &Prepared) -> bool {
        if !prepared.is_valid() && self.breaches(prepared.request()).await.is_empty() {
            prepared.found_valid();
        }
        prepared.is_valid()
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn feed(&self) -> &Feed {
        &self.feed
    }

    pub(super) fn turns(&self) -> Arc<Semaphore> {
        self.turns.clone()
    }

    /// Executes the call for the caller.
    ///
    /// `since`: a state of the database that was seen after the call came, where one was.
    pub async fn run(&self, caller: Caller, since: Option<Version>, call: Call) -> Answer {
        match self.prepare_for(&caller, call) {
            Ok(prepared) => {
                self.name_the_span(&prepared);
                self.answer(caller, since, &prepared).await
            }
            Err(refusal) => refusal,
        }
    }

    /// As [`Api::prepare`]; finding out what is wrong is paid for too.
    pub fn prepare_for(&self, caller: &Caller, call: Call) -> Result<Arc<Prepared>, Answer> {
        let language = caller.messages();
        let looked_at = call.query.as_ref().map_or(0, String::len) as u64;
        let begun = Instant::now();
        self.prepare(call, language).map_err(|refusal| {
            let paid = self.limiter.pay(caller, 1 + looked_at / 64);
            let refusal = paid.map_or_else(|spent| limited(spent, language), |_| refusal);
            self.count_unknown(&refusal, begun);
            refusal
        })
    }

    /// Checks everything of a call that can be checked before it is executed; what is wrong is said in the language.
    pub fn prepare(&self, call: Call, language: Language) -> Result<Arc<Prepared>, Answer> {
        let digest = digest(&call);
        if let Some(prepared) = self.answers.prepared(&digest) {
            return Ok(prepared);
        }
        let trusted = self.documents.find(&call).map_err(|(code, message)| request_error(&message, language, code))?;
        let prepared = Prepared::of(&self.types, &self.limiter, trusted.as_deref(), (digest, call), language)?;
        let prepared = Arc::new(prepared);
        self.answers.remember(&prepared);
        Ok(prepared)
    }

    /// Executes a query or a mutation. `since`: as of [`Api::run`].
    pub async fn answer(&self, caller: Caller, since: Option<Version>, prepared: &Arc<Prepared>) -> Answer {
        let begun = Instant::now();
        let name = self.naming.name(prepared);
        let span = spans::operation(prepared.kind.counted(), &name);
        let (answer, mendable) = self.executed(caller, since, prepared).instrument(span.clone()).await;
        spans::done(&span, self.count(prepared, &name, &answer, mendable, begun));
        answer
    }

    /// The answer, and whether a payload in it has user errors.
    async fn executed(&self, caller: Caller, since: Option<Version>, prepared: &Arc<Prepared>) -> (Answer, bool) {
        if prepared.kind == OperationKind::Subscription {
            let error = message!("a subscription goes by graphql-transport-ws, or as text/event-stream");
            let error = server_error(&error, caller.messages());
            return (refused(error, "BAD_REQUEST", AnswerKind::RequestError), false);
        }
        let language = caller.messages();
        let (spent, _turn) = match self.admit(&caller, prepared).await {
            Ok(admitted) => admitted,
            Err(refusal) => return (limited(refusal, language), false),
        };
        let cost = spent.value(&self.app, prepared.read_only);
        let (mut response, statements, mendable) = match self.answered(&caller, since, prepared).await {
            Some(answered) => {
                if let Some(answer) = answered.answer(&cost) {
                    return (answer, false);
                }
                (answered.faults().unwrap_or_default(), answered.statements(), false)
            }
            None => {
                let operation = Arc::new(Operation::new(self.app.clone(), caller));
                if let Some(answer) = self.written(&operation, prepared, &cost).await {
                    return (answer, false);
                }
                let response = self.operate(&operation, prepared).await;
                (response, operation.statements().await, operation.is_mendable())
            }
        };
        response.extensions.insert("cost".to_owned(), cost);
        let answer = match held_up(&response).filter(|_| prepared.admitted.root_fields == 1) {
            Some(seconds) => throttled(response, seconds),
            None => render(response),
        };
        (Answer { statements, ..answer }, mendable)
    }

    /// Executes it, and completes what comes of it.
    pub(super) async fn operate(&self, operation: &Arc<Operation>, prepared: &Prepared) -> Response {
        let request = prepared.request().data(operation.clone());
        let schema = if prepared.is_valid() { &self.swift } else { &self.schema };
        let response = operation.drive(schema.execute(request)).await;
        if !is_request_error(&response) {
            prepared.found_valid();
        }
        self.completed(prepared, response, operation.caller.messages())
    }

    /// Takes the operation's cost out of the caller's budget, and waits for his turn.
    pub(super) async fn admit(&self, caller: &Caller, prepared: &Prepared) -> Result<(Spent, (Turn, Open)), Refusal> {
        let spent = self.pay(caller, prepared)?;
        let _waiting = self.app.meter.waiting();
        Ok((spent, (self.limiter.turn(caller).await?, self.app.meter.running())))
    }

    /// Takes the operation's cost out of the caller's budget.
    pub(super) fn pay(&self, caller: &Caller, prepared: &Prepared) -> Result<Spent, Refusal> {
        self.limiter.pay(caller, prepared.admitted.cost)
    }

    /// Executes a subscription for one occasion: an operation of its own. Nothing where there is nothing to tell.
    pub(super) async fn tell(&self, caller: Caller, prepared: &Prepared, occasion: Arc<Occasion>) -> Option<Response> {
        let language = caller.messages();
        let operation = Arc::new(Operation::new(self.app.clone(), caller));
        let request = prepared.request().data(operation.clone()).data(occasion);
        let mut stream = self.schema.execute_stream(request);
        let response = operation.drive(stream.next()).await?;
        Some(self.completed(prepared, response, language))
    }

    fn completed(&self, prepared: &Prepared, mut response: Response, language: Language) -> Response {
        if let Some(operation) = prepared.operation().filter(|_| !is_request_error(&response)) {
            let data = std::mem::take(&mut response.data);
            let (selection, root) = (&operation.selection_set.node, prepared.root());
            response.data = complete(&self.types, &prepared.document, selection, root, data, &response.errors);
        }
        if prepared.kind != OperationKind::Mutation {
            cut_short(&mut response);
        }
        response.errors = response.errors.into_iter().map(|error| in_language(error, language)).collect();
        response
    }

    /// What the limits do for an operation, without anything else of it: for the benchmark.
    #[doc(hidden)]
    pub async fn limits_alone(&self, caller: &Caller, prepared: &Prepared) {
        if let Ok(spent) = prepared.measure_again(&self.limiter).and_then(|cost| self.limiter.pay(caller, cost)) {
            let _turn = self.limiter.turn(caller).await;
            std::hint::black_box(spent.value(&self.app, prepared.read_only));
        }
    }

    /// Executes several calls in their order, unless they are too much together.
    pub async fn run_batch(&self, caller: Caller, calls: Vec<Call>) -> Result<Vec<Answer>, Answer> {
        let language = caller.messages();
        let texts = calls.iter().map(|call| call.query.as_deref().unwrap_or_default());
        let begun = Instant::now();
        let too_much = |refusal| {
            let refusal = limited(refusal, language);
            self.count_unknown(&refusal, begun);
            refusal
        };
        self.limiter.read_together(texts).map_err(too_much)?;
        // What is wrong with one of them is its own answer.
        let prepared: Vec<_> = calls.into_iter().map(|call| self.prepare_for(&caller, call)).collect();
        let sizes = prepared.iter().flatten().map(|prepared| prepared.admitted);
        let all = sizes.fold(Admitted::default(), Admitted::and);
        self.limiter.admit_together(&all).map_err(too_much)?;
        let mut answers = Vec::with_capacity(prepared.len());
        for prepared in prepared {
            answers.push(match prepared {
                // Each sees what those before it have done.
                Ok(prepared) => self.answer(caller.clone(), None, &prepared).await,
                Err(refusal) => refusal,
            });
        }
        Ok(answers)
    }
}
