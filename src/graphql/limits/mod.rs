//! Limits: what a request may ask for, decided before anything of it is executed, on every transport alike.
//!
//! [`Limiter::read`] parses what may be parsed; [`Limiter::admit`] measures one operation of it. docs/limits.md tells what is counted.

mod budget;
mod gate;
mod measure;
mod pages;
mod payer;
mod refusal;
mod scan;
mod variables;
mod weights;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Variables, parser::parse_query};
use tokio::time::Instant;

pub use budget::Spent;
pub use gate::Turn;
pub use refusal::{BUSY, RATE_LIMITED, Refusal};
pub use scan::DEEPEST;

use super::types::FieldTypes;
use super::validate::plain;
use crate::access::Caller;
use crate::config::Limits;
use crate::text::message;
use budget::Budgets;
use gate::Gate;
use measure::Measuring;
use pages::Given;
use payer::Payer;
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
    budgets: Budgets,
    gate: Arc<Gate>,
}

/// An operation that may be executed as far as its size goes, with what was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    pub cost: u64,
    fields: u64,
    pub(super) root_fields: u64,
    aliases: u64,
    directives: u64,
    variable_values: u64,
}

impl Admitted {
    /// Both together.
    pub fn and(self, other: Admitted) -> Admitted {
        Admitted {
            cost: self.cost.saturating_add(other.cost),
            fields: self.fields.saturating_add(other.fields),
            root_fields: self.root_fields.saturating_add(other.root_fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            variable_values: self.variable_values.saturating_add(other.variable_values),
        }
    }
}

impl Limiter {
    pub fn new(limits: &Limits, types: Arc<FieldTypes>) -> Limiter {
        let weights = Weights::of(&types);
        let (budgets, gate) = (Budgets::new(limits), Arc::new(Gate::new(limits)));
        Limiter { inner: Arc::new(Inner { limits: limits.clone(), types, weights, budgets, gate }) }
    }

    /// Takes the cost out of the caller's budget.
    pub fn pay(&self, caller: &Caller, cost: u64) -> Result<Spent, Refusal> {
        self.inner.budgets.pay(Payer::of(caller), cost)
    }

    /// Waits for the caller's turn, as long as an operation may take.
    pub async fn turn(&self, caller: &Caller) -> Result<Turn, Refusal> {
        let deadline = Instant::now() + Duration::from_millis(self.inner.limits.operation_ms);
        self.inner.gate.enter(Payer::of(caller), deadline).await
    }

    /// Parses a document that is not too much to be parsed.
    pub fn read(&self, document: &str) -> Result<Result<ExecutableDocument, async_graphql::parser::Error>, Refusal> {
        scan::scan(&self.inner.limits, document)?;
        Ok(parse_query(plain(document)))
    }

    /// Whether documents are not too much together, as those of a batch.
    pub fn read_together<'a>(&self, documents: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        scan::scan_all(&self.inner.limits, documents)
    }

    /// Whether operations are not too much together.
    pub fn admit_together(&self, all: &Admitted) -> Result<(), Refusal> {
        let limits = &self.inner.limits;
        Limit::Fields.check(all.fields, limits.max_fields)?;
        Limit::RootFields.check(all.root_fields, limits.max_root_fields)?;
        Limit::Aliases.check(all.aliases, limits.max_aliases)?;
        Limit::Directives.check(all.directives, limits.max_directives)?;
        Limit::VariableValues.check(all.variable_values, limits.max_variable_values)?;
        if all.cost > limits.max_cost {
            let (cost, most) = (all.cost, limits.max_cost);
            let message = message!(
                "the operations of the batch cost {cost} together, at most {most} is allowed: split it",
                cost,
                most
            );
            return Err(Refusal::new(COST_EXCEEDED, message).by("cost").with("requested", cost).with("limit", most));
        }
        Ok(())
    }

    /// Measures the operation that will be executed, with the document around it, and prices it.
    pub fn admit(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<Admitted, Refusal> {
        let Inner { limits, types, weights, .. } = &*self.inner;
        let sizes = variables::measure(limits, variables)?;
        let mut measuring = Measuring::new(document, types, weights, Given { operation, variables }, sizes);
        measuring.all_fragments()?;
        let (mut all, mut chosen) = (Admitted::default(), measure::Sum::default());
        all.variable_values = measuring.variables.values().sum();
        for (_, one) in document.operations.iter() {
            let one = &one.node;
            Limit::VariableDefinitions.check(one.variable_definitions.len() as u64, VARIABLE_DEFINITIONS)?;
            measuring.directives(one.directives.len());
            one.variable_definitions.iter().for_each(|variable| measuring.directives(variable.node.directives.len()));
            let sum = measuring.selection(&one.selection_set.node, Some(root(one.ty)), 0)?;
            all.fields = all.fields.saturating_add(sum.fields);
            all.root_fields = all.root_fields.max(sum.flat);
            all.aliases = all.aliases.max(sum.aliases);
            Limit::Depth.check(sum.depth, limits.max_depth)?;
            Limit::RootFields.check(sum.flat, limits.max_root_fields)?;
            Limit::Aliases.check(sum.aliases, limits.max_aliases)?;
            Limit::IntrospectionLists.check(sum.lists, INTROSPECTION_LISTS)?;
            if std::ptr::eq(one, operation) {
                chosen = sum;
            }
        }
        Limit::Fields.check(all.fields, limits.max_fields)?;
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
        Ok(Admitted { cost, directives: whole.directives, ..all })
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
        "the operation costs {cost}, at most {most} is allowed, and {field} costs most: take smaller pages, fewer parts or fewer fields there, or split it into several requests",
        cost,
        most,
        field
    );
    Refusal::new(COST_EXCEEDED, message).by("cost").with("requested", cost).with("limit", most).with("field", field)
}
