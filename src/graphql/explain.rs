//! The initiatives behind a number.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};

use super::batches::{Asked, ExplainedCounts, ExplainedPages};
use super::connection::{PageInfo, int};
use super::enums::InitiativeState;
use super::error::expose;
use super::initiative::Initiative;
use super::operation::{Operation, operation};
use crate::page::{Page, PageArgs};
use crate::rollup::{Explained, Measure};

/// A page of the initiatives behind a number.
pub struct ExplainedConnection {
    page: Page<Explained>,
    question: ((Asked, Measure), i64),
}

/// An initiative behind a number, with its place in the list.
#[derive(SimpleObject, Clone)]
pub struct ExplainedEdge {
    /// The place, to go on from.
    cursor: String,
    /// The initiative, as it is now.
    node: Initiative,
    /// The state in which it was counted.
    state_as_of: InitiativeState,
}

impl ExplainedConnection {
    pub async fn load(
        op: &Arc<Operation>,
        asked: Asked,
        unit: i64,
        measure: Measure,
        page: PageArgs,
    ) -> Result<ExplainedConnection> {
        page.limit().map_err(expose)?;
        let question = ((asked.clone(), measure), unit);
        let page = op.load::<ExplainedPages>(((asked, measure, page), unit)).await.map_err(expose)?;
        Ok(ExplainedConnection { page: page.unwrap_or_default(), question })
    }

    /// All of them, and those that may be read.
    async fn counts(&self, ctx: &Context<'_>) -> Result<(i64, i64)> {
        let counts = operation(ctx)?.load::<ExplainedCounts>(self.question.clone()).await.map_err(expose)?;
        Ok(counts.unwrap_or_default())
    }
}

/// A page of the initiatives behind a number: of those that the viewer may read.
#[Object]
impl ExplainedConnection {
    /// How many there are: for a count the number itself.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        int(self.counts(ctx).await?.0).map_err(expose)
    }

    /// How many of them the viewer may not read.
    async fn hidden_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let (all, readable) = self.counts(ctx).await?;
        int(all - readable).map_err(expose)
    }

    /// The initiatives with their cursors.
    async fn edges(&self) -> Vec<ExplainedEdge> {
        let edge = |edge: &crate::page::Edge<Explained>| ExplainedEdge {
            cursor: edge.cursor.clone(),
            node: Initiative(Arc::new(edge.node.row.clone())),
            state_as_of: edge.node.state_as_of.into(),
        };
        self.page.edges.iter().map(edge).collect()
    }

    /// The initiatives alone.
    async fn nodes(&self) -> Vec<Initiative> {
        self.page.edges.iter().map(|edge| Initiative(Arc::new(edge.node.row.clone()))).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.page)
    }
}
