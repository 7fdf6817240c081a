//! Clusters: who has ended belongs to none, who stands no longer below the owner neither; an owner's clusters go to who follows him.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::reorganisation::sketch::{Sketch, Sketched};
use crate::store::Tx;
use crate::unit::restructure::Moment;

/// Answers how many memberships ended.
pub async fn settle(tx: &Tx, sketch: &Sketch, moment: Moment) -> Result<u64> {
    let mut owners: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for id in sketch.those(Sketched::ends) {
        owners.entry(sketch.seat(id, false)).or_default().push(id);
    }
    for (owner, ended) in owners {
        let mut sql = tx.sql("UPDATE cluster SET version = version + 1, owner_id = ");
        let owner = sql.bind(owner);
        let these = sql.any_id("owner_id", &ended);
        sql.push(&format!("{owner} WHERE {these}"));
        tx.run(sql).await?;
    }
    // Few clusters have few members: all are looked at.
    let leaving = "m.until IS NULL AND NOT EXISTS (SELECT 1 FROM cluster k JOIN unit_closure c ON c.ancestor_id = k.owner_id \
         WHERE k.id = m.cluster_id AND c.descendant_id = m.unit_id AND NOT c.ended AND c.distance > 0 AND c.seat_id IS NULL)";
    tx.run(tx.sql(format!(
        "UPDATE cluster SET version = version + 1 WHERE id IN (SELECT m.cluster_id FROM cluster_member m WHERE {leaving})"
    )))
    .await?;
    let mut sql = tx.sql("UPDATE cluster_member AS m SET until = ");
    let at = sql.bind(moment.recorded);
    sql.push(&format!("{at} WHERE {leaving}"));
    tx.run(sql).await
}
