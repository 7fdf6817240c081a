//! Why a request is not executed, in words and numbers.

use async_graphql::{ErrorExtensionValues, ServerError, Value};

/// A request that asks for too much.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Explained in docs/errors.md.
    pub code: &'static str,
    pub message: String,
    extensions: Vec<(&'static str, Value)>,
}

pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
pub const COST_EXCEEDED: &str = "COST_EXCEEDED";

impl Refusal {
    pub fn new(code: &'static str, message: String) -> Refusal {
        Refusal { code, message, extensions: Vec::new() }
    }

    /// Adds a member to the error's extensions.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Refusal {
        self.extensions.push((name, value.into()));
        self
    }

    /// The error as GraphQL has it.
    pub fn into_error(self) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        for (name, value) in self.extensions {
            extensions.set(name, value);
        }
        ServerError { extensions: Some(extensions), ..ServerError::new(self.message, None) }
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
        let refusal = Refusal::new(LIMIT_EXCEEDED, message);
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

    fn message(self, found: u64, most: u64) -> String {
        match self {
            Limit::DocumentBytes => format!(
                "the document has {found} bytes, at most {most} are allowed: send values as variables, and shorten it"
            ),
            Limit::Tokens => {
                format!("the document has {found} tokens, at most {most} are allowed: split it into several requests")
            }
            Limit::Nesting => {
                format!(
                    "the document nests {found} deep, its fragments spread out, at most {most} are allowed: select less deep"
                )
            }
            Limit::NameBytes => {
                format!("the document has a name of {found} bytes, at most {most} are allowed: shorten it")
            }
            Limit::Depth => {
                format!(
                    "the fields nest {found} deep, at most {most} are allowed: go on from a node's id in another request"
                )
            }
            Limit::Fields => format!(
                "the document selects {found} fields, its fragments spread out, at most {most} are allowed: split it into several requests"
            ),
            Limit::RootFields => format!(
                "an operation has {found} fields at its top level, at most {most} are allowed: use lists, nodes(ids:) or several requests"
            ),
            Limit::Aliases => format!(
                "the document has {found} aliases, its fragments spread out, at most {most} are allowed: use lists, nodes(ids:) or several requests"
            ),
            Limit::Directives => {
                format!("the document has {found} directives, at most {most} are allowed: leave fields out instead")
            }
            Limit::DirectivesAtOnce => {
                format!("one place of the document has {found} directives, at most {most} are allowed: take some away")
            }
            Limit::Arguments => {
                format!("a field has {found} arguments, at most {most} are allowed: no field takes so many")
            }
            Limit::VariableDefinitions => format!(
                "an operation has {found} variables, at most {most} are allowed: put them together as lists or inputs"
            ),
            Limit::Flattened => format!(
                "the fragments of the document come to {found} fields where they are spread, at most {most} are allowed: spread them less often"
            ),
            Limit::ValuesUsed => format!(
                "the arguments of the document come to {found} values, at most {most} are allowed: use large variables less often"
            ),
            Limit::IntrospectionLists => format!(
                "the introspection nests {found} lists of fields, interfaces or types, at most {most} are allowed: ask for __schema {{ types }} and follow the names"
            ),
            Limit::VariableValues => {
                format!(
                    "the variables hold {found} values, at most {most} are allowed: split them over several requests"
                )
            }
            Limit::VariableBytes => {
                format!("the variables hold {found} bytes of text, at most {most} are allowed: shorten them")
            }
            Limit::VariableDepth => {
                format!("the variables nest {found} deep, at most {most} are allowed: no input is so deep")
            }
            Limit::ListLength => {
                format!(
                    "a list in the variables has {found} items, at most {most} are allowed: split it over several requests"
                )
            }
        }
    }
}
