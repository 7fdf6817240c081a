//! Writing one event of an initiative: its row, the ledger, who counts, and the differences of the roll-ups.

use std::collections::HashSet;

use entity::enums::{Action, InitiativeState, RefusalReason};
use entity::initiative::Model;
use entity::{initiative, initiative_event, participant};
use rand::Rng;

use super::changes::changes;
use super::find::Held;
use crate::app::App;
use crate::command::{Done, Work};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Counted, Delta, OwnKey, Tally, post};
use crate::store::{Conflict, RowLock, Tx};
use crate::text::message;

/// What an event says beside the row.
#[derive(Default)]
pub(super) struct Said {
    pub reason: Option<RefusalReason>,
    pub note: Option<String>,
}

/// A new code, such as SK-7K2M9Q4RTX: 50 random bits in Crockford's alphabet.
pub fn new_code(app: &App) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let tail: String = app.random(|random| (0..10).map(|_| char::from(ALPHABET[random.random_range(0..32)])).collect());
    format!("SK-{tail}")
}

/// Stores a draft that is new, with its event.
pub(super) async fn begin(work: &Work<'_>, row: Model, authors: &[i64]) -> Result<Done> {
    let tx = work.tx;
    if !hold_unit(tx, row.unit_id).await? {
        let message = message!("the unit of this draft has ended: edit it, and name another unit");
        return Err(Error::user(ErrorCode::IllegalState, "unit", message));
    }
    let at = tx.stamp(&work.app.clock).await?;
    let row = Model { created_at: at, ..row };
    let event = event_of(&row, Action::Draft, None, at, Some(work.account), authors, None, None);
    let done = changes(None, &row);
    tx.insert::<initiative::Entity>(&[row], Conflict::Fail).await?;
    tx.insert::<initiative_event::Entity>(&[event], Conflict::Fail).await?;
    Ok(done)
}

/// Stores what the row has become by an action, and everything that follows from it. `before` is held by this transaction; `authors`
/// are those of now.
pub(super) async fn advance(work: &Work<'_>, held: Held, after: Model, action: Action, said: Said) -> Result<Done> {
    let before = &held.row;
    if after.submitted_at.is_some() || action == Action::Submit || after.unit_id != before.unit_id {
        let alive = hold_unit(work.tx, after.unit_id).await?;
        if !alive && before.submitted_at.is_none() {
            let message = message!("the unit of this draft has ended: edit it, and name another unit");
            return Err(Error::user(ErrorCode::IllegalState, "id", message));
        }
    }
    let step = Step { by: work.account, held, after, action, said };
    let mut done = write(work.app, work.tx, vec![step]).await?;
    done.pop().map(|(done, _)| done).ok_or_else(|| Error::Internal("a step was not taken".to_owned()))
}

/// What one initiative becomes.
pub(super) struct Step {
    pub by: i64,
    pub held: Held,
    pub after: Model,
    pub action: Action,
    pub said: Said,
}

/// Stores what each of several initiatives becomes, at one instant; answers what was done to each, and what it is now. They and their
/// units are held by this transaction. As many statements for many as for one, submissions and withdrawals apart.
pub(super) async fn write(app: &App, tx: &Tx, steps: Vec<Step>) -> Result<Vec<(Done, Model)>> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let at = tx.stamp(&app.clock).await?;
    let steps: Vec<Step> = steps.into_iter().map(|step| Step { after: step.becomes(at), ..step }).collect();
    let rows: Vec<(&Model, &Model)> = steps.iter().map(|step| (&step.held.row, &step.after)).collect();
    if tx.change::<initiative::Entity>(&rows, &["id", "version"]).await? != steps.len() as u64 {
        return Err(Error::Internal("an initiative changed while it was held".to_owned()));
    }
    let (mut deltas, mut events, mut done) = (Vec::new(), Vec::new(), Vec::new());
    for Step { by, held: Held { row: before, authors }, after, action, said } in steps {
        deltas.extend(tally_deltas(&before, &after));
        match action {
            Action::Submit => deltas.extend(recount_participants(tx, &after, &authors, at).await?),
            Action::Withdraw => deltas.extend(recount_participants(tx, &after, &[], at).await?),
            _ => {}
        }
        let changed = changes(Some(&before), &after).hidden("note", None, said.note.as_deref());
        events.push(event_of(&after, action, Some(&before), at, Some(by), &authors, said.reason, said.note));
        done.push((changed, after));
    }
    tx.insert_later::<initiative_event::Entity>(&events).await?;
    post(app, tx, &deltas).await?;
    Ok(done)
}

impl Step {
    /// The row after it, at this instant.
    fn becomes(&self, at: i64) -> Model {
        let mut after = Model { version: self.held.row.version + 1, ..self.after.clone() };
        match self.action {
            Action::Submit => after.submitted_at = after.submitted_at.or(Some(at)),
            Action::Return | Action::Approve | Action::Reject | Action::Revoke => after.decided_at = Some(at),
            _ => {}
        }
        after
    }
}

/// What counts of a row.
pub fn counted_of(row: &Model) -> Tally {
    Tally::of(Counted {
        state: row.state,
        claim: row.counted_claim,
        opaque: row.counted_opaque,
        verified: row.verified_benefit.unwrap_or(0),
    })
}

/// Whose own records a row counts among.
pub(crate) fn key(row: &Model) -> OwnKey {
    OwnKey { unit: row.unit_id, programme: row.programme_id, phase: row.phase_id, group: row.group_id }
}

fn tally_deltas(before: &Model, after: &Model) -> Vec<Delta> {
    // Unit, programme, phase and group are fixed at first submission, and before it nothing counts: one key serves both.
    let change = counted_of(after).plus(counted_of(before).negated());
    change
        .filter(|tally| !tally.is_zero())
        .map(|tally| Delta::Initiatives { key: key(after), tally })
        .into_iter()
        .collect()
}

/// Ends and begins the periods in which persons count for the initiative, so that exactly these count now.
async fn recount_participants(tx: &Tx, row: &Model, now: &[i64], at: i64) -> Result<Vec<Delta>> {
    let mut sql = tx.sql("SELECT account_id AS id FROM participant WHERE counted_to IS NULL AND initiative_id = ");
    let id = sql.bind(row.id);
    sql.push(&id);
    let old: HashSet<i64> = tx.ids(sql).await?.into_iter().collect();
    let now: HashSet<i64> = now.iter().copied().collect();
    let gone: Vec<i64> = old.difference(&now).copied().collect();
    let come: Vec<i64> = now.difference(&old).copied().collect();
    if !gone.is_empty() {
        let mut sql = tx.sql("UPDATE participant SET counted_to = ");
        let (end, id) = (sql.bind(at), sql.bind(row.id));
        let these = sql.any_id("account_id", &gone);
        sql.push(&format!("{end} WHERE counted_to IS NULL AND initiative_id = {id} AND {these}"));
        tx.run(sql).await?;
    }
    let rows: Vec<_> = come.iter().map(|account_id| participation(row, *account_id, at)).collect();
    tx.insert::<participant::Entity>(&rows, Conflict::Fail).await?;
    let person = |account: i64, n| Delta::Person { key: key(row), account, n };
    Ok(gone.into_iter().map(|id| person(id, -1)).chain(come.iter().map(|id| person(*id, 1))).collect())
}

/// That a person counts for an initiative from an instant on.
pub(crate) fn participation(row: &Model, account_id: i64, at: i64) -> participant::Model {
    participant::Model {
        initiative_id: row.id,
        account_id,
        counted_from: at,
        counted_to: None,
        unit_id: row.unit_id,
        programme_id: row.programme_id,
        phase_id: row.phase_id,
        group_id: row.group_id,
    }
}

/// Keeps the unit as it is until the transaction ends: whoever ends a unit waits for its writers. Answers whether it lives.
async fn hold_unit(tx: &Tx, unit: i64) -> Result<bool> {
    let mut sql = tx.sql("SELECT COALESCE(ended_at, 0) AS id FROM unit WHERE id = ");
    let id = sql.bind(unit);
    sql.push(&format!("{id}{}", tx.dialect.row_lock(RowLock::Share)));
    Ok(tx.ids(sql).await?.first() == Some(&0))
}

/// The ledger's line about what the row has become; `before` is what it was, unless it is new.
#[expect(clippy::too_many_arguments, reason = "an event is who did what, when, why and to what")]
pub fn event_of(
    row: &Model,
    action: Action,
    before: Option<&Model>,
    at: i64,
    by_id: Option<i64>,
    authors: &[i64],
    reason: Option<RefusalReason>,
    note: Option<String>,
) -> initiative_event::Model {
    // Only what was sent in counts; a verified benefit counts as long as it is approved.
    let counted = before.filter(|before| before.submitted_at.is_some());
    let approved = counted.filter(|before| before.state == InitiativeState::Approved);
    initiative_event::Model {
        initiative_id: row.id,
        seq: row.version,
        action,
        from_state: before.map(|before| before.state),
        to_state: row.state,
        at,
        by_id,
        unit_id: row.unit_id,
        programme_id: row.programme_id,
        phase_id: row.phase_id,
        group_id: row.group_id,
        claimed_benefit: row.claimed_benefit,
        benefit_not_computable: row.benefit_not_computable,
        verified_benefit: row.verified_benefit,
        authors: serde_json::Value::from(authors).to_string(),
        reason,
        note,
        submitted_at: row.submitted_at,
        was_claim: counted.map_or(0, |before| before.counted_claim),
        was_opaque: counted.is_some_and(|before| before.counted_opaque),
        was_verified: approved.and_then(|before| before.verified_benefit).unwrap_or(0),
    }
}
