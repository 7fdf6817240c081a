//! The whole comparison, in one snapshot. Whoever reads is ahead of whoever compares, so that both cores are used; nothing that
//! grows with initiatives or persons is held.

use tokio::sync::mpsc::channel;

use super::days::Days;
use super::found::Found;
use super::history::{self, History};
use super::ledger::{Ledger, Owns};
use super::lists::Lists;
use super::pages::{self, Page};
use super::persons::{self, Persons};
use super::spill::Spill;
use super::vocabulary::Vocabulary;
use super::words::Codes;
use super::{closure, names, stored, targets, tree};
use crate::app::App;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::watch::Watch;

/// Pages that wait to be compared.
const AHEAD: usize = 2;

pub(super) async fn compare(app: &App, tx: &Tx, watch: &dyn Watch) -> Result<Found> {
    let mut found = Found::default();
    watch.begin("tree", 0);
    tx.begin_scan().await?;
    let mut tree = tree::read(tx, &mut found).await?;
    let (kept, unbuilt) = history::kept(tx).await?;
    (tree.classes.kept, found.report.unbuilt) = (kept, unbuilt);
    closure::check(tx, &mut tree, &mut found).await?;
    names::check(tx, &mut found).await?;
    let codes = Codes::read(tx).await?;
    targets::check(tx, (&codes, &tree), &mut found).await?;

    watch.begin("initiatives", count(tx, "initiative").await?);
    let owns = Owns::with_capacity(usize::try_from(count(tx, "rollup_own").await?).unwrap_or(0));
    let history = History::begin(app, tx).await?;
    let days = Days::begin(app, tx).await?;
    let (vocabulary, lists, spill) = (Vocabulary::read(tx).await?, Lists::default(), Spill::default());
    let ledger = Ledger { tree, found, owns, lists, history, days, vocabulary, spill };
    let Ledger { tree, mut found, mut owns, mut lists, mut history, mut days, spill, .. } =
        read(app, tx, ledger, watch).await?;

    watch.begin("persons", 0);
    let queued = stored::take_queued(tx, &mut owns, &mut found).await?;
    stored::owns(tx, &owns, &codes, &tree, &mut found).await?;
    let tallies = stored::cells_of(&owns, &tree, &mut lists)?;
    let of = Persons {
        tree: &tree,
        owns: &owns,
        codes: &codes,
        lists: &mut lists,
        history: &mut history,
        days: &mut days,
        found: &mut found,
    };
    let participants = persons::check(tx, spill.sorted()?, queued, of, watch).await?;
    drop(owns);
    stored::cells(tx, (&lists, &tallies, &participants), (&codes, &tree), &mut found).await?;
    watch.begin("history", 0);
    history.compare(tx, lists, (&codes, &tree), &mut found).await?;
    days.compare(tx, &codes, &mut found).await?;
    if !tree.sound {
        // Roll-ups of a tree that contradicts itself would be mended towards nobody knows what.
        found.give_up_mending();
    }
    Ok(found)
}

/// Reads the ledger of events, and compares it on another thread.
async fn read(app: &App, tx: &Tx, mut ledger: Ledger, watch: &dyn Watch) -> Result<Ledger> {
    let beside = tx.beside(&app.store).await?;
    if let Some(beside) = &beside {
        beside.begin_scan().await?;
    }
    let (to, mut from) = channel::<Page>(AHEAD);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let comparing = tokio::task::spawn_blocking(move || {
        while let Some(page) = from.blocking_recv() {
            let n = ledger.page(page)?;
            // Nobody listens to it once reading has failed.
            let _ = tell.send(n as u64);
        }
        Ok::<_, Error>(ledger)
    });
    let telling = async {
        while let Some(n) = told.recv().await {
            watch.advance(n);
        }
    };
    let (read, compared, ()) = tokio::join!(pages::read(tx, beside.as_ref(), to), comparing, telling);
    let compared = compared.map_err(|error| Error::Internal(format!("comparing: {error}")))?;
    // Where comparing has failed, reading has ended early.
    let compared = compared?;
    read?;
    Ok(compared)
}

async fn count(tx: &Tx, table: &str) -> Result<u64> {
    let n = tx.ids(tx.sql(format!("SELECT COUNT(*) AS id FROM {table}"))).await?.pop().unwrap_or(0);
    Ok(u64::try_from(n).unwrap_or(0))
}
