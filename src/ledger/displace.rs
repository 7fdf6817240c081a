//! Which units stand otherwise in the tree now than what was reported to them: their history is kept through both trees.

use crate::error::Result;
use crate::store::Tx;

/// Units no deeper than this have their history kept finely.
pub const SHALLOW: i32 = 1;

/// Says that what stands below these units is not what was reported to them any more: what is kept of them through the tree now
/// is to be built anew. Under the tree's lock.
pub async fn displace(tx: &Tx, units: &[i64]) -> Result<()> {
    if units.is_empty() {
        return Ok(());
    }
    let mut sql = tx.sql("");
    let these = sql.any_id("u.id", units);
    sql.push(&format!(
        "INSERT INTO rollup_kept (unit_id, reported, grade, built) SELECT u.id, FALSE, g.grade, FALSE FROM unit u \
         JOIN (SELECT 0 AS grade UNION ALL SELECT 1 UNION ALL SELECT 2) g ON (g.grade < 2) = (u.depth <= {SHALLOW}) \
         WHERE {these} AND NOT EXISTS (SELECT 1 FROM rollup_kept k WHERE k.unit_id = u.id AND NOT k.reported) \
         ON CONFLICT DO NOTHING"
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql("UPDATE rollup_kept SET built = FALSE WHERE NOT reported AND ");
    let these = sql.any_id("unit_id", units);
    sql.push(&these);
    tx.run(sql).await?;
    Ok(())
}
