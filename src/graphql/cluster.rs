//! `Cluster`, and where clusters are listed.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use entity::cluster::Model;

use super::batches::{ClusterCounts, ClusterMembers, ClusterPages, UnitById};
use super::connection::{connection, counted};
use super::error::expose;
use super::id::NodeId;
use super::operation::{Operation, operation};
use super::scalars::DateTime;
use super::unit::Unit;
use super::view;
use crate::error::Error;
use crate::page::PageArgs;
use crate::unit::cluster::Which;

connection!(ClusterConnection, ClusterEdge, Cluster, "clusters");

/// A named emulation cluster (cụm, khối thi đua).
#[derive(Clone)]
pub struct Cluster(pub Arc<Model>);

impl From<Arc<Model>> for Cluster {
    fn from(row: Arc<Model>) -> Cluster {
        Cluster(row)
    }
}

/// A named emulation cluster (cụm, khối thi đua): units of any kinds below the one that set it up, ranked against each other by
/// `Unit.ranking(among:)`. Shows where a grant covers that unit or a member.
#[Object]
impl Cluster {
    /// Opaque, for ever.
    pub async fn id(&self) -> ID {
        NodeId::Cluster(self.0.id).encode()
    }

    /// Unique in the federation for ever (mã cụm).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Vietnamese name (tên).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// For the next change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The unit that set it up.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Unit> {
        let unit = operation(ctx)?.load::<UnitById>(self.0.owner_id).await.map_err(expose)?;
        unit.map(Unit).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// Its members as far as the viewer sees them, by code: now, or as they were when the instant came.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant; now if left out.")] as_of: Option<DateTime>,
    ) -> Result<Vec<Unit>> {
        let op = operation(ctx)?;
        let as_of = view::as_of(op, as_of).await?;
        let members = op.load::<ClusterMembers>((as_of, self.0.id)).await.map_err(expose)?;
        Ok(members.unwrap_or_default().into_iter().map(Unit).collect())
    }
}

/// A page of a unit's clusters; empty where no grant covers the unit.
pub async fn of_unit(op: &Arc<Operation>, which: Which, unit: i64, page: PageArgs) -> Result<ClusterConnection> {
    page.limit().map_err(expose)?;
    let loaded = op.load::<ClusterPages>(((which, page), unit)).await.map_err(expose)?;
    Ok(ClusterConnection::new(loaded.unwrap_or_default().map(Cluster), counted::<ClusterCounts>((which, unit))))
}
