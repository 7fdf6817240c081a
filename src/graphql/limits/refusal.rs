//! Why a request is not executed, in words and numbers.

use async_graphql::{ErrorExtensionValues, ServerError, Value};

use crate::text::{Language, Message, message};

/// A request that asks for too much.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Explained in docs/errors.md.
    pub code: &'static str,
    pub message: Message,
    extensions: Vec<(&'static str, Value)>,
    /// Seconds after which the same request may be served, where waiting helps.
    pub retry_after: Option<u64>,
    /// The limit, as it is counted.
    pub which: Option<&'static str>,
}

pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
pub const COST_EXCEEDED: &str = "COST_EXCEEDED";
pub const RATE_LIMITED: &str = "RATE_LIMITED";
pub const BUSY: &str = "BUSY";
/// A document that no limit is about.
pub const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";

impl Refusal {
    pub fn new(code: &'static str, message: Message) -> Refusal {
        Refusal { code, message, extensions: Vec::new(), retry_after: None, which: None }
    }

    /// Adds a member to the error's extensions.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Refusal {
        self.extensions.push((name, value.into()));
        self
    }

    /// Says for those who count which limit it was.
    pub fn by(self, which: &'static str) -> Refusal {
        Refusal { which: Some(which), ..self }
    }

    /// Says when to come again.
    pub fn after(self, seconds: u64) -> Refusal {
        Refusal { retry_after: Some(seconds), ..self.with("retryAfter", seconds) }
    }

    /// The error as GraphQL has it.
    pub fn into_error(self, language: Language) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        for (name, value) in self.extensions {
            extensions.set(name, value);
        }
        ServerError { extensions: Some(extensions), ..ServerError::new(self.message.text(language), None) }
    }
}

/// What is counted in a request, one limit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    DocumentBytes,
    Tokens,
    Nesting,
    NameBytes,
    Depth,
    Fields,
    RootFields,
    Aliases,
    Directives,
    DirectivesAtOnce,
    Arguments,
    VariableDefinitions,
    Flattened,
    ValuesUsed,
    IntrospectionLists,
    VariableValues,
    VariableBytes,
    VariableDepth,
    ListLength,
}

impl Limit {
    /// `Err` where more was found than is allowed.
    pub fn check(self, found: u64, allowed: u64) -> Result<(), Refusal> {
        if found <= allowed {
            return Ok(());
        }
        let message = self.message(found, allowed);
        let refusal = Refusal::new(LIMIT_EXCEEDED, message).by(self.name());
        Err(refusal.with("limit", self.name()).with("found", found).with("allowed", allowed))
    }

    /// Stable: clients may test it.
    fn name(self) -> &'static str {
        match self {
            Limit::DocumentBytes => "documentBytes",
            Limit::Tokens => "tokens",
            Limit::Nesting => "nesting",
            Limit::NameBytes => "nameBytes",
            Limit::Depth => "depth",
            Limit::Fields => "fields",
            Limit::RootFields => "rootFields",
            Limit::Aliases => "aliases",
            Limit::Directives => "directives",
            Limit::DirectivesAtOnce => "directivesAtOnce",
            Limit::Arguments => "arguments",
            Limit::VariableDefinitions => "variableDefinitions",
            Limit::Flattened => "flattened",
            Limit::ValuesUsed => "valuesUsed",
            Limit::IntrospectionLists => "introspectionLists",
            Limit::VariableValues => "variableValues",
            Limit::VariableBytes => "variableBytes",
            Limit::VariableDepth => "variableDepth",
            Limit::ListLength => "listLength",
        }
    }

    fn message(self, found: u64, most: u64) -> Message {
        match self {
            Limit::DocumentBytes => message!(
                "the document has {found} bytes, at most {most} are allowed: send values as variables, and shorten it",
                found,
                most
            ),
            Limit::Tokens => {
                message!(
                    "the document has {found} tokens, at most {most} are allowed: split it into several requests",
                    found,
                    most
                )
            }
            Limit::Nesting => {
                message!(
                    "the document nests {found} deep, its fragments spread out, at most {most} are allowed: select less deep",
                    found,
                    most
                )
            }
            Limit::NameBytes => {
                message!(
                    "the document has a name of {found} bytes, at most {most} are allowed: shorten it",
                    found,
                    most
                )
            }
            Limit::Depth => {
                message!(
                    "the fields nest {found} deep, at most {most} are allowed: go on from a node's id in another request",
                    found,
                    most
                )
            }
            Limit::Fields => message!(
                "the document selects {found} fields, its fragments spread out, at most {most} are allowed: split it into several requests",
                found,
                most
            ),
            Limit::RootFields => message!(
                "an operation has {found} fields at its top level, at most {most} are allowed: use lists, nodes(ids:) or several requests",
                found,
                most
            ),
            Limit::Aliases => message!(
                "the document has {found} aliases, its fragments spread out, at most {most} are allowed: use lists, nodes(ids:) or several requests",
                found,
                most
            ),
            Limit::Directives => {
                message!(
                    "the document has {found} directives, at most {most} are allowed: leave fields out instead",
                    found,
                    most
                )
            }
            Limit::DirectivesAtOnce => {
                message!(
                    "one place of the document has {found} directives, at most {most} are allowed: take some away",
                    found,
                    most
                )
            }
            Limit::Arguments => {
                message!(
                    "a field has {found} arguments, at most {most} are allowed: no field takes so many",
                    found,
                    most
                )
            }
            Limit::VariableDefinitions => message!(
                "an operation has {found} variables, at most {most} are allowed: put them together as lists or inputs",
                found,
                most
            ),
            Limit::Flattened => message!(
                "the fragments of the document come to {found} fields where they are spread, at most {most} are allowed: spread them less often",
                found,
                most
            ),
            Limit::ValuesUsed => message!(
                "the arguments of the document come to {found} values, at most {most} are allowed: use large variables less often",
                found,
                most
            ),
            Limit::IntrospectionLists => message!(
                "the introspection nests {found} lists of fields, interfaces or types, at most {most} are allowed: ask for the types of __schema and follow the names",
                found,
                most
            ),
            Limit::VariableValues => {
                message!(
                    "the variables hold {found} values, at most {most} are allowed: split them over several requests",
                    found,
                    most
                )
            }
            Limit::VariableBytes => {
                message!(
                    "the variables hold {found} bytes of text, at most {most} are allowed: shorten them",
                    found,
                    most
                )
            }
            Limit::VariableDepth => {
                message!(
                    "the variables nest {found} deep, at most {most} are allowed: no input is so deep",
                    found,
                    most
                )
            }
            Limit::ListLength => {
                message!(
                    "a list in the variables has {found} items, at most {most} are allowed: split it over several requests",
                    found,
                    most
                )
            }
        }
    }
}
