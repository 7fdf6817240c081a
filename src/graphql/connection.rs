//! Relay connections over pages.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_graphql::SimpleObject;

use super::operation::Operation;
use crate::error::{Error, Result};
use crate::page::{Page, PageArgs};

/// Where a page stands in its list.
#[derive(SimpleObject, Clone, Debug)]
pub struct PageInfo {
    /// Is there more after the last edge?
    pub has_next_page: bool,
    /// Is there more before the first edge?
    pub has_previous_page: bool,
    /// Cursor of the first edge, or of where a page that is read from the end stopped before it.
    pub start_cursor: Option<String>,
    /// Cursor of the last edge, or of where a page stopped after it: a search of much may end a page before it is full, and go on there.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    pub fn of<T>(page: &Page<T>) -> PageInfo {
        let until = |backward| page.until.as_ref().filter(|until| until.backward == backward);
        let start = until(true).map(|until| &until.cursor).or(page.edges.first().map(|edge| &edge.cursor));
        let end = until(false).map(|until| &until.cursor).or(page.edges.last().map(|edge| &edge.cursor));
        PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: start.cloned(),
            end_cursor: end.cloned(),
        }
    }
}

/// Counts a list when somebody asks how long it is.
pub type Total = Box<dyn Fn(Arc<Operation>) -> Pin<Box<dyn Future<Output = Result<i64>> + Send>> + Send + Sync>;

/// A total that a batch counts.
pub fn counted<B: super::batch::Batch<Value = i64>>(key: B::Key) -> Total {
    Box::new(move |operation| {
        let key = key.clone();
        Box::pin(async move { Ok(operation.load::<B>(key).await?.unwrap_or(0)) })
    })
}

/// A total that is known.
pub fn known(total: i64) -> Total {
    Box::new(move |_| Box::pin(async move { Ok(total) }))
}

/// A count as GraphQL's Int has it.
pub fn int(n: i64) -> Result<i32> {
    i32::try_from(n).map_err(|_| Error::Internal(format!("the count {n} is beyond 32 bits")))
}

/// The four arguments, as a list takes them.
pub fn args(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> PageArgs {
    PageArgs { first, after, last, before }
}

/// Declares the connection and edge types of a node type.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $what:literal) => {
        #[doc = concat!("A page of ", $what, ".")]
        pub struct $connection {
            page: $crate::page::Page<$node>,
            total: $crate::graphql::connection::Total,
        }

        #[doc = concat!("One of ", $what, ", with its place in the list.")]
        #[derive(async_graphql::SimpleObject, Clone)]
        pub struct $edge {
            /// The place, to go on from.
            pub cursor: String,
            /// The object itself.
            pub node: $node,
        }

        impl $connection {
            pub fn new(page: $crate::page::Page<$node>, total: $crate::graphql::connection::Total) -> Self {
                Self { page, total }
            }
        }

        #[doc = concat!("A page of ", $what, ".")]
        #[async_graphql::Object]
        impl $connection {
            /// The objects with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                let edges = self.page.edges.iter();
                edges.map(|edge| $edge { cursor: edge.cursor.clone(), node: edge.node.clone() }).collect()
            }

            /// The objects alone.
            async fn nodes(&self) -> Vec<$node> {
                self.page.edges.iter().map(|edge| edge.node.clone()).collect()
            }

            /// Where the page stands in the list.
            async fn page_info(&self) -> $crate::graphql::connection::PageInfo {
                $crate::graphql::connection::PageInfo::of(&self.page)
            }

            /// How many there are in the whole list.
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<i32> {
                let operation = $crate::graphql::operation::operation(ctx)?;
                let total = (self.total)(operation.clone()).await;
                total.and_then($crate::graphql::connection::int).map_err($crate::graphql::error::expose)
            }
        }
    };
}

pub(crate) use connection;
