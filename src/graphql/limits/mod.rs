//! Limits: what a request may ask for, decided before anything of it is executed, on every transport alike.
//!
//! [`Limiter::read`] parses what may be parsed; [`Limiter::admit`] measures one operation of it. docs/limits.md tells what is counted.

mod measure;
mod pages;
mod refusal;
mod scan;
mod variables;
mod weights;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Variables, parser::parse_query};

pub use refusal::Refusal;
pub use scan::DEEPEST;

use super::types::FieldTypes;
use crate::config::Limits;
use crate::text::message;
use measure::Measuring;
use pages::Given;
use refusal::{COST_EXCEEDED, Limit};
use weights::Weights;

/// Directives in one place.
const DIRECTIVES_AT_ONCE: u64 = 5;

/// Arguments of a field.
const ARGUMENTS: u64 = 40;

/// Variables of an operation.
const VARIABLE_DEFINITIONS: u64 = 100;

/// Introspection's lists inside each other: a type's fields' types' fields, and no further.
const INTROSPECTION_LISTS: u64 = 2;

/// Values in all arguments of a document, a variable's at each use: validation copies them.
const VALUES_USED: u64 = 50_000;

/// The limits with what it takes to keep them; cheap to clone.
#[derive(Clone)]
pub struct Limiter {
    inner: Arc<Inner>,
}

struct Inner {
    limits: Limits,
    types: Arc<FieldTypes>,
    weights: Weights,
}

/// An operation that may be executed as far as its size goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub cost: u64,
}

impl Limiter {
    pub fn new(limits: &Limits, types: Arc<FieldTypes>) -> Limiter {
        let weights = Weights::of(&types);
        Limiter { inner: Arc::new(Inner { limits: limits.clone(), types, weights }) }
    }

    /// Parses a document that is not too much to be parsed.
    pub fn read(&self, document: &str) -> Result<Result<ExecutableDocument, async_graphql::parser::Error>, Refusal> {
        scan::scan(&self.inner.limits, document)?;
        Ok(parse_query(document))
    }

    /// Measures the operation that will be executed, with the document around it, and prices it.
    pub fn admit(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<Admitted, Refusal> {
        let Inner { limits, types, weights } = &*self.inner;
        let sizes = variables::measure(limits, variables)?;
        let mut measuring = Measuring::new(document, types, weights, Given { operation, variables }, sizes);
        measuring.all_fragments()?;
        let (mut fields, mut chosen) = (0_u64, measure::Sum::default());
        for (_, one) in document.operations.iter() {
            let one = &one.node;
            Limit::VariableDefinitions.check(one.variable_definitions.len() as u64, VARIABLE_DEFINITIONS)?;
            measuring.directives(one.directives.len());
            one.variable_definitions.iter().for_each(|variable| measuring.directives(variable.node.directives.len()));
            let sum = measuring.selection(&one.selection_set.node, Some(root(one.ty)), 0)?;
            fields = fields.saturating_add(sum.fields);
            Limit::Depth.check(sum.depth, limits.max_depth)?;
            Limit::RootFields.check(sum.flat, limits.max_root_fields)?;
            Limit::Aliases.check(sum.aliases, limits.max_aliases)?;
            Limit::IntrospectionLists.check(sum.lists, INTROSPECTION_LISTS)?;
            if std::ptr::eq(one, operation) {
                chosen = sum;
            }
        }
        Limit::Fields.check(fields, limits.max_fields)?;
        let whole = measuring.whole;
        Limit::Flattened.check(whole.flat, limits.max_fields.saturating_mul(2))?;
        Limit::Directives.check(whole.directives, limits.max_directives)?;
        Limit::DirectivesAtOnce.check(whole.directives_at_once, DIRECTIVES_AT_ONCE)?;
        Limit::Arguments.check(whole.arguments, ARGUMENTS)?;
        Limit::ValuesUsed.check(whole.values, VALUES_USED)?;
        let cost = chosen.cost(1);
        if cost > limits.max_cost {
            return Err(too_costly(cost, limits.max_cost, &measuring.heaviest(&chosen)));
        }
        Ok(Admitted { cost })
    }
}

/// The type that the operation selects on.
pub fn root(ty: OperationType) -> &'static str {
    match ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn too_costly(cost: u64, most: u64, field: &str) -> Refusal {
    let message = message!(
        "the operation costs {cost}, at most {most} is allowed, and {field} costs most: take smaller pages there, or split it into several requests",
        cost,
        most,
        field
    );
    Refusal::new(COST_EXCEEDED, message).with("requested", cost).with("limit", most).with("field", field)
}
