//! Proving that nothing in the log was changed, taken out or put in: everything is hashed anew, batch by batch.

use std::collections::BTreeMap;

use entity::{audit_batch, audit_checkpoint, audit_entry};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::digest::{self, BatchDigest, GENESIS, from_hex, hex};
use super::heads::{Head, Kept};
use super::prune::{HEAD, PRUNE, THROUGH};
use super::stray::{self, LATE};
use super::write::Change;
use crate::app::App;
use crate::error::Result;
use crate::store::Tx;

/// So many problems are kept; all are counted.
const KEPT: usize = 100;

/// What a check of the log found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Batches and lines that were hashed anew.
    pub batches: u64,
    pub lines: u64,
    /// Lines that wait to be sealed: nothing proves them yet.
    pub unsealed: u64,
    /// The last batch that retention took away.
    pub from: Option<i64>,
    /// The end of the chain.
    pub head: Option<Head>,
    /// What is wrong, in the order of the log; the first hundred.
    pub problems: Vec<String>,
    pub problem_count: u64,
    /// Kept heads that retention has outlived.
    pub outlived: u64,
}

impl Report {
    pub(super) fn problem(&mut self, text: String) {
        self.problem_count += 1;
        if self.problems.len() < KEPT {
            self.problems.push(text);
        }
    }
}

/// A batch's place for a line, with what stands there now.
struct Place {
    position: i64,
    entry_id: i64,
    hash: Vec<u8>,
    line: Option<audit_entry::Model>,
}

impl FromQueryResult for Place {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Place, DbErr> {
        Ok(Place {
            position: row.try_get(prefix, "position")?,
            entry_id: row.try_get(prefix, "entry_id")?,
            hash: row.try_get(prefix, "hash")?,
            // None too where a value was written that is none of its column's: that is found here, not stumbled over.
            line: audit_entry::Model::from_query_result(row, prefix).ok(),
        })
    }
}

/// Where the walk along the chain stands.
struct Walk {
    report: Report,
    /// The head and the closed instant of the batch before; no head where it is unknown.
    previous: Option<Vec<u8>>,
    closed_to: i64,
    kept: BTreeMap<i64, Vec<Kept>>,
    /// How far, and with which head, lines in the log say that retention went.
    pruned: BTreeMap<i64, String>,
}

/// Checks the whole log while servers go on writing. In a short snapshot for each batch, and in constant memory.
pub async fn verify(app: &App, kept: &[Kept]) -> Result<Report> {
    let tx = app.store.read().await?;
    let last = super::seal::last(&tx).await?;
    let checkpoint = checkpoint(&tx).await?;
    drop(tx);
    let mut walk = Walk {
        report: Report::default(),
        previous: Some(GENESIS.to_vec()),
        closed_to: i64::MIN,
        kept: BTreeMap::new(),
        pruned: BTreeMap::new(),
    };
    for head in kept {
        walk.kept.entry(head.n).or_default().push(*head);
    }
    let end = last.as_ref().map_or(0, |batch| batch.n);
    let mut n = 1;
    if let Some(checkpoint) = &checkpoint {
        walk.begin_at(app, checkpoint).await?;
        n = checkpoint.n + 1;
    }
    while n <= end {
        let tx = app.store.read().await?;
        match batch(&tx, n).await? {
            Some(row) => walk.batch(&tx, &row).await?,
            None => {
                // Retention may have taken it away since the walk began.
                match self::checkpoint(&tx).await?.filter(|checkpoint| checkpoint.n >= n) {
                    Some(checkpoint) => {
                        walk.begin_at(app, &checkpoint).await?;
                        n = checkpoint.n;
                    }
                    None => walk.missing(n),
                }
            }
        }
        n += 1;
    }
    walk.finish(app, end).await
}

async fn checkpoint(tx: &Tx) -> Result<Option<audit_checkpoint::Model>> {
    tx.one(tx.sql("SELECT * FROM audit_checkpoint ORDER BY n DESC LIMIT 1")).await
}

async fn batch(tx: &Tx, n: i64) -> Result<Option<audit_batch::Model>> {
    let mut sql = tx.sql("SELECT * FROM audit_batch WHERE n = ");
    let n = sql.bind(n);
    sql.push(&n);
    tx.one(sql).await
}

impl Walk {
    /// The chain begins after the last batch that retention took away.
    async fn begin_at(&mut self, app: &App, checkpoint: &audit_checkpoint::Model) -> Result<()> {
        let n = checkpoint.n;
        let tx = app.store.read().await?;
        match batch(&tx, n).await? {
            Some(row) if row.head == checkpoint.head && digest::head(&row).as_slice() == row.head => {
                self.closed_to = row.closed_to;
            }
            _ => self.report.problem(format!("batch {n}: the checkpoint of retention and the batch do not fit")),
        }
        self.previous = Some(checkpoint.head.clone());
        self.report.from = Some(n);
        self.compare_kept(n, &checkpoint.head);
        let later = self.kept.split_off(&n);
        self.report.outlived += self.kept.values().map(|heads| heads.len() as u64).sum::<u64>();
        self.kept = later;
        Ok(())
    }

    fn missing(&mut self, n: i64) {
        self.report.problem(format!("batch {n} was taken out"));
        self.previous = None;
    }

    async fn batch(&mut self, tx: &Tx, row: &audit_batch::Model) -> Result<()> {
        let n = row.n;
        let mut sql = tx.sql(
            "SELECT m.position, m.entry_id, m.hash, e.* FROM audit_member m LEFT JOIN audit_entry e ON e.id = m.entry_id \
             WHERE m.batch = ",
        );
        let bound = sql.bind(n);
        // A batch that somebody made longer must not fill the memory.
        let most = row.entries.clamp(0, super::seal::BATCH as i64) + 1;
        sql.push(&format!("{bound} ORDER BY m.position LIMIT {most}"));
        let places: Vec<Place> = tx.all(sql).await?;
        if places.len() as i64 != row.entries {
            self.report.problem(format!("batch {n} has another number of lines than its {}", row.entries));
        }
        let mut digest = BatchDigest::new();
        for (position, place) in (1..).zip(&places) {
            digest = digest.add(&place.hash);
            self.line(n, position, place);
        }
        if digest.end().as_slice() != row.digest {
            self.report.problem(format!("batch {n}: its lines are not those that were sealed, or in another order"));
        }
        if self.previous.as_ref().is_some_and(|previous| *previous != row.previous) {
            self.report.problem(format!("batch {n} does not follow the batch before it: one of the two was changed"));
        }
        let head = digest::head(row);
        if head.as_slice() != row.head {
            self.report.problem(format!("batch {n}: its own row was changed"));
        }
        self.compare_kept(n, &head);
        self.previous = Some(row.head.clone());
        self.closed_to = row.closed_to;
        self.report.batches += 1;
        self.report.head = Head::try_from(row).ok();
        Ok(())
    }

    fn line(&mut self, n: i64, position: i64, place: &Place) {
        let id = place.entry_id;
        self.report.lines += 1;
        let Some(line) = &place.line else {
            return self
                .report
                .problem(format!("batch {n}, line {position} (id {id}) was taken out, or is no line any more"));
        };
        if place.position != position || digest::line(line).as_slice() != place.hash {
            return self.report.problem(format!("batch {n}, line {position} (id {id}) was changed"));
        }
        if line.at < self.closed_to.saturating_sub(LATE) {
            let text = format!(
                "batch {n}, line {position} (id {id}) was put in later than it says, or the clock was set back"
            );
            self.report.problem(text);
        }
        self.note_prune(line);
    }

    /// Remembers what a line says about retention.
    pub(super) fn note_prune(&mut self, line: &audit_entry::Model) {
        if line.action != PRUNE {
            return;
        }
        let changes: Vec<Change> = serde_json::from_str(&line.changes).unwrap_or_default();
        let of = |name| changes.iter().find(|change| change.field == name).and_then(|change| change.after.clone());
        if let (Some(through), Some(head)) = (of(THROUGH).and_then(|text| text.parse().ok()), of(HEAD)) {
            // They are few, and the last ones alone are of use.
            self.pruned.insert(through, head);
            while self.pruned.len() > 1_000 {
                self.pruned.pop_first();
            }
        }
    }

    fn compare_kept(&mut self, n: i64, head: &[u8]) {
        for kept in self.kept.remove(&n).unwrap_or_default() {
            if kept.head.as_slice() != head {
                let text = format!("batch {n} or one before it was changed: its head is not the one that was kept");
                self.report.problem(text);
            }
        }
    }

    async fn finish(mut self, app: &App, end: i64) -> Result<Report> {
        // Heads that were sealed while the walk went on are in the database by now.
        let tx = app.store.read().await?;
        let now_last = super::seal::last(&tx).await?.map_or(0, |batch| batch.n);
        drop(tx);
        for (n, kept) in std::mem::take(&mut self.kept) {
            if n > now_last {
                let text =
                    format!("batch {n} was taken out: its head was kept, but the chain ends with batch {now_last}");
                self.report.problem(text);
            } else if n > end {
                let tx = app.store.read().await?;
                let stored = batch(&tx, n).await?.map(|row| digest::head(&row));
                if kept.iter().any(|kept| stored != Some(kept.head)) {
                    self.report.problem(format!("batch {n}: its head is not the one that was kept"));
                }
            }
        }
        stray::find(app, &mut self.report, self.closed_to).await?;
        for line in stray::unsealed_prunes(app, PRUNE).await? {
            self.note_prune(&line);
        }
        if let Some(n) = self.report.from {
            let tx = app.store.read().await?;
            let head = checkpoint(&tx).await?.filter(|checkpoint| checkpoint.n == n).map(|c| hex(&c.head));
            let told = self.pruned.get(&n).filter(|told| from_hex(told).is_some());
            if told.is_none() || (head.is_some() && told != head.as_ref()) {
                let text =
                    format!("batches up to {n} were taken out, and no line of the log tells that retention did it");
                self.report.problem(text);
            }
        }
        Ok(self.report)
    }
}
