//! What the metrics learn of operations, and under which names.

use std::sync::Arc;
use std::time::Instant;

use async_graphql::parser::types::{DocumentOperations, Selection};
use tracing::Span;

use super::answer::{Answer, AnswerKind};
use super::api::Api;
use super::prepare::{OperationKind, Prepared};
use super::types::FieldTypes;
use crate::meter::{Kind, Name, Names, Outcome};

/// Fields of a query that no type has.
const INTROSPECTION: [&str; 3] = ["__schema", "__type", "__typename"];

/// The names that operations may have in metrics and traces; cheap to clone.
#[derive(Clone)]
pub struct Naming(Arc<Known>);

struct Known {
    /// Of the trusted documents' operations.
    trusted: Names,
    /// Those of the configuration.
    configured: Names,
    /// Fields that an operation may begin with.
    roots: Names,
}

impl Naming {
    pub fn of<'a>(types: &FieldTypes, configured: &[String], trusted: impl IntoIterator<Item = &'a str>) -> Naming {
        let roots = types.all().filter(|(name, _)| matches!(name.as_str(), "Query" | "Mutation" | "Subscription"));
        let roots = roots.flat_map(|(_, fields)| fields.keys().map(String::as_str)).chain(INTROSPECTION);
        Naming(Arc::new(Known {
            trusted: Names::of(trusted),
            configured: Names::of(configured.iter().map(String::as_str)),
            roots: Names::of(roots),
        }))
    }

    /// The name of an operation in a trusted document or in the configuration, else the one field that it begins with, else
    /// "other". Whatever a caller writes, it is one of those that were known before.
    pub fn name(&self, prepared: &Prepared) -> Name {
        let own = self.own_name(prepared).and_then(|own| match prepared.trusted {
            true => self.0.trusted.get(own).or_else(|| self.0.configured.get(own)),
            false => self.0.configured.get(own),
        });
        own.or_else(|| self.0.roots.get(root_field(prepared)?)).unwrap_or_else(|| self.0.roots.other())
    }

    fn own_name<'a>(&self, prepared: &'a Prepared) -> Option<&'a str> {
        let DocumentOperations::Multiple(operations) = &prepared.document.operations else { return None };
        let meant = prepared.operation_name.as_deref();
        operations.keys().map(|name| name.as_str()).find(|name| meant.is_none_or(|meant| meant == *name))
    }
}

/// The one field at the top level of the operation.
fn root_field(prepared: &Prepared) -> Option<&str> {
    let items = &prepared.operation()?.selection_set.node.items;
    match items.first().map(|item| &item.node) {
        Some(Selection::Field(field)) if items.len() == 1 || prepared.kind == OperationKind::Subscription => {
            Some(field.node.name.node.as_str())
        }
        _ => None,
    }
}

impl OperationKind {
    pub fn counted(self) -> Kind {
        match self {
            OperationKind::Query => Kind::Query,
            OperationKind::Mutation => Kind::Mutation,
            OperationKind::Subscription => Kind::Subscription,
        }
    }
}

impl Api {
    /// Tells the request's log line which operation it was, by a name of ours: what a caller writes stays out of the log.
    pub fn name_the_span(&self, prepared: &Prepared) {
        Span::current().record("operation", self.naming.name(prepared).as_str());
    }

    /// Counts an operation that was answered; `mendable`: a payload has user errors.
    pub(super) fn count(
        &self,
        prepared: &Prepared,
        name: &Name,
        answer: &Answer,
        mendable: bool,
        begun: Instant,
    ) -> Outcome {
        let outcome = match answer.kind {
            AnswerKind::Executed if !answer.wrong.codes.is_empty() => Outcome::Errors,
            AnswerKind::Executed if mendable => Outcome::UserErrors,
            AnswerKind::Executed => Outcome::Ok,
            _ => Outcome::Refused,
        };
        self.app().meter.operation(prepared.kind.counted(), name, outcome, begun.elapsed());
        self.count_wrong(answer);
        outcome
    }

    /// Counts a call that was no operation, or none that could be known.
    pub(super) fn count_unknown(&self, answer: &Answer, begun: Instant) {
        let other = self.naming.0.roots.other();
        self.app().meter.operation(Kind::Unknown, &other, Outcome::Refused, begun.elapsed());
        self.count_wrong(answer);
    }

    /// Counts what went wrong.
    pub(super) fn count_wrong(&self, answer: &Answer) {
        answer.wrong.codes.iter().for_each(|code| self.app().meter.error(code));
        if let Some(limit) = answer.wrong.limit {
            self.app().meter.limit(limit);
        }
    }
}
