//! From a call as HTTP reads it to an answer as HTTP sends it.

use std::sync::Arc;

use async_graphql::{Response, SDLExportOptions, Schema};
use futures_util::StreamExt;
use tokio::sync::Semaphore;

use super::answer::{Answer, AnswerKind, is_request_error, refused, render};
use super::complete::complete;
use super::error::in_language;
use super::limits::{DEEPEST, Limiter};
use super::mutation::{self, Mutation};
use super::node::Node;
use super::operation::Operation;
use super::prepare::{OperationKind, Prepared, server_error};
use super::query::Query;
use super::rollup::Measures;
use super::subscription::{Occasion, Subscription};
use super::types::FieldTypes;
use crate::access::Caller;
use crate::app::App;
use crate::feed::Feed;
use crate::text::{Language, message};

type BanyanSchema = Schema<Query, Mutation, Subscription>;

/// The schema with what it runs on; cheap to clone.
#[derive(Clone)]
pub struct Api {
    schema: BanyanSchema,
    pub(super) types: Arc<FieldTypes>,
    limiter: Limiter,
    app: App,
    feed: Feed,
    /// How many events are executed at the same time: requests go before.
    turns: Arc<Semaphore>,
}

/// A GraphQL request whose outer form has been checked.
#[derive(Clone, Debug, Default)]
pub struct Call {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    /// An object or null.
    pub variables: Option<serde_json::Value>,
    pub extensions: Option<serde_json::Value>,
    /// Mutations are refused.
    pub read_only: bool,
}

/// The schema definition language of the API.
pub fn sdl() -> String {
    schema().sdl_with_options(SDLExportOptions::new().include_specified_by())
}

fn schema() -> BanyanSchema {
    Schema::build(Query, mutation::root(), Subscription)
        .register_output_type::<Node>()
        .register_output_type::<Measures>()
        .disable_suggestions()
        // Measured before, and more exactly.
        .limit_recursive_depth(DEEPEST + 2)
        .finish()
}

impl Api {
    pub fn new(app: App) -> Api {
        let schema = schema();
        let types = Arc::new(FieldTypes::of(&schema.sdl()));
        // A quarter of the database's connections, so that the most of them stay for requests.
        let turns = Arc::new(Semaphore::new((app.config.connections as usize / 4).max(1)));
        let limiter = Limiter::new(&app.config.limits, types.clone());
        Api { schema, types, limiter, feed: Feed::new(app.clone()), turns, app }
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
    pub async fn run(&self, caller: Caller, call: Call) -> Answer {
        match self.prepare(call, caller.messages()) {
            Ok(prepared) => self.answer(caller, &prepared).await,
            Err(refusal) => refusal,
        }
    }

    /// Checks everything of a call that can be checked before it is executed; what is wrong is said in the language.
    pub fn prepare(&self, call: Call, language: Language) -> Result<Prepared, Answer> {
        Prepared::of(&self.types, &self.limiter, call, language)
    }

    /// Executes a query or a mutation.
    pub async fn answer(&self, caller: Caller, prepared: &Prepared) -> Answer {
        if prepared.kind == OperationKind::Subscription {
            let error = message!("a subscription goes by graphql-transport-ws, or as text/event-stream");
            let error = server_error(&error, caller.messages());
            return refused(error, "BAD_REQUEST", AnswerKind::RequestError);
        }
        let language = caller.messages();
        let operation = Arc::new(Operation::new(self.app.clone(), caller));
        let request = prepared.request().data(operation.clone());
        let response = operation.drive(self.schema.execute(request)).await;
        let statements = operation.statements().await;
        Answer { statements, ..render(self.completed(prepared, response, language)) }
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
        response.errors = response.errors.into_iter().map(|error| in_language(error, language)).collect();
        response
    }
}
