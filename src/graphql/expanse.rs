//! How deep and how large a document is with its fragments spread out, before anything walks through it: the executor's own
//! walks follow every spread, and would run out of stack in a long chain of fragments, and out of time where each spreads the
//! next one twice.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::nesting::DEEPEST;

/// Selections of one operation, those of a fragment counted as often as it is spread. No screen comes near it.
const LARGEST: usize = 20_000;

/// `Err` says what of the document is too much. Each fragment is measured once, and a circle is one that never ends.
pub fn measure(document: &ExecutableDocument) -> Result<(), String> {
    let mut measuring = Measuring { document, fragments: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    for selection in operations.chain(fragments) {
        measuring.selection(selection, 0)?;
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Expanse {
    depth: usize,
    size: usize,
}

struct Measuring<'a> {
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Expanse>,
}

impl<'a> Measuring<'a> {
    /// `above`: how many selections stand around this one.
    fn selection(&mut self, set: &'a SelectionSet, above: usize) -> Result<Expanse, String> {
        let mut all = Expanse::default();
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => self.below(&field.node.selection_set.node, above)?,
                Selection::InlineFragment(fragment) => self.below(&fragment.node.selection_set.node, above)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, above)?,
            };
            all.depth = all.depth.max(below.depth + 1);
            all.size = all.size.saturating_add(below.size).saturating_add(1);
        }
        if above + all.depth > DEEPEST {
            return Err(format!("the document nests deeper than {DEEPEST} selections, its fragments spread out"));
        }
        if all.size > LARGEST {
            return Err(format!("the document selects more than {LARGEST} fields, its fragments spread out"));
        }
        Ok(all)
    }

    fn below(&mut self, set: &'a SelectionSet, above: usize) -> Result<Expanse, String> {
        if above > DEEPEST {
            return Err(format!("the document nests deeper than {DEEPEST} selections, its fragments spread out"));
        }
        self.selection(set, above + 1)
    }

    fn fragment(&mut self, name: &'a str, above: usize) -> Result<Expanse, String> {
        if let Some(known) = self.fragments.get(name) {
            return Ok(*known);
        }
        // One that is not defined is the validation's business.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Expanse::default()) };
        let found = self.below(&fragment.node.selection_set.node, above)?;
        self.fragments.insert(name, found);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn measured(document: &str) -> Result<(), String> {
        measure(&parse_query(document).unwrap())
    }

    fn chain(length: usize, spread: &str) -> String {
        let links =
            (0..length).map(|n| format!("fragment F{n} on Q {{ {} }} ", spread.replace('#', &(n + 1).to_string())));
        format!("{}fragment F{length} on Q {{ a }}", links.collect::<String>())
    }

    #[test]
    fn a_chain_is_as_deep_as_it_is_long() {
        assert_eq!(measured(&format!("{{ ...F0 }} {}", chain(40, "...F#"))), Ok(()));
        assert!(measured(&format!("{{ ...F0 }} {}", chain(100, "...F#"))).unwrap_err().contains("deeper"));
        // Whether anything spreads it or not.
        assert!(measured(&format!("{{ a }} {}", chain(5_000, "...F#"))).unwrap_err().contains("deeper"));
        assert!(
            measured("{ ...A } fragment A on Q { ...B } fragment B on Q { a { ...A } }")
                .unwrap_err()
                .contains("deeper")
        );
    }

    #[test]
    fn a_fragment_counts_as_often_as_it_is_spread() {
        assert_eq!(measured(&format!("{{ ...F0 }} {}", chain(10, "...F# ...F#"))), Ok(()));
        assert!(measured(&format!("{{ ...F0 }} {}", chain(30, "...F# ...F#"))).unwrap_err().contains("more than"));
    }
}
