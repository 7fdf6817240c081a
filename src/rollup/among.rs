//! Rankings among units that are named one by one, for each of the two instants: a cluster's members, or who stood beside or below
//! a unit in another tree than today's.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::direct::{below, direct, parents};
use super::ranking::{Cluster, Contest, Member, Ranked, compared};
use super::view::{Lens, View};
use crate::error::Result;
use crate::store::Tx;
use crate::unit::not_empty;

/// Who takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roster {
    /// At the instant of the ranking.
    pub now: Arc<Vec<i64>>,
    /// At the one that is compared with.
    pub then: Arc<Vec<i64>>,
}

/// A contest among the units of a roster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Among {
    pub contest: Contest,
    pub roster: Roster,
}

/// The whole ranking of a roster, best first. One statement, and one or two for each instant.
pub async fn board(tx: &Tx, programme: i64, among: &Among) -> Result<Vec<Ranked>> {
    let Among { contest, roster } = among;
    let members = members(tx, roster.now.iter().chain(roster.then.iter()).copied()).await?;
    let those = |ids: &[i64]| {
        let ids: HashSet<i64> = ids.iter().copied().collect();
        members.iter().filter(|member| ids.contains(&member.id)).cloned().collect()
    };
    let boards = compared(tx, programme, contest, those(&roster.now), those(&roster.then)).await?;
    Ok(boards.into_values().next().unwrap_or_default())
}

/// These units as members of one board.
async fn members(tx: &Tx, ids: impl Iterator<Item = i64>) -> Result<Vec<Member>> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let mut sql = tx.sql("SELECT CAST(0 AS BIGINT) AS owner, id, code, kind, created_at FROM unit WHERE ");
    let these = sql.any_id("id", &ids);
    sql.push(&these);
    tx.all(sql).await
}

/// For each unit who stood beside it, itself among them, in the contest's tree; those that did not exist in it have nobody.
pub async fn siblings(tx: &Tx, contest: &Contest, units: &[i64]) -> Result<HashMap<i64, Roster>> {
    let above = parents(tx, &contest.view, units).await?;
    let now = beside(tx, &contest.view, &above).await?;
    let then = match reported_then(contest) {
        Some(view) => {
            // Who stood below another one then had a rank among others.
            let mut then = parents(tx, &view, units).await?;
            then.retain(|unit, parent| above.get(unit) == Some(parent));
            Some(beside(tx, &view, &then).await?)
        }
        None => None,
    };
    rosters(tx, contest, now, then).await
}

/// For each unit who stood below it in the contest's tree.
pub async fn subordinates(
    tx: &Tx,
    contest: &Contest,
    cluster: &Cluster,
    units: &[i64],
) -> Result<HashMap<i64, Roster>> {
    let now = inside(tx, &contest.view, cluster, units).await?;
    let then = match reported_then(contest) {
        Some(view) => Some(inside(tx, &view, cluster, units).await?),
        None => None,
    };
    rosters(tx, contest, now, then).await
}

/// AS_REPORTED tells for each instant what was recorded by then; other trees stay the same.
fn reported_then(contest: &Contest) -> Option<View> {
    let then = contest.compared_to.filter(|_| contest.view.lens == Lens::Reported)?;
    Some(View { as_of: Some(then), ..contest.view.clone() })
}

/// Who stands beside each unit, which are told with their parents.
async fn beside(tx: &Tx, view: &View, parents: &HashMap<i64, i64>) -> Result<HashMap<i64, Vec<i64>>> {
    let above: Vec<i64> = parents.values().copied().collect();
    let children = children(tx, view, &above).await?;
    // The root is its own cluster.
    let beside = |(unit, parent): (&i64, &i64)| match unit == parent {
        true => (*unit, vec![*unit]),
        false => (*unit, children.get(parent).cloned().unwrap_or_default()),
    };
    Ok(parents.iter().map(beside).collect())
}

async fn inside(tx: &Tx, view: &View, cluster: &Cluster, units: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut found = match cluster.direct {
        true => children(tx, view, units).await?,
        false => below(tx, view, units).await?,
    };
    if let Some(kinds) = &cluster.kinds {
        not_empty("kind", kinds)?;
        let all = members(tx, found.values().flatten().copied()).await?;
        let kept: HashSet<i64> =
            all.iter().filter(|member| kinds.contains(&member.kind)).map(|member| member.id).collect();
        found.values_mut().for_each(|ids| ids.retain(|id| kept.contains(id)));
    }
    Ok(found)
}

async fn children(tx: &Tx, view: &View, units: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    for unit in direct(tx, view, units).await? {
        found.entry(unit.parent_id).or_default().push(unit.id);
    }
    Ok(found)
}

/// Where nothing is told of the other instant, those took part in it who existed by then.
async fn rosters(
    tx: &Tx,
    contest: &Contest,
    now: HashMap<i64, Vec<i64>>,
    then: Option<HashMap<i64, Vec<i64>>>,
) -> Result<HashMap<i64, Roster>> {
    let mut then = match (then, contest.compared_to) {
        (Some(then), _) => then,
        (None, None) => HashMap::new(),
        (None, Some(then)) => {
            let all = members(tx, now.values().flatten().copied()).await?;
            let old: HashSet<i64> =
                all.iter().filter(|member| member.created_at < then).map(|member| member.id).collect();
            now.iter().map(|(unit, ids)| (*unit, ids.iter().copied().filter(|id| old.contains(id)).collect())).collect()
        }
    };
    let roster = |(unit, ids)| {
        let then = then.remove(&unit).unwrap_or_default();
        (unit, Roster { now: Arc::new(ids), then: Arc::new(then) })
    };
    Ok(now.into_iter().map(roster).collect())
}
