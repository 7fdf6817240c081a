//! Writing initiatives with their ledger and what they add to the roll-ups.

use std::collections::HashMap;
use std::time::Instant;

use entity::enums::{Action, InitiativeState};
use entity::initiative::Model;
use entity::{initiative, initiative_author, initiative_event, participant};

use super::check::Entry;
use crate::app::App;
use crate::error::{Error, Result};
use crate::import::Progress;
use crate::initiative::{counted_of, event_of, own_key, participation};
use crate::ledger::{Delta, OwnKey, Tally, out_of_range, post};
use crate::store::{Conflict, RowLock, Tx, WRITE_LIMIT};
use crate::text;

/// Initiatives of one batch.
const CHUNK: usize = 2_000;
/// Differences of one fold: the more, the fewer times the cells of the units above are written.
const FOLD: usize = 10_000;

/// What the initiatives add to the roll-ups, added up.
#[derive(Default)]
struct Sums {
    own: HashMap<OwnKey, Tally>,
    persons: HashMap<(i64, OwnKey), i64>,
}

/// Writes them under one stamp; BUSY where that takes longer than the stamp holds.
pub async fn write(app: &App, tx: &Tx, entries: &[Entry], progress: Progress<'_>) -> Result<()> {
    hold_units(tx, entries).await?;
    tx.begin_bulk(64).await?;
    let at = tx.stamp(&app.clock).await?;
    let begun = Instant::now();
    let mut sums = Sums::default();
    let mut done = 0;
    for chunk in entries.chunks(CHUNK) {
        if begun.elapsed() > WRITE_LIMIT {
            return Err(Error::Busy);
        }
        write_chunk(app, tx, chunk, at, &mut sums).await?;
        done += chunk.len();
        progress(done, entries.len());
    }
    let own = sums.own.into_iter().map(|(key, tally)| Delta::Initiatives { key, tally });
    let persons = sums.persons.into_iter().map(|((account, key), n)| Delta::Person { key, account, n });
    let deltas: Vec<Delta> = own.chain(persons).collect();
    for chunk in deltas.chunks(FOLD) {
        post(app, tx, chunk).await?;
    }
    Ok(())
}

async fn write_chunk(app: &App, tx: &Tx, entries: &[Entry], at: i64, sums: &mut Sums) -> Result<()> {
    let mut rows = Vec::with_capacity(entries.len());
    let (mut authors, mut events, mut participants) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let accounts: Vec<i64> = entry.authors.iter().map(|author| author.account).collect();
        let by = accounts.first().copied();
        let mut row = draft(app, entry, at);
        events.push(event_of(&row, Action::Draft, None, at, by, &accounts, None, None));
        authors.extend((0..).zip(&entry.authors).map(|(position, author)| initiative_author::Model {
            initiative_id: row.id,
            account_id: author.account,
            position,
            share: author.share,
        }));
        if entry.sent {
            let drafted = row.clone();
            submit(&mut row, at);
            events.push(event_of(&row, Action::Submit, Some(&drafted), at, by, &accounts, None, None));
            participants.extend(accounts.iter().map(|account| participation(&row, *account, at)));
            sums.add(&row, &accounts)?;
        }
        rows.push(row);
    }
    let written = tx.insert::<initiative::Entity>(&rows, Conflict::Keep).await?;
    if written != rows.len() as u64 {
        return Err(Error::Setting(
            "somebody else took one of the codes at this moment: load the file again".to_owned(),
        ));
    }
    tx.insert::<initiative_author::Entity>(&authors, Conflict::Fail).await?;
    tx.insert::<initiative_event::Entity>(&events, Conflict::Fail).await?;
    tx.insert::<participant::Entity>(&participants, Conflict::Fail).await?;
    Ok(())
}

impl Sums {
    fn add(&mut self, row: &Model, authors: &[i64]) -> Result<()> {
        let sum = self.own.entry(own_key(row)).or_default();
        *sum = sum.plus(counted_of(row)).ok_or_else(out_of_range)?;
        for account in authors {
            *self.persons.entry((*account, own_key(row))).or_default() += 1;
        }
        Ok(())
    }
}

/// Keeps the units alive until the transaction ends: whoever ends a unit waits for its writers.
async fn hold_units(tx: &Tx, entries: &[Entry]) -> Result<()> {
    let mut units: Vec<i64> = entries.iter().map(|entry| entry.unit_id).collect();
    units.sort_unstable();
    units.dedup();
    let mut sql = tx.sql("SELECT COALESCE(ended_at, 0) AS id FROM unit WHERE ");
    let these = sql.any_id("id", &units);
    sql.push(&format!("{these} ORDER BY id{}", tx.dialect.row_lock(RowLock::Share)));
    match tx.ids(sql).await?.iter().all(|ended| *ended == 0) {
        true => Ok(()),
        false => Err(Error::Setting("a unit of the file has just ended: load the file again".to_owned())),
    }
}

fn draft(app: &App, entry: &Entry, at: i64) -> Model {
    Model {
        id: app.new_id(),
        code: entry.code.clone(),
        programme_id: entry.programme_id,
        phase_id: entry.phase_id,
        group_id: entry.group_id,
        unit_id: entry.unit_id,
        first_author_id: entry.authors[0].account,
        solution: entry.solution,
        title: entry.title.clone(),
        title_lower: text::lower(&entry.title),
        title_folded: text::fold(&entry.title),
        title_sort: text::sort_key(&entry.title),
        summary: entry.summary.clone(),
        state: InitiativeState::Draft,
        version: 1,
        applied_on: entry.applied_on,
        claimed_benefit: entry.claimed,
        benefit_not_computable: entry.not_computable,
        benefit_note: entry.note.clone(),
        verified_benefit: None,
        counted_claim: 0,
        counted_opaque: false,
        refusal_reason: None,
        refusal_text: None,
        recognition_number: None,
        recognition_authority: None,
        recognition_on: None,
        submitted_at: None,
        decided_at: None,
        created_at: at,
    }
}

fn submit(row: &mut Model, at: i64) {
    row.state = InitiativeState::Submitted;
    row.version += 1;
    row.submitted_at = Some(at);
    row.counted_claim = row.claimed_benefit.unwrap_or(0);
    row.counted_opaque = row.benefit_not_computable;
}
