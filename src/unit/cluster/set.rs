//! `clusterSet`: a unit sets up a cluster of units below it, or gives one of its own another name and other members.

use std::collections::BTreeMap;

use entity::enums::{Action, AuditObject};
use entity::{cluster, cluster_member, unit};
use sea_orm::FromQueryResult;
use serde::Serialize;

use crate::access::Right;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result, clip};
use crate::ledger::{bump_tree_version, lock_tree};
use crate::store::{Conflict, Tx};
use crate::text::{self, message};
use crate::unit::create::NAME_MAX;
use crate::unit::find::find_for;

/// A cluster has no more members than this.
const MEMBERS_MAX: usize = 100;

#[derive(Clone, Debug, Serialize)]
pub struct ClusterSet {
    /// Code of the owner.
    pub unit: String,
    pub code: String,
    /// None: a new cluster.
    pub version: Option<i32>,
    pub name: String,
    /// Codes of units; none of them ends the cluster.
    pub members: Vec<String>,
}

/// A unit of a cluster; in maps by code.
#[derive(FromQueryResult)]
struct Member {
    id: i64,
    code: String,
}

type Members = BTreeMap<String, i64>;

impl Command for ClusterSet {
    const NAME: &'static str = "clusterSet";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let tx = work.tx;
        let owner = find_for(tx, work.viewer, &self.unit, Right::Do(Action::SetCluster)).await?;
        lock_tree(tx).await?;
        let mut faults = Faults::default();
        let code = faults.take(text::code("code", &self.code));
        let name = faults.take(text::line("name", &self.name, NAME_MAX));
        let members = self.members(tx, &owner, &mut faults).await?;
        let (code, name) = faults.finish_with(code.zip(name))?;
        let before = self.present(tx, &owner, &code).await?;
        if before.is_none() && members.is_empty() {
            let message = message!("a new cluster needs a member");
            return Err(Error::user(ErrorCode::Required, "members", message));
        }
        let were = match &before {
            Some(before) => members_of(tx, before.id).await?,
            None => Members::new(),
        };
        let old_name = before.as_ref().map(|before| before.name.clone());
        if let Some(before) = before.as_ref().filter(|before| before.name == name && were == members) {
            return Ok(Done::of(AuditObject::Cluster, before.id, owner.id));
        }
        let at = tx.stamp_tree(&work.app.clock).await?;
        let row = match &before {
            Some(before) => cluster::Model { name, version: before.version + 1, ..before.clone() },
            None => {
                cluster::Model { id: work.app.new_id(), code, name, owner_id: owner.id, version: 1, created_at: at }
            }
        };
        match before {
            Some(_) => tx.update::<cluster::Entity>(&row, &[]).await?,
            None => tx.insert::<cluster::Entity>(std::slice::from_ref(&row), Conflict::Fail).await?,
        };
        let (left, joined) = (without(&were, &members), without(&members, &were));
        end(tx, row.id, &left, at).await?;
        begin(tx, row.id, &joined, at).await?;
        // What is ranked has changed, as by a move.
        bump_tree_version(tx).await?;
        Ok(Done::of(AuditObject::Cluster, row.id, owner.id)
            .always("code", old_name.is_some().then_some(&row.code), Some(&row.code))
            .field("name", old_name.as_ref(), Some(&row.name))
            .field("left", codes(&left), None)
            .field("joined", None, codes(&joined)))
    }
}

impl ClusterSet {
    /// The cluster that is meant, or none where it is to be a new one.
    async fn present(&self, tx: &Tx, owner: &unit::Model, code: &str) -> Result<Option<cluster::Model>> {
        let mut sql = tx.sql("SELECT * FROM cluster WHERE code = ");
        let bound = sql.bind(code);
        sql.push(&bound);
        let found: Option<cluster::Model> = tx.one(sql).await?;
        match (found, self.version) {
            (None, None) => Ok(None),
            (Some(_), None) => {
                let message = message!(
                    "this code is not available: a code belongs to one cluster for ever; choose another, or send the version of the one to change"
                );
                Err(Error::user(ErrorCode::CodeNotAvailable, "code", message))
            }
            (Some(found), Some(version)) if found.owner_id == owner.id => {
                if found.version == version {
                    return Ok(Some(found));
                }
                let message = message!(
                    "you saw version {seen}, but it is version {now} now: read it again",
                    seen = version,
                    now = found.version
                );
                Err(Error::user(ErrorCode::StaleVersion, "version", message))
            }
            // Another unit's answers as if it were not there.
            (_, Some(_)) => Err(Error::NotFound(message!(
                "{unit} has no cluster with code \"{code}\"",
                unit = &owner.code,
                code = clip(code)
            ))),
        }
    }

    /// The units that are named, all of them below the owner.
    async fn members(&self, tx: &Tx, owner: &unit::Model, faults: &mut Faults) -> Result<Members> {
        if self.members.len() > MEMBERS_MAX {
            let message = message!("a cluster has at most {max} members", max = MEMBERS_MAX);
            faults.add(ErrorCode::OutOfRange, "members", message);
            return Ok(Members::new());
        }
        // No code has a NUL, and PostgreSQL takes none.
        let named: Vec<&String> = self.members.iter().filter(|code| !code.contains('\0')).collect();
        let mut sql = tx.sql("SELECT u.id, u.code FROM unit_closure c JOIN unit u ON u.id = c.descendant_id WHERE ");
        let these = sql.any_text("u.code", &named);
        let above = sql.bind(owner.id);
        sql.push(&format!("{these} AND c.ancestor_id = {above} AND c.distance > 0 AND u.ended_at IS NULL"));
        let found = by_code(tx.all(sql).await?);
        for (i, code) in self.members.iter().enumerate().filter(|(_, code)| !found.contains_key(*code)) {
            let message =
                message!("no unit below {unit} has the code \"{code}\"", unit = &owner.code, code = clip(code));
            faults.add(ErrorCode::UnknownCode, &format!("members.{i}"), message);
        }
        Ok(found)
    }
}

fn by_code(members: Vec<Member>) -> Members {
    members.into_iter().map(|member| (member.code, member.id)).collect()
}

async fn members_of(tx: &Tx, cluster: i64) -> Result<Members> {
    let mut sql =
        tx.sql("SELECT u.id, u.code FROM cluster_member m JOIN unit u ON u.id = m.unit_id WHERE m.cluster_id = ");
    let id = sql.bind(cluster);
    sql.push(&format!("{id} AND m.until IS NULL"));
    Ok(by_code(tx.all(sql).await?))
}

fn without(these: &Members, others: &Members) -> Members {
    these.iter().filter(|(code, _)| !others.contains_key(*code)).map(|(code, id)| (code.clone(), *id)).collect()
}

/// None where there is none.
fn codes(members: &Members) -> Option<String> {
    let codes: Vec<&str> = members.keys().map(String::as_str).collect();
    (!codes.is_empty()).then(|| codes.join(", "))
}

async fn end(tx: &Tx, cluster: i64, members: &Members, at: i64) -> Result<()> {
    let units: Vec<i64> = members.values().copied().collect();
    let mut sql = tx.sql("UPDATE cluster_member SET until = ");
    let (at, id) = (sql.bind(at), sql.bind(cluster));
    let these = sql.any_id("unit_id", &units);
    sql.push(&format!("{at} WHERE cluster_id = {id} AND until IS NULL AND {these}"));
    tx.run(sql).await?;
    Ok(())
}

async fn begin(tx: &Tx, cluster: i64, members: &Members, at: i64) -> Result<()> {
    let row = |unit: &i64| cluster_member::Model { cluster_id: cluster, unit_id: *unit, since: at, until: None };
    let rows: Vec<_> = members.values().map(row).collect();
    tx.insert::<cluster_member::Entity>(&rows, Conflict::Fail).await?;
    Ok(())
}
