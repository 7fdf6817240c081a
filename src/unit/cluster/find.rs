//! The doors to clusters and their members.

use std::collections::HashMap;
use std::sync::Arc;

use entity::cluster::Model;
use sea_orm::FromQueryResult;

use crate::access::{Right, Viewer, covered, sight_columns};
use crate::error::Result;
use crate::store::{Sql, Tx};
use crate::unit::find::{SeenUnit, SightRow};

/// Those of the clusters that the viewer sees: a grant covers the owner or one of the members; one statement.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<Model>>> {
    let mut sql = tx.sql("");
    let owner = covered(&mut sql, viewer, Right::ReadAggregates, "k.owner_id");
    let member = covered(&mut sql, viewer, Right::ReadAggregates, "m.unit_id");
    let these = sql.any_id("k.id", ids);
    sql.push(&format!(
        "SELECT k.* FROM cluster k WHERE {these} AND ({owner} OR EXISTS \
         (SELECT 1 FROM cluster_member m WHERE m.cluster_id = k.id AND m.until IS NULL AND {member}))"
    ));
    Ok(tx.all::<Model>(sql).await?.into_iter().map(|row| (row.id, Arc::new(row))).collect())
}

/// A condition on an alias of `cluster_member`: it holds now, or it did when the instant came. What begins or ends at the very
/// instant does so after it, as with events.
fn holds(sql: &mut Sql, alias: &str, as_of: Option<i64>) -> String {
    match as_of {
        None => format!("{alias}.until IS NULL"),
        Some(at) => {
            let at = sql.bind(at);
            format!("{alias}.since < {at} AND ({alias}.until IS NULL OR {alias}.until >= {at})")
        }
    }
}

#[derive(FromQueryResult)]
struct MemberRow {
    owner: i64,
    #[sea_orm(nested)]
    row: SightRow,
}

/// The members of each cluster that the viewer sees, by code, now or at an instant; one statement.
pub async fn members(
    tx: &Tx,
    viewer: Viewer,
    as_of: Option<i64>,
    clusters: &[i64],
) -> Result<HashMap<i64, Vec<Arc<SeenUnit>>>> {
    let mut sql = tx.sql("");
    let sight = sight_columns(&mut sql, viewer, "u");
    let these = sql.any_id("m.cluster_id", clusters);
    let holds = holds(&mut sql, "m", as_of);
    sql.push(&format!(
        "SELECT m.cluster_id AS owner, u.*, {sight} FROM cluster_member m JOIN unit u ON u.id = m.unit_id \
         WHERE {these} AND {holds} ORDER BY u.code"
    ));
    let mut found: HashMap<i64, Vec<_>> = HashMap::new();
    for line in tx.all::<MemberRow>(sql).await? {
        found.entry(line.owner).or_default().extend(line.row.seen());
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct RosterRow {
    code: String,
    unit_id: i64,
}

/// All members of each cluster, by the clusters' codes, now or at an instant; one statement. Whoever asks shows nothing of them
/// unless the aggregates of every one show.
pub async fn rosters(tx: &Tx, as_of: Option<i64>, codes: &[String]) -> Result<HashMap<String, Arc<Vec<i64>>>> {
    // No code has a NUL, and PostgreSQL takes none.
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("SELECT k.code, m.unit_id FROM cluster k JOIN cluster_member m ON m.cluster_id = k.id WHERE ");
    let these = sql.any_text("k.code", &codes);
    let holds = holds(&mut sql, "m", as_of);
    sql.push(&format!("{these} AND {holds} ORDER BY k.code, m.unit_id"));
    let mut found: HashMap<String, Vec<i64>> = HashMap::new();
    for row in tx.all::<RosterRow>(sql).await? {
        found.entry(row.code).or_default().push(row.unit_id);
    }
    Ok(found.into_iter().map(|(code, units)| (code, Arc::new(units))).collect())
}
