//! From a call as HTTP reads it to an answer as HTTP sends it.

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{EmptySubscription, Request, Response, SDLExportOptions, Schema, ServerError, Value, Variables};

use super::complete::complete;
use super::error::with_code;
use super::inputs::check;
use super::limits::{DEEPEST, Limiter, Refusal, root};
use super::mutation::{self, Mutation};
use super::node::Node;
use super::operation::Operation;
use super::query::Query;
use super::rollup::Measures;
use super::types::FieldTypes;
use crate::access::Caller;
use crate::app::App;

type BanyanSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema with what it runs on; cheap to clone.
#[derive(Clone)]
pub struct Api {
    schema: BanyanSchema,
    types: Arc<FieldTypes>,
    limiter: Limiter,
    app: App,
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

pub struct Answer {
    /// The response as JSON; without `data` on a request error.
    pub body: Vec<u8>,
    pub kind: AnswerKind,
    /// SQL statements that reading took.
    pub statements: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// Executed: there is data, perhaps null, perhaps with errors.
    Executed,
    /// Nothing was executed: parse, validation, operation name, variables.
    RequestError,
    MutationOverGet,
}

/// The schema definition language of the API.
pub fn sdl() -> String {
    schema().sdl_with_options(SDLExportOptions::new().include_specified_by())
}

fn schema() -> BanyanSchema {
    Schema::build(Query, mutation::root(), EmptySubscription)
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
        let limiter = Limiter::new(&app.config.limits, types.clone());
        Api { schema, types, limiter, app }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// Executes the call for the caller.
    pub async fn run(&self, caller: Caller, call: Call) -> Answer {
        let document = match self.limiter.read(call.query.as_deref().unwrap_or_default()) {
            Ok(Ok(document)) => document,
            Ok(Err(error)) => return refused(error.into(), "GRAPHQL_PARSE_FAILED", AnswerKind::RequestError),
            Err(refusal) => return limited(refusal),
        };
        let chosen = match chosen(&document, call.operation_name.as_deref()) {
            Ok(chosen) => chosen,
            Err(message) => return refused(server_error(&message), "BAD_REQUEST", AnswerKind::RequestError),
        };
        if chosen.ty == OperationType::Mutation && call.read_only {
            let error = server_error("mutations go by POST, never by GET");
            return refused(error, "METHOD_NOT_ALLOWED", AnswerKind::MutationOverGet);
        }
        let root = root(chosen.ty);
        let variables = Variables::from_json(call.variables.unwrap_or_default());
        if let Err(refusal) = self.limiter.admit(&document, chosen, &variables) {
            return limited(refusal);
        }
        if let Err(message) = check(&self.types, &document, chosen, root, &variables) {
            return refused(server_error(&message), "BAD_USER_INPUT", AnswerKind::RequestError);
        }
        let operation = Arc::new(Operation::new(self.app.clone(), caller));
        let mut request = Request::new(call.query.unwrap_or_default()).variables(variables).data(operation.clone());
        request.set_parsed_query(document.clone());
        if let Some(name) = call.operation_name.clone() {
            request = request.operation_name(name);
        }
        let mut response = operation.drive(self.schema.execute(request)).await;
        let statements = operation.statements().await;
        if !is_request_error(&response) {
            let data = std::mem::take(&mut response.data);
            let selection = &chosen.selection_set.node;
            response.data = complete(&self.types, &document, selection, root, data, &response.errors);
        }
        Answer { statements, ..render(response) }
    }
}

/// The operation that is meant; `Err` says why none is.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, String> {
    let none = |name: &str| format!("the document has no operation named \"{}\"", crate::error::clip(name));
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(name)) => Err(none(name)),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| &operation.node).ok_or_else(|| none(name))
        }
        (DocumentOperations::Multiple(operations), None) => match operations.values().next() {
            Some(only) if operations.len() == 1 => Ok(&only.node),
            _ => Err("the document has several operations: name one in operationName".to_owned()),
        },
    }
}

fn server_error(message: &str) -> ServerError {
    ServerError::new(message.to_owned(), None)
}

fn refused(error: ServerError, code: &str, kind: AnswerKind) -> Answer {
    let body = serde_json::json!({ "errors": [with_code(error, code)] });
    Answer { body: body.to_string().into_bytes(), kind, statements: 0 }
}

fn limited(refusal: Refusal) -> Answer {
    let code = refusal.code;
    refused(refusal.into_error(), code, AnswerKind::RequestError)
}

/// Nothing was executed: no error is of a field.
fn is_request_error(response: &Response) -> bool {
    let nothing = response.data == Value::Null;
    nothing && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

fn render(mut response: Response) -> Answer {
    let request_error = is_request_error(&response);
    let default_code = if request_error { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_USER_INPUT" };
    response.errors = response.errors.into_iter().map(|error| with_code(error, default_code)).collect();
    let (kind, body) = if request_error {
        let body = serde_json::json!({ "errors": response.errors }).to_string().into_bytes();
        (AnswerKind::RequestError, body)
    } else {
        // A response of ours always serialises: keys are strings and numbers are finite.
        (AnswerKind::Executed, serde_json::to_vec(&response).unwrap_or_default())
    };
    Answer { body, kind, statements: 0 }
}
