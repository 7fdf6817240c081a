//! Keyset lists: pages that survive inserts, for any number of owners in one statement.

mod cursor;
mod fetch;
pub mod ways;

pub use cursor::{Key, KeyKind, PageArgs};
pub use fetch::{Edge, Listing, Page, Until};
