//! Lines outside the chain: those that rightly wait for it, and those that should not be where they are.

use entity::audit_entry;
use sea_orm::FromQueryResult;

use super::verify::Report;
use crate::app::App;
use crate::error::Result;

/// How much later than its instant a line may become visible, milliseconds: a transaction ends soon after it.
pub(super) const LATE: i64 = 60_000;

/// So many of each kind are named.
const NAMED: u32 = 20;

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// Reports what stands in no batch and does not wait for one, what was taken out while it waited, what says that it is older
/// than it can be, and places of batches that are not there.
pub(super) async fn find(app: &App, report: &mut Report, closed_to: i64) -> Result<()> {
    let tx = app.store.read().await?;
    let waiting: Option<Count> = tx.one(tx.sql("SELECT COUNT(*) AS n FROM audit_tail")).await?;
    report.unsealed = waiting.map_or(0, |count| count.n.unsigned_abs());
    let kinds = [
        (
            "SELECT e.id FROM audit_entry e WHERE NOT EXISTS (SELECT 1 FROM audit_member m WHERE m.entry_id = e.id) \
             AND NOT EXISTS (SELECT 1 FROM audit_tail t WHERE t.id = e.id)",
            "was put in: it stands in no batch, and does not wait for one",
        ),
        (
            "SELECT t.id FROM audit_tail t WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = t.id)",
            "was taken out before it was sealed",
        ),
        (
            "SELECT m.entry_id AS id FROM audit_member m WHERE NOT EXISTS (SELECT 1 FROM audit_batch b WHERE b.n = m.batch) \
             OR m.batch <= (SELECT COALESCE(MAX(c.n), 0) FROM audit_checkpoint c)",
            "stands in a batch that is not there",
        ),
    ];
    for (query, what) in kinds {
        for id in tx.ids(tx.sql(format!("{query} LIMIT {NAMED}"))).await? {
            report.problem(format!("line with id {id} {what}"));
        }
    }
    let mut sql = tx.sql("SELECT e.id FROM audit_tail t JOIN audit_entry e ON e.id = t.id WHERE e.at < ");
    let oldest = sql.bind(closed_to.saturating_sub(LATE));
    sql.push(&format!("{oldest} LIMIT {NAMED}"));
    for id in tx.ids(sql).await? {
        report.problem(format!("line with id {id} was put in later than it says, or the clock was set back"));
    }
    Ok(())
}

/// Lines about retention that are not sealed yet.
pub(super) async fn unsealed_prunes(app: &App, action: &str) -> Result<Vec<audit_entry::Model>> {
    let tx = app.store.read().await?;
    let mut sql = tx.sql("SELECT e.* FROM audit_tail t JOIN audit_entry e ON e.id = t.id WHERE e.action = ");
    let action = sql.bind(action);
    sql.push(&format!("{action} ORDER BY e.at, e.id LIMIT 1000"));
    tx.all(sql).await
}
