//! Retention: the oldest batches are taken away, and a checkpoint stays from which the chain still proves the rest.

use entity::audit_checkpoint;
use entity::enums::AuditObject;
use sea_orm::FromQueryResult;

use super::digest::hex;
use super::done::Done;
use super::origin::Origin;
use super::seal::{Turn, take_turn};
use super::write::write;
use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// The action of the line that tells of a checkpoint.
pub const PRUNE: &str = "audit prune";
/// Its fields: the last batch that went, and its head.
pub(super) const THROUGH: &str = "through";
pub(super) const HEAD: &str = "head";

/// Lines and batches that go in one transaction.
const LINES: i64 = 20_000;
const BATCHES: u32 = 2_000;

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub lines: u64,
    /// The last batch that went, if any did.
    pub through: Option<i64>,
}

/// Takes away every batch that was sealed before the instant, some at a time: each time one transaction, with a checkpoint and a
/// line of its own in the log.
pub async fn prune(app: &App, origin: &Origin, before: i64, turn: Turn) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    while anything_is_old(app, before).await? {
        let tx = app.store.write().await?;
        if !take_turn(&tx, turn).await? {
            break;
        }
        let Some((through, lines)) = prune_some(app, &tx, origin, before).await? else { break };
        tx.commit().await?;
        pruned = Pruned { lines: pruned.lines + lines, through: Some(through) };
    }
    Ok(pruned)
}

#[derive(FromQueryResult)]
struct Old {
    n: i64,
    entries: i64,
    head: Vec<u8>,
}

/// The oldest batches that still have their lines and were sealed before the instant.
async fn old(tx: &Tx, before: i64, most: u32) -> Result<Vec<Old>> {
    let mut sql = tx.sql("SELECT n, entries, head FROM audit_batch WHERE sealed_at < ");
    let before = sql.bind(before);
    sql.push(&format!("{before} AND n > (SELECT COALESCE(MAX(n), 0) FROM audit_checkpoint) ORDER BY n LIMIT {most}"));
    tx.all(sql).await
}

async fn anything_is_old(app: &App, before: i64) -> Result<bool> {
    let tx = app.store.read().await?;
    Ok(!old(&tx, before, 1).await?.is_empty())
}

async fn prune_some(app: &App, tx: &Tx, origin: &Origin, before: i64) -> Result<Option<(i64, u64)>> {
    let mut lines = 0;
    let batches = old(tx, before, BATCHES).await?;
    let some = batches.iter().take_while(|batch| {
        let fits = lines < LINES;
        lines += batch.entries;
        fits
    });
    let Some(last) = some.last() else { return Ok(None) };
    let checkpoint = audit_checkpoint::Model { n: last.n, head: last.head.clone(), at: app.now() };
    tx.insert::<audit_checkpoint::Entity>(&[checkpoint], Conflict::Fail).await?;
    let done = Done::of(AuditObject::Audit, last.n, None).field(THROUGH, None, Some(last.n)).field(
        HEAD,
        None,
        Some(hex(&last.head)),
    );
    write(app, tx, origin, PRUNE, &done).await?;
    let mut sql = tx.sql("DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_member WHERE batch <= ");
    let through = sql.bind(last.n);
    sql.push(&format!("{through})"));
    let gone = tx.run(sql).await?;
    for (table, than) in [("audit_member WHERE batch", "<="), ("audit_batch WHERE n", "<")] {
        let mut sql = tx.sql(format!("DELETE FROM {table} {than} "));
        let through = sql.bind(last.n);
        sql.push(&through);
        tx.run(sql).await?;
    }
    Ok(Some((last.n, gone)))
}
