//! What a move does to clusters.

use crate::error::Result;
use crate::store::{Sql, Tx};

/// Ends at the instant what the unit and everything below it belongs to among the clusters of these units, below which it stands no
/// longer. Under the tree's lock, and the closure still leads to them or not: it is asked for what stands below the unit alone.
pub async fn leave(tx: &Tx, unit: i64, losing: &[i64], at: i64) -> Result<()> {
    let ending = |sql: &mut Sql| {
        let unit = sql.bind(unit);
        let owners = sql.any_id("k.owner_id", losing);
        format!(
            "m.until IS NULL AND m.unit_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = {unit}) \
             AND m.cluster_id IN (SELECT k.id FROM cluster k WHERE {owners})"
        )
    };
    let mut sql = tx
        .sql("UPDATE cluster SET version = version + 1 WHERE id IN (SELECT m.cluster_id FROM cluster_member m WHERE ");
    let these = ending(&mut sql);
    sql.push(&format!("{these})"));
    tx.run(sql).await?;
    let mut sql = tx.sql("UPDATE cluster_member AS m SET until = ");
    let at = sql.bind(at);
    let these = ending(&mut sql);
    sql.push(&format!("{at} WHERE {these}"));
    tx.run(sql).await?;
    Ok(())
}
