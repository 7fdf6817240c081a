//! What a document comes to with its fragments spread out, before anything walks through it: the executor's own walks follow every
//! spread, and would run out of stack in a long chain of fragments, and out of time where each spreads the next one twice.
//!
//! Each fragment is measured once, however often it is spread, so that measuring is linear in the document.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::pages::Given;
use super::refusal::{INVALID, Limit, Refusal};
use super::scan::DEEPEST;
use super::variables::{self, literal};
use super::weights::{INTROSPECTION, PAGE, Size, Weights};
use crate::graphql::types::FieldTypes;
use crate::text::message;

/// What some selections come to.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sum {
    /// How deep selections of any kind nest; the walks recurse so deep.
    nests: u64,
    /// How deep fields nest.
    pub depth: u64,
    /// Selections of any kind.
    pub fields: u64,
    pub aliases: u64,
    /// Selections that are reached without going into a field.
    pub flat: u64,
    /// Introspection's lists inside each other.
    pub lists: u64,
    /// The cost of one object of the type that is selected on: without the rows of its page, and for each row.
    once: u64,
    each: u64,
    /// The costliest field.
    heaviest: Option<(u64, usize)>,
}

impl Sum {
    /// The cost where the page has so many rows.
    pub fn cost(&self, rows: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(rows))
    }

    fn beside(self, other: Sum) -> Sum {
        Sum {
            nests: self.nests.max(other.nests),
            depth: self.depth.max(other.depth),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            flat: self.flat.saturating_add(other.flat),
            lists: self.lists.max(other.lists),
            once: self.once.saturating_add(other.once),
            each: self.each.saturating_add(other.each),
            heaviest: self.heaviest.max(other.heaviest),
        }
    }

    /// As one selection more, around it.
    fn inside(self) -> Sum {
        Sum { nests: self.nests + 1, fields: self.fields.saturating_add(1), flat: self.flat.saturating_add(1), ..self }
    }
}

/// What no selection set adds up, because it is of the document, not of one operation.
#[derive(Clone, Copy, Default, Debug)]
pub struct Whole {
    pub directives: u64,
    /// The most in one place.
    pub directives_at_once: u64,
    /// The most of one field.
    pub arguments: u64,
    /// Values in arguments, large variables counted at each use.
    pub values: u64,
    /// [`Sum::flat`] of every selection set: validation walks through each from each.
    pub flat: u64,
}

pub struct Measuring<'a> {
    pub document: &'a ExecutableDocument,
    pub types: &'a FieldTypes,
    pub weights: &'a Weights,
    pub given: Given<'a>,
    pub variables: variables::Weights<'a>,
    pub whole: Whole,
    fragments: HashMap<&'a str, Sum>,
    /// Those that are being measured.
    open: HashSet<&'a str>,
    /// Fields with the costliest one below each.
    steps: Vec<(&'a str, Option<usize>)>,
}

impl<'a> Measuring<'a> {
    pub fn new(
        document: &'a ExecutableDocument,
        types: &'a FieldTypes,
        weights: &'a Weights,
        given: Given<'a>,
        variables: variables::Weights<'a>,
    ) -> Measuring<'a> {
        Measuring {
            document,
            types,
            weights,
            given,
            variables,
            whole: Whole::default(),
            fragments: HashMap::new(),
            open: HashSet::new(),
            steps: Vec::new(),
        }
    }

    /// Measures the fragments, whether anything spreads them or not.
    pub fn all_fragments(&mut self) -> Result<(), Refusal> {
        let document = self.document;
        document.fragments.keys().try_for_each(|name| self.fragment(name, 0).map(|_| ()))
    }

    /// `above`: how many selections stand around this one. `parent`: its type, none where the schema has no such type.
    pub fn selection(&mut self, set: &'a SelectionSet, parent: Option<&'a str>, above: u64) -> Result<Sum, Refusal> {
        let types = self.types;
        Limit::Nesting.check(above, DEEPEST as u64)?;
        let mut all = Sum::default();
        for selection in &set.items {
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent, above)?,
                Selection::InlineFragment(fragment) => {
                    self.directives(fragment.node.directives.len());
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    let on = on.map_or(parent, |on| types.known(on));
                    self.selection(&fragment.node.selection_set.node, on, above + 1)?.inside()
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(spread.node.directives.len());
                    self.fragment(spread.node.fragment_name.node.as_str(), above + 1)?.inside()
                }
            };
            all = all.beside(one);
        }
        Limit::Nesting.check(above + all.nests, DEEPEST as u64)?;
        self.whole.flat = self.whole.flat.saturating_add(all.flat);
        Ok(all)
    }

    fn fragment(&mut self, name: &'a str, above: u64) -> Result<Sum, Refusal> {
        if let Some(known) = self.fragments.get(name) {
            return Ok(*known);
        }
        // One that is not defined is the validation's business.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Sum::default()) };
        if !self.open.insert(name) {
            return Err(Refusal::new(INVALID, message!("the fragment {name} spreads itself", name)));
        }
        let types = self.types;
        self.directives(fragment.node.directives.len());
        let on = types.known(fragment.node.type_condition.node.on.node.as_str());
        let found = self.selection(&fragment.node.selection_set.node, on, above)?;
        self.open.remove(name);
        self.fragments.insert(name, found);
        Ok(found)
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a str>, above: u64) -> Result<Sum, Refusal> {
        let types = self.types;
        let name = field.name.node.as_str();
        let mut values = 0;
        for (_, value) in &field.arguments {
            values += literal(&value.node, &self.variables);
        }
        self.directives(field.directives.len());
        self.whole.arguments = self.whole.arguments.max(field.arguments.len() as u64);
        self.whole.values = self.whole.values.saturating_add(values);
        let below = types.named_type_of(parent, name);
        let step = self.steps.len();
        self.steps.push((field.response_key().node.as_str(), None));
        let sum = self.selection(&field.selection_set.node, below, above + 1)?;
        self.steps[step].1 = sum.heaviest.map(|(_, step)| step);
        Ok(self.price(field, parent, sum, values / 10, step))
    }

    /// What the field comes to, of which `below` is selected.
    fn price(&self, field: &Field, parent: Option<&str>, below: Sum, values: u64, step: usize) -> Sum {
        let name = field.name.node.as_str();
        let introspects = matches!(name, "__schema" | "__type");
        let weight = self.weights.weight(parent, name);
        let count = self.given.count(weight.size, field);
        let price = if introspects {
            INTROSPECTION.saturating_mul(below.fields)
        } else if parent.is_none() {
            // Inside introspection, which is priced at its root, or of no type at all.
            0
        } else if weight.size == Size::Page {
            weight.price.saturating_add(below.cost(count))
        } else {
            weight.price.saturating_add(below.cost(PAGE).saturating_mul(count))
        };
        let price = price.saturating_add(values);
        let (once, each) = if weight.size == Size::Rows { (0, price) } else { (price, 0) };
        let is_list = parent.is_none() && matches!(name, "fields" | "inputFields" | "interfaces" | "possibleTypes");
        Sum {
            nests: below.nests + 1,
            depth: below.depth + 1,
            fields: below.fields.saturating_add(1),
            aliases: below.aliases.saturating_add(u64::from(field.alias.is_some())),
            flat: 1,
            lists: below.lists + u64::from(is_list),
            once,
            each,
            heaviest: Some((once.saturating_add(each.saturating_mul(PAGE)), step)),
        }
    }

    /// Counts the directives of one place.
    pub fn directives(&mut self, count: usize) {
        self.whole.directives += count as u64;
        self.whole.directives_at_once = self.whole.directives_at_once.max(count as u64);
    }

    /// The way from the top to the field that costs most, its leaf left out.
    pub fn heaviest(&self, sum: &Sum) -> String {
        let mut path = Vec::new();
        let mut at = sum.heaviest.map(|(_, step)| step);
        while let Some((name, below)) = at.and_then(|at| self.steps.get(at)) {
            if below.is_some() || path.is_empty() {
                path.push(crate::error::clip(name));
            }
            at = *below;
        }
        path.join(".")
    }
}
