//! `Node`: everything that has an id, found again by it under the same rules as anywhere else.

use std::sync::Arc;

use async_graphql::{ID, Interface, Result};

use super::account::{Account, Grant};
use super::audit::AuditEntry;
use super::batches::{
    ApiTokenById, AuditById, ClusterById, EventById, GrantById, InitiativeById, OpenAccount, ProgrammeById,
    ReorganisationById, TargetById, UnitById,
};
use super::cluster::Cluster;
use super::error::expose;
use super::id::NodeId;
use super::identity::ApiToken;
use super::initiative::{Initiative, InitiativeEvent};
use super::operation::Operation;
use super::programme::{Programme, Target};
use super::reorganisation::Reorganisation;
use super::rollup::{self, Rollup};
use super::slice;
use super::unit::Unit;

/// Something with an opaque id by which it can be found again.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, for ever."))]
#[expect(clippy::large_enum_variant, reason = "one or a page of them at a time")]
pub enum Node {
    Account(Account),
    AuditEntry(AuditEntry),
    ApiToken(ApiToken),
    Cluster(Cluster),
    Grant(Grant),
    Initiative(Initiative),
    InitiativeEvent(InitiativeEvent),
    Programme(Programme),
    Reorganisation(Reorganisation),
    Rollup(Rollup),
    Target(Target),
    Unit(Unit),
}

/// The node with this id; null where there is none that the viewer may see.
pub async fn find(op: &Arc<Operation>, id: &ID) -> Result<Option<Node>> {
    let Some(id) = NodeId::decode(id) else { return Ok(None) };
    Ok(match id {
        NodeId::Account(id) => op.load::<OpenAccount>(id).await.map_err(expose)?.map(|a| Node::Account(Account(a))),
        NodeId::AuditEntry(id) => {
            op.load::<AuditById>(id).await.map_err(expose)?.map(|line| Node::AuditEntry(AuditEntry(line)))
        }
        NodeId::ApiToken(id) => op.load::<ApiTokenById>(id).await.map_err(expose)?.map(|t| Node::ApiToken(ApiToken(t))),
        NodeId::Cluster(id) => op.load::<ClusterById>(id).await.map_err(expose)?.map(|k| Node::Cluster(Cluster(k))),
        // Listed, but found again by nobody.
        NodeId::Session(_) => None,
        NodeId::Grant(id) => op.load::<GrantById>(id).await.map_err(expose)?.map(|g| Node::Grant(Grant(g))),
        NodeId::Initiative(id) => {
            let found = op.load::<InitiativeById>(id).await.map_err(expose)?;
            found.map(|initiative| Node::Initiative(Initiative(initiative)))
        }
        NodeId::InitiativeEvent(initiative, seq) => event(op, initiative, seq).await?.map(Node::InitiativeEvent),
        NodeId::Programme(id) => {
            op.load::<ProgrammeById>(id).await.map_err(expose)?.map(|p| Node::Programme(Programme(p)))
        }
        NodeId::Reorganisation(id) => {
            op.load::<ReorganisationById>(id).await.map_err(expose)?.map(|r| Node::Reorganisation(Reorganisation(r)))
        }
        NodeId::Target(id) => op.load::<TargetById>(id).await.map_err(expose)?.map(|row| Node::Target(Target { row })),
        NodeId::Unit(id) => op.load::<UnitById>(id).await.map_err(expose)?.map(|unit| Node::Unit(Unit(unit))),
        NodeId::Rollup(unit, programme, slice) => rollup(op, unit, programme, &slice).await?.map(Node::Rollup),
    })
}

async fn event(op: &Arc<Operation>, initiative: i64, seq: i32) -> Result<Option<InitiativeEvent>> {
    if op.load::<InitiativeById>(initiative).await.map_err(expose)?.is_none() {
        return Ok(None);
    }
    let row = op.load::<EventById>((initiative, seq)).await.map_err(expose)?;
    Ok(row.map(|row| InitiativeEvent { row: Arc::new(row) }))
}

async fn rollup(op: &Arc<Operation>, unit: i64, programme: i64, text: &str) -> Result<Option<Rollup>> {
    let unit = op.load::<UnitById>(unit).await.map_err(expose)?;
    let programme = op.load::<ProgrammeById>(programme).await.map_err(expose)?;
    let (Some(unit), Some(programme), Some((slice, as_of, lens))) = (unit, programme, slice::from_text(text)) else {
        return Ok(None);
    };
    // A slice that its programme does not know is an id of nothing.
    if slice.resolve(&programme, op.app.config.time_zone).is_err() {
        return Ok(None);
    }
    rollup::of_unit(op, &unit, &programme.row.code, slice, as_of, lens).await
}
