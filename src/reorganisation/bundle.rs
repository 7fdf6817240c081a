//! Records that a split gives to a part. They become a bundle: to the ledger a unit that has always been seated at the unit that is split,
//! so that nothing is another number; the plan then seats it at the part, as it seats what has ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::enums::{InitiativeState as State, Operation};
use entity::{initiative, participant, unit, unit_closure, unit_name};

use super::faults::PlanFaults;
use super::judge::of_another_bloc;
use super::sketch::{Bundle, Sketch, Sketched, State as Unit};
use super::step::Step;
use crate::app::App;
use crate::error::{Error, ErrorCode, Result, clip};
use crate::initiative::{counted_of, own_key};
use crate::ledger::{Delta, OwnKey, apply, become_inner};
use crate::store::{Conflict, RowLock, Sql, Tx};
use crate::text::message;
use crate::unit::restructure::rows;

/// What the codes of bundles begin with, and no other.
pub const HIDDEN: char = '~';

/// Puts the records that the steps name into the sketch, and holds them until the transaction ends; drafts among them just move.
pub async fn assign(tx: &Tx, sketch: &mut Sketch, steps: &[Step], faults: &mut PlanFaults) -> Result<()> {
    let mut assigned: HashSet<i64> = HashSet::new();
    for (place, step) in (1..).zip(steps).filter(|(_, step)| step.is_done() && step.operation == Operation::Split) {
        let Some(from) = step.input.units.first().and_then(|code| sketch.codes.get(code)).copied() else { continue };
        for (i, part) in step.input.parts.iter().enumerate().filter(|(_, part)| !part.initiatives.is_empty()) {
            let Some(to) = sketch.codes.get(&part.unit).copied() else { continue };
            let field = format!("parts.{i}.initiatives");
            let found = own(tx, from, &part.initiatives).await?;
            let known: HashSet<&str> = found.iter().map(|one| one.code.as_str()).collect();
            if let Some(missing) = part.initiatives.iter().find(|code| !known.contains(code.as_str())) {
                let (unit, code) = (sketch.code(from), clip(missing));
                let message =
                    message!("no initiative with code \"{code}\" is among the own ones of {unit}", code, unit);
                faults.add(place, &field, ErrorCode::UnknownCode, message);
            }
            if found.iter().any(|one| !assigned.insert(one.id)) {
                let message =
                    message!("an initiative goes to one part: {unit} is not the only one", unit = clip(&part.unit));
                faults.add(place, &field, ErrorCode::Invalid, message);
            }
            let bloc = sketch.get(from).and_then(|unit| unit.is.bloc.as_deref());
            if let Some(seat) = sketch.get(to).filter(|seat| seat.is.bloc.as_deref() != bloc) {
                faults.add(place, &field, ErrorCode::Invalid, of_another_bloc(sketch.code(from), bloc, seat));
            }
            let open =
                |one: &&initiative::Model| !matches!(one.state, State::Approved | State::Rejected | State::Revoked);
            sketch.authors.extend(found.iter().filter(open).map(|one| (one.first_author_id, from, to)));
            let (drafts, sent): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.submitted_at.is_none());
            sketch.drafts.extend(drafts.iter().map(|draft| (draft.id, to)));
            let mut lots: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
            for one in sent {
                lots.entry(one.unit_id).or_default().push(one.id);
            }
            for (of, initiatives) in lots {
                sketch.bundles.push(Bundle { of, from, to, step: place, initiatives });
            }
        }
    }
    Ok(())
}

/// Those of these that count as the unit's own: sent in there, or seated there since.
async fn own(tx: &Tx, unit: i64, codes: &[String]) -> Result<Vec<initiative::Model>> {
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql(
        "SELECT * FROM initiative WHERE unit_id IN (SELECT descendant_id FROM unit_closure WHERE distance = 0 AND NOT ended AND ancestor_id = ",
    );
    let (unit, these) = (sql.bind(unit), sql.any_text("code", &codes));
    sql.push(&format!("{unit}) AND {these} ORDER BY id{}", tx.dialect.row_lock(RowLock::Update)));
    tx.all(sql).await
}

/// Makes the bundles, seated where their records were, and has the sketch seat them at the parts. Under the tree's lock, with nothing
/// queued of these records.
pub async fn carve(app: &App, tx: &Tx, sketch: &mut Sketch) -> Result<()> {
    for bundle in std::mem::take(&mut sketch.bundles) {
        let of = rows::rows(tx, &[bundle.of]).await?.pop().ok_or_else(Error::id_not_found)?;
        become_inner(tx, bundle.from).await?;
        let row = plant(app, tx, &of).await?;
        take(tx, &bundle, row.id).await?;
        let was = Unit {
            code: row.code,
            name: row.name,
            name_en: row.name_en,
            kind: row.kind,
            parent: row.parent_id,
            coordinator: None,
            bloc: row.bloc,
            sector: row.sector,
            seat: bundle.from,
            ended: true,
        };
        let is = Unit { seat: sketch.seat(bundle.to, false), ..was.clone() };
        let began = row.begins_at.unwrap_or(row.created_at);
        sketch.units.insert(row.id, Sketched { was: Some(was), is, began, step: bundle.step });
    }
    Ok(())
}

/// A unit that has always been seated where the other was, or at it.
async fn plant(app: &App, tx: &Tx, from: &unit::Model) -> Result<unit::Model> {
    let id = app.new_id();
    let row = unit::Model {
        id,
        // No code that anybody could be given, or guess.
        code: format!("{HIDDEN}{}{}", app.new_id(), app.new_id()),
        coordinator_id: None,
        has_cells: false,
        ended_at: Some(from.created_at),
        bundle_of_id: from.bundle_of_id.or(Some(from.id)),
        ..from.clone()
    };
    tx.insert::<unit::Entity>(std::slice::from_ref(&row), Conflict::Fail).await?;
    let name = unit_name::Model {
        id: app.new_id(),
        unit_id: id,
        name: row.name.clone(),
        name_en: row.name_en.clone(),
        valid_from: from.created_at,
        valid_to: None,
        recorded_at: from.created_at,
    };
    tx.insert::<unit_name::Entity>(&[name], Conflict::Fail).await?;
    let mut sql = tx.sql("SELECT valid_from AS id FROM unit_placement WHERE superseded_at IS NULL AND unit_id = ");
    let unit = sql.bind(from.id);
    sql.push(&format!("{unit} ORDER BY valid_from LIMIT 1"));
    let began = tx.ids(sql).await?.pop().unwrap_or(from.created_at);
    let since = Since { recorded: from.created_at, held: began };
    let mut sql =
        tx.sql("INSERT INTO unit_closure (ancestor_id, descendant_id, distance, since, holds_from, seat_id, ended) ");
    let columns = since.columns(&mut sql, id);
    let (unit, seat) = (sql.bind(from.id), sql.bind(from.id));
    sql.push(&format!(
        "SELECT {columns}, COALESCE(seat_id, {seat}), FALSE FROM unit_closure WHERE descendant_id = {unit} AND NOT ended"
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql(
        "INSERT INTO unit_closure_past (ancestor_id, descendant_id, distance, since, holds_from, seat_id, until, holds_to, reported) ",
    );
    let columns = since.columns(&mut sql, id);
    let (unit, seat) = (sql.bind(from.id), sql.bind(from.id));
    sql.push(&format!(
        "SELECT {columns}, COALESCE(seat_id, {seat}), until, holds_to, reported FROM unit_closure_past WHERE descendant_id = {unit}"
    ));
    tx.run(sql).await?;
    let end = unit_closure::Model {
        ancestor_id: id,
        descendant_id: id,
        distance: 0,
        since: from.created_at,
        holds_from: None,
        seat_id: None,
        ended: true,
    };
    tx.insert::<unit_closure::Entity>(&[end], Conflict::Fail).await?;
    Ok(row)
}

/// When a unit began: rows of its closure since then bear no instant.
struct Since {
    recorded: i64,
    held: i64,
}

impl Since {
    /// Ancestor, descendant, distance, since and holds_from of the other unit's rows as rows of this one.
    fn columns(&self, sql: &mut Sql, unit: i64) -> String {
        let held = Some(self.held).filter(|held| *held != self.recorded);
        let (unit, recorded, held) = (sql.bind(unit), sql.bind(self.recorded), sql.bind(held));
        format!(
            "ancestor_id, CAST({unit} AS BIGINT), distance, CASE WHEN since = 0 THEN CAST({recorded} AS BIGINT) ELSE since END, \
             CASE WHEN since = 0 THEN CAST({held} AS BIGINT) ELSE holds_from END"
        )
    }
}

/// Makes the records those of the bundle.
async fn take(tx: &Tx, bundle: &Bundle, to: i64) -> Result<()> {
    let of = |sql: &mut Sql, column: &str| sql.any_id(column, &bundle.initiatives);
    let mut sql = tx.sql("SELECT * FROM initiative WHERE ");
    let these = of(&mut sql, "id");
    sql.push(&these);
    let records: HashMap<i64, initiative::Model> =
        tx.all::<initiative::Model>(sql).await?.into_iter().map(|one| (one.id, one)).collect();
    let mut sql = tx.sql("SELECT * FROM participant WHERE counted_to IS NULL AND ");
    let these = of(&mut sql, "initiative_id");
    sql.push(&these);
    let persons: Vec<participant::Model> = tx.all(sql).await?;
    let mut deltas = Vec::new();
    for record in records.values() {
        let (key, tally) = (own_key(record), counted_of(record));
        deltas.push(Delta::Initiatives { key, tally: tally.negated() });
        deltas.push(Delta::Initiatives { key: OwnKey { unit: to, ..key }, tally });
    }
    for person in &persons {
        let Some(key) = records.get(&person.initiative_id).map(own_key) else { continue };
        let account = person.account_id;
        deltas.push(Delta::Person { key, account, n: -1 });
        deltas.push(Delta::Person { key: OwnKey { unit: to, ..key }, account, n: 1 });
    }
    apply(tx, &deltas).await?;
    for (table, column) in
        [("initiative", "id"), ("initiative_event", "initiative_id"), ("participant", "initiative_id")]
    {
        let mut sql = tx.sql(format!("UPDATE {table} SET unit_id = "));
        let (to, from, these) = (sql.bind(to), sql.bind(bundle.of), of(&mut sql, column));
        sql.push(&format!("{to} WHERE unit_id = {from} AND {these}"));
        tx.run(sql).await?;
    }
    Ok(())
}
