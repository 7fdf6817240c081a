//! From a call to an operation that may be executed, once or again and again: parsed, measured, chosen, its inputs checked.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Request, ServerError, Variables};

use super::again::CallDigest;
use super::answer::{Answer, AnswerKind, limited, refused};
use super::api::Call;
use super::direct::{Plan, compile};
use super::documents::Trusted;
use super::inputs::check;
use super::limits::{Admitted, Limiter, Refusal, root};
use super::single::single_root;
use super::types::FieldTypes;
use super::validate::{grammar, occupy, validate};
use crate::text::{Language, Message, message};

/// An operation that may be executed, as often as one likes. Validation is left to the executor.
pub struct Prepared {
    /// The call that it was made of.
    pub(super) call: CallDigest,
    pub(super) document: ExecutableDocument,
    query: String,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Variables,
    pub kind: OperationKind,
    pub(super) admitted: Admitted,
    pub(super) read_only: bool,
    /// Its document was written down beforehand.
    pub(super) trusted: bool,
    /// Something of it is asked of the database, and not of the schema alone.
    pub(super) reads: bool,
    /// It has been executed, and so passed every rule.
    valid: AtomicBool,
    /// How it is executed by hand, where it can be.
    plan: OnceLock<Option<Plan>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    Query,
    Mutation,
    Subscription,
}

impl Prepared {
    /// Checks everything that can be checked before anything is executed.
    pub fn of(
        types: &FieldTypes,
        limiter: &Limiter,
        trusted: Option<&Trusted>,
        (digest, call): (CallDigest, Call),
        language: Language,
    ) -> Result<Prepared, Answer> {
        let (query, mut document) = match trusted {
            Some(trusted) => (trusted.text.clone(), trusted.document.clone()),
            None => parsed(limiter, call.query.unwrap_or_default(), language)?,
        };
        let name = call.operation_name;
        let operation =
            chosen(&document, name.as_deref()).map_err(|message| request_error(&message, language, "BAD_REQUEST"))?;
        let kind = match operation.ty {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        };
        if kind == OperationKind::Mutation && call.read_only {
            let error = server_error(&message!("mutations go by POST, never by GET"), language);
            return Err(refused(error, "METHOD_NOT_ALLOWED", AnswerKind::MutationOverGet));
        }
        let reads = operation.selection_set.node.items.iter().any(|item| !is_of_schema(&item.node));
        let mut variables = Variables::from_json(call.variables.unwrap_or_default());
        let admitted = limiter.admit(&document, operation, &variables).map_err(|refusal| limited(refusal, language))?;
        let root = root(operation.ty);
        check(types, &document, operation, root, &variables)
            .map_err(|message| request_error(&message, language, "BAD_USER_INPUT"))?;
        put_defaults(operation, &mut variables);
        if kind == OperationKind::Subscription {
            single_root(&mut document, name.as_deref())
                .map_err(|message| request_error(&message, language, "GRAPHQL_VALIDATION_FAILED"))?;
        }
        validate(types, &document).map_err(|message| request_error(&message, language, "GRAPHQL_VALIDATION_FAILED"))?;
        occupy(&mut document);
        let read_only = call.read_only;
        let trusted = trusted.is_some();
        Ok(Prepared {
            call: digest,
            document,
            query,
            operation_name: name,
            variables,
            kind,
            admitted,
            read_only,
            trusted,
            reads,
            valid: AtomicBool::new(false),
            plan: OnceLock::new(),
        })
    }

    /// The type that the operation selects on.
    pub(super) fn root(&self) -> &'static str {
        match self.kind {
            OperationKind::Query => "Query",
            OperationKind::Mutation => "Mutation",
            OperationKind::Subscription => "Subscription",
        }
    }

    /// Whether it passed every rule of validation once: with the same variables it does so always.
    pub(super) fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Relaxed)
    }

    pub(super) fn found_valid(&self) {
        self.valid.store(true, Ordering::Relaxed);
    }

    /// How it is executed by hand, where it can be; for what has passed validation.
    pub(super) fn plan(&self) -> Option<&Plan> {
        let compiled = || compile(&self.document, self.operation()?, &self.variables);
        self.plan.get_or_init(compiled).as_ref()
    }

    /// How long its text is, bytes.
    pub(super) fn text_length(&self) -> usize {
        self.query.len()
    }

    /// The operation that is meant.
    pub(super) fn operation(&self) -> Option<&OperationDefinition> {
        chosen(&self.document, self.operation_name.as_deref()).ok()
    }

    /// Everything that the limits count, once more: for the benchmark.
    pub(super) fn measure_again(&self, limiter: &Limiter) -> Result<u64, Refusal> {
        limiter.read_together(std::iter::once(self.query.as_str()))?;
        let Some(operation) = self.operation() else { return Ok(0) };
        limiter.admit(&self.document, operation, &self.variables).map(|admitted| admitted.cost)
    }

    /// For the executor, which does not parse again.
    pub(super) fn request(&self) -> Request {
        let mut request = Request::new(self.query.clone()).variables(self.variables.clone());
        request.set_parsed_query(self.document.clone());
        match &self.operation_name {
            Some(name) => request.operation_name(name.clone()),
            None => request,
        }
    }
}

/// The operation that is meant; `Err` says why none is.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Message> {
    let none = |name: &str| message!("the document has no operation named \"{name}\"", name = crate::error::clip(name));
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(name)) => Err(none(name)),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| &operation.node).ok_or_else(|| none(name))
        }
        (DocumentOperations::Multiple(operations), None) => match operations.values().next() {
            Some(only) if operations.len() == 1 => Ok(&only.node),
            _ => Err(message!("the document has several operations: name one in operationName")),
        },
    }
}

/// Gives variables that were left out the values that the operation has for them: the executor does not know these in directives.
fn put_defaults(operation: &OperationDefinition, variables: &mut Variables) {
    for definition in &operation.variable_definitions {
        if let Some(default) = &definition.node.default_value {
            variables.entry(definition.node.name.node.clone()).or_insert_with(|| default.node.clone());
        }
    }
}

/// Whether a field of the top level is answered by the schema.
fn is_of_schema(selection: &Selection) -> bool {
    matches!(selection, Selection::Field(field) if field.node.name.node.starts_with("__"))
}

/// A text that was sent.
fn parsed(limiter: &Limiter, query: String, language: Language) -> Result<(String, ExecutableDocument), Answer> {
    match limiter.read(&query) {
        Ok(Ok(document)) => match grammar(&query) {
            Ok(()) => Ok((query, document)),
            Err(message) => Err(request_error(&message, language, "GRAPHQL_PARSE_FAILED")),
        },
        Ok(Err(error)) => Err(refused(error.into(), "GRAPHQL_PARSE_FAILED", AnswerKind::RequestError)),
        Err(refusal) => Err(limited(refusal, language)),
    }
}

pub(super) fn request_error(message: &Message, language: Language, code: &str) -> Answer {
    refused(server_error(message, language), code, AnswerKind::RequestError)
}

pub(super) fn server_error(message: &Message, language: Language) -> ServerError {
    ServerError::new(message.text(language), None)
}
