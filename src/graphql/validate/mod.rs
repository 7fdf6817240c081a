//! What the specification wants of a document and the executor does not look at: text that its parser reads otherwise, fields
//! that cannot be merged, directives in places that it passes over.

mod directives;
mod escapes;
mod grammar;
mod merge;
mod occupied;

use async_graphql::parser::types::ExecutableDocument;

use super::types::FieldTypes;
use crate::text::Message;

pub use escapes::plain;
pub use grammar::grammar;
pub use occupied::{OCCUPANT, occupy};

/// `Err` says which rule of validation the document breaks, and where.
pub fn validate(types: &FieldTypes, document: &ExecutableDocument) -> Result<(), Message> {
    directives::check(document)?;
    merge::check(types, document)
}
