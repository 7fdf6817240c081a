//! Sealing: lines that wait become batches of a hash chain, by whichever server gets to it.
//!
//! A line waits in `audit_tail` from its own commit on, so one that commits late is sealed late and never missed: nothing
//! relies on the order of ids or instants. Only sealers take the row `audit_chain`; no mutation waits for them.

use entity::{audit_batch, audit_entry, audit_member};
use sea_orm::FromQueryResult;

use super::digest::{self, BatchDigest, GENESIS, Hash};
use super::heads::Head;
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::{Conflict, RowLock, Tx, Waiting};

/// Lines of one batch.
pub const BATCH: usize = 1_000;

/// Whether one waits where somebody else is sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Wait,
    /// What waits is sealed by whoever is at it.
    Leave,
}

/// Seals everything that waits and answers the new heads, oldest first.
pub async fn seal(app: &App, turn: Turn) -> Result<Vec<Head>> {
    let mut heads = Vec::new();
    // A look costs nothing that anybody waits for; SQLite's writer would.
    while anything_waits(app).await? {
        let tx = app.store.write().await?;
        if !take_turn(&tx, turn).await? {
            break;
        }
        let Some(head) = seal_batch(app, &tx).await? else { break };
        tx.commit().await?;
        heads.push(head);
    }
    Ok(heads)
}

/// Lines that wait to be sealed.
pub async fn unsealed(tx: &Tx) -> Result<Waiting> {
    tx.waiting("audit_tail", "TRUE").await
}

async fn anything_waits(app: &App) -> Result<bool> {
    let tx = app.store.read().await?;
    Ok(!tx.ids(tx.sql("SELECT id FROM audit_tail LIMIT 1")).await?.is_empty())
}

/// Takes the chain, in a statement of its own: what is read under it was sealed before.
pub(super) async fn take_turn(tx: &Tx, turn: Turn) -> Result<bool> {
    let strength = match turn {
        Turn::Wait => RowLock::Update,
        Turn::Leave => RowLock::UpdateOrSkip,
    };
    let lock = tx.dialect.row_lock(strength);
    Ok(!tx.ids(tx.sql(format!("SELECT id FROM audit_chain WHERE id = 1{lock}"))).await?.is_empty())
}

/// The last batch of the chain.
pub(super) async fn last(tx: &Tx) -> Result<Option<audit_batch::Model>> {
    tx.one(tx.sql("SELECT * FROM audit_batch ORDER BY n DESC LIMIT 1")).await
}

#[derive(FromQueryResult)]
struct Now {
    now: i64,
}

async fn seal_batch(app: &App, tx: &Tx) -> Result<Option<Head>> {
    let mut sql = tx.sql("");
    // The queue is short, and the log long.
    let lines = sql.along("audit_tail t", "audit_entry", "e", "e.id = t.id");
    sql.push(&format!("SELECT e.* FROM {lines} ORDER BY e.at, e.id LIMIT {BATCH}"));
    let lines: Vec<audit_entry::Model> = tx.all(sql).await?;
    let (Some(first), Some(newest)) = (lines.first(), lines.last()) else { return Ok(None) };
    let last = last(tx).await?;
    let mut sql = tx.sql("SELECT ");
    let now = sql.now(&app.clock);
    sql.push(&format!("{now} AS now"));
    let sealed_at = tx.one::<Now>(sql).await?.map_or_else(|| app.now(), |row| row.now);

    let n = last.as_ref().map_or(1, |batch| batch.n + 1);
    let mut digest = BatchDigest::new();
    let mut members = Vec::with_capacity(lines.len());
    for (position, line) in (1..).zip(&lines) {
        let hash = digest::line(line);
        digest = digest.add(&hash);
        members.push(audit_member::Model { batch: n, position, entry_id: line.id, hash: hash.to_vec() });
    }
    // A full batch may have left lines of the same instant.
    let closed_to = if lines.len() < BATCH { sealed_at } else { newest.at };
    let mut batch = audit_batch::Model {
        n,
        entries: i64::try_from(lines.len()).map_err(|_| Error::Internal("a batch is too long".to_owned()))?,
        first_id: first.id,
        last_id: newest.id,
        closed_to: last.as_ref().map_or(closed_to, |batch| batch.closed_to.max(closed_to)),
        sealed_at,
        digest: digest.end().to_vec(),
        previous: last.map_or_else(|| GENESIS.to_vec(), |batch| batch.head),
        head: Vec::new(),
    };
    let head: Hash = digest::head(&batch);
    batch.head = head.to_vec();
    tx.insert::<audit_member::Entity>(&members, Conflict::Fail).await?;
    tx.insert::<audit_batch::Entity>(std::slice::from_ref(&batch), Conflict::Fail).await?;
    let ids: Vec<i64> = lines.iter().map(|line| line.id).collect();
    let mut sql = tx.sql("DELETE FROM audit_tail WHERE ");
    let these = sql.any_id("id", &ids);
    sql.push(&these);
    if tx.run(sql).await? != lines.len() as u64 {
        return Err(Error::Internal("a line of the audit log left the queue by itself".to_owned()));
    }
    Ok(Some(Head { n, head, sealed_at, lines: batch.entries }))
}
