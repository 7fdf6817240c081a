//! What the executor would answer wrongly, written so that it does not: objects of which perhaps nothing is selected, which it
//! answers as null, as if they were not there; and directives of a `__typename`, which it does not look at.

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Field, InlineFragment, Selection, SelectionSet};

/// The key of what is selected beside what may all be skipped; completing leaves it out.
pub const OCCUPANT: &str = "__occupied";

/// Selects the type's name too, below fields whose selections are all conditional: in fragments, or with a directive.
pub fn occupy(document: &mut ExecutableDocument) {
    let operations = document.operations.iter().map(|(name, _)| name.cloned()).collect::<Vec<_>>();
    for name in operations {
        use async_graphql::parser::types::DocumentOperations::{Multiple, Single};
        let operation = match (&mut document.operations, name) {
            (Single(operation), _) => Some(operation),
            (Multiple(operations), Some(name)) => operations.get_mut(&name),
            (Multiple(_), None) => None,
        };
        if let Some(operation) = operation {
            below(&mut operation.node.selection_set.node);
        }
    }
    for fragment in document.fragments.values_mut() {
        below(&mut fragment.node.selection_set.node);
    }
}

fn below(set: &mut SelectionSet) {
    for selection in &mut set.items {
        match &mut selection.node {
            // Directives of a `__typename` are nothing to the executor; those of a fragment around it are.
            Selection::Field(field) if field.node.name.node == "__typename" && !field.node.directives.is_empty() => {
                let directives = std::mem::take(&mut field.node.directives);
                let items = vec![Positioned::new(Selection::Field(field.clone()), field.pos)];
                let selection_set = Positioned::new(SelectionSet { items }, field.pos);
                let around = InlineFragment { type_condition: None, directives, selection_set };
                selection.node = Selection::InlineFragment(Positioned::new(around, selection.pos));
            }
            Selection::Field(field) => {
                let inner = &mut field.node.selection_set.node;
                below(inner);
                if !inner.items.is_empty() && inner.items.iter().all(|item| is_conditional(&item.node)) {
                    inner.items.push(occupant(field.pos));
                }
            }
            Selection::InlineFragment(fragment) => below(&mut fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn is_conditional(selection: &Selection) -> bool {
    !matches!(selection, Selection::Field(field) if field.node.directives.is_empty())
}

fn occupant(pos: async_graphql::Pos) -> Positioned<Selection> {
    let field = Field {
        alias: Some(Positioned::new(Name::new(OCCUPANT), pos)),
        name: Positioned::new(Name::new("__typename"), pos),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::default(),
    };
    Positioned::new(Selection::Field(Positioned::new(field, pos)), pos)
}
