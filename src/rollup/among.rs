//! Rankings in a named cluster, whose members are told for each of the two instants.

use std::collections::HashMap;
use std::sync::Arc;

use super::ranking::{Contest, Member, Ranked, compared};
use crate::error::Result;
use crate::store::Tx;

/// Who belongs to a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roster {
    /// At the instant of the ranking.
    pub now: Arc<Vec<i64>>,
    /// At the one that is compared with.
    pub then: Arc<Vec<i64>>,
}

/// For each of the units that belong to the cluster its place in it. One statement, and one or two for each instant.
pub async fn rankings_among(
    tx: &Tx,
    programme: i64,
    contest: &Contest,
    roster: &Roster,
    units: &[i64],
) -> Result<HashMap<i64, Ranked>> {
    let mut all: Vec<i64> = roster.now.iter().chain(roster.then.iter()).copied().collect();
    all.sort_unstable();
    all.dedup();
    let mut sql = tx.sql("SELECT CAST(0 AS BIGINT) AS owner, id, code, created_at FROM unit WHERE ");
    let these = sql.any_id("id", &all);
    sql.push(&these);
    let members: Vec<Member> = tx.all(sql).await?;
    let among = |ids: &[i64]| members.iter().filter(|member| ids.contains(&member.id)).cloned().collect();
    let board = compared(tx, programme, contest, among(&roster.now), among(&roster.then)).await?.remove(&0);
    let asked = board.unwrap_or_default().into_iter().filter(|ranked| units.contains(&ranked.unit));
    Ok(asked.map(|ranked| (ranked.unit, ranked)).collect())
}
