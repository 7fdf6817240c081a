//! `reorganisationUndo`: the structure as it was, by a plan that compensates, as long as nothing contradicts it.

use entity::enums::ReorganisationState;
use entity::reorganisation;
use serde::Serialize;

use super::apply::{applied, done};
use super::bundle::HIDDEN;
use super::draft::{begun, may_draw};
use super::effect::hold;
use super::faults::PlanFaults;
use super::find::{changes_of, held};
use super::judge;
use super::plan::Carried;
use super::restore::restore;
use super::sketch::{Sketch, Sketched, State};
use crate::account::go_back;
use crate::clock::local_day;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::lock_tree;
use crate::store::{Conflict, Tx};
use crate::text::{self, message};

#[derive(Clone, Debug, Serialize)]
pub struct Undo {
    pub code: String,
    pub reason: Option<String>,
}

impl Command for Undo {
    const NAME: &'static str = "reorganisationUndo";

    fn about(&self) -> About<'_> {
        About::Federation
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx) = (work.app, work.tx);
        let reason = text::optional("reason", self.reason.as_deref(), 2_000).map_err(Error::from)?;
        let undone = held(tx, work.viewer, &self.code).await?;
        may_draw(work, &undone).await?;
        if undone.state != ReorganisationState::Applied {
            let message = message!("{code} is not applied: there is nothing to undo", code = &undone.code);
            return Err(Error::user(ErrorCode::IllegalState, "code", message));
        }
        lock_tree(tx).await?;
        let mut faults = PlanFaults::default();
        let day = local_day(app.config.time_zone, app.now());
        let sketch = backwards(tx, &undone, day, &mut faults).await?;
        judge::tree(&sketch, &mut faults);

        let code = code(work, &undone).await?;
        let name = format!("{}: UNDO", undone.name);
        let row = begun(app, work.account, code, name, undone.unit_id, reason, None);
        let row = reorganisation::Model {
            undoes_id: Some(undone.id),
            proposed_by: Some(work.account),
            proposed_at: Some(app.now()),
            ..row
        };
        tx.insert::<reorganisation::Entity>(std::slice::from_ref(&row), Conflict::Fail).await?;
        let carried =
            Carried { app, tx, viewer: work.viewer, by: work.account, row: &row, scheduled: false, told: &[] };
        go_back(tx, undone.id, undone.applied_at.unwrap_or(0)).await?;
        let (moment, report) = carried.finish(sketch, faults).await?;
        let row = applied(&row, moment, &report)?;
        tx.update::<reorganisation::Entity>(&row, &[]).await?;
        let mut sql = tx.sql("UPDATE unit_lineage SET valid_to = ");
        let (at, id) = (sql.bind(moment.effective), sql.bind(undone.id));
        sql.push(&format!("{at} WHERE reorganisation_id = {id} AND valid_to IS NULL"));
        tx.run(sql).await?;
        let state = ReorganisationState::Undone;
        let undone = reorganisation::Model { state, version: undone.version + 1, undone_by_id: Some(row.id), ..undone };
        tx.update::<reorganisation::Entity>(&undone, &[]).await?;
        Ok(done(&row).field("undoes", None, Some(undone.code)))
    }
}

/// The plan's own code with UNDO behind it; codes have at most 40 characters, and somebody may have it already.
async fn code(work: &Work<'_>, undone: &reorganisation::Model) -> Result<String> {
    let clipped = undone.code.get(..undone.code.len().min(28)).unwrap_or(&undone.code);
    let code = format!("{clipped}-UNDO-{}", undone.version);
    let mut sql = work.tx.sql("SELECT id FROM reorganisation WHERE code = ");
    let bound = sql.bind(code.as_str());
    sql.push(&bound);
    Ok(match work.tx.ids(sql).await?.is_empty() {
        true => code,
        false => format!("R-{}", crate::initiative::new_code(work.app).trim_start_matches("SK-")),
    })
}

/// The tree as it was before, as far as it is still what the plan made of it.
async fn backwards(
    tx: &Tx,
    undone: &reorganisation::Model,
    day: chrono::NaiveDate,
    faults: &mut PlanFaults,
) -> Result<Sketch> {
    let state = |text: &str| -> Result<State> {
        serde_json::from_str(text).map_err(|error| Error::Internal(format!("a unit's state: {error}")))
    };
    let changes = changes_of(tx, undone.id).await?;
    let ids: Vec<i64> = changes.iter().map(|change| change.unit_id).collect();
    let mut sketch = Sketch::of_units(tx, &ids, day).await?;
    let mut made = Vec::new();
    for change in &changes {
        let became = state(&change.became)?;
        let code = told(&sketch, change.unit_id).to_owned();
        let Some(unit) = sketch.units.get_mut(&change.unit_id) else { continue };
        if unit.is != became {
            let message = message!("{unit} has changed since: that is to be taken back first", unit = code);
            faults.add(0, "code", ErrorCode::IllegalState, message);
            continue;
        }
        match &change.was {
            Some(was) => unit.is = state(was)?,
            None => made.push(change.unit_id),
        }
    }
    let mut sql = tx.sql("SELECT successor_id AS id FROM unit_lineage WHERE reorganisation_id = ");
    let (one, two) = (sql.bind(undone.id), sql.bind(undone.id));
    sql.push(&format!("{one} UNION SELECT predecessor_id FROM unit_lineage WHERE reorganisation_id = {two}"));
    // What the plan made keeps its targets among its past.
    let mut lasting = [ids.clone(), tx.ids(sql).await?].concat();
    lasting.retain(|id| !made.contains(id));
    restore(tx, &mut sketch, &lasting, undone.applied_at.unwrap_or(0)).await?;
    // Where they stood before, and all above.
    sketch.add_above(tx).await?;
    hold(tx, &made).await?;
    for unit in made {
        leave_empty(tx, &mut sketch, unit, faults).await?;
    }
    follow(tx, &mut sketch, &ids).await?;
    stand(&sketch, faults);
    Ok(sketch)
}

/// What ended since and was seated at a unit that ends by this goes with it, as long as there are no records that would be credited to
/// somebody else.
async fn follow(tx: &Tx, sketch: &mut Sketch, plan: &[i64]) -> Result<()> {
    let ends = |sketch: &Sketch, id: i64| sketch.get(id).is_some_and(Sketched::ends);
    let seated =
        sketch.units.iter().filter(|(id, unit)| unit.is.ended && !plan.contains(id) && ends(sketch, unit.is.seat));
    let seated: Vec<i64> = seated.map(|(id, _)| *id).collect();
    let mut sql = tx.sql("SELECT DISTINCT unit_id AS id FROM initiative WHERE ");
    let these = sql.any_id("unit_id", &seated);
    sql.push(&these);
    let full = tx.ids(sql).await?;
    for id in seated.into_iter().filter(|id| !full.contains(id)) {
        let seat = sketch.seat(sketch.seat(id, false), false);
        if let Some(unit) = sketch.units.get_mut(&id) {
            unit.is.seat = seat;
        }
    }
    Ok(())
}

/// How messages call it: a bundle of records by the unit at which they are.
fn told(sketch: &Sketch, id: i64) -> &str {
    match sketch.code(id).starts_with(HIDDEN) {
        true => sketch.code(sketch.seat(id, false)),
        false => sketch.code(id),
    }
}

/// Nobody stands below, is seated at, or is coordinated by what has ended meanwhile, or ends by this.
fn stand(sketch: &Sketch, faults: &mut PlanFaults) {
    let ended = |id: &i64| sketch.get(*id).is_some_and(|unit| unit.is.ended);
    let mut against: Vec<&str> = Vec::new();
    for unit in sketch.units.values() {
        let needs = if unit.is.ended { [Some(unit.is.seat), None] } else { [unit.is.parent, unit.is.coordinator] };
        against.extend(needs.into_iter().flatten().filter(ended).map(|id| told(sketch, id)));
    }
    against.sort_unstable();
    against.dedup();
    for unit in against {
        let message = message!("{unit} has changed since: that is to be taken back first", unit);
        faults.add(0, "code", ErrorCode::IllegalState, message);
    }
}

/// What the plan made ends; it must have nothing of its own. Grants on it go on reading its past.
async fn leave_empty(tx: &Tx, sketch: &mut Sketch, id: i64, faults: &mut PlanFaults) -> Result<()> {
    let mut sql = tx.sql("SELECT COUNT(*) AS id FROM initiative WHERE unit_id = ");
    let (bound, sent) = (sql.bind(id), sketch.drafts.keys().copied().collect::<Vec<_>>());
    let going = sql.any_id("id", &sent);
    sql.push(&format!("{bound} AND NOT {going}"));
    let records = tx.ids(sql).await?.pop().unwrap_or(0);
    let children = sketch.units.values().filter(|unit| !unit.is.ended && unit.is.parent == Some(id)).count();
    let code = sketch.code(id).to_owned();
    if records > 0 || children > 0 {
        let message = message!(
            "{unit} has {n} initiative(s) and {children} unit(s) below it that came since",
            unit = code,
            n = records,
            children
        );
        faults.add(0, "code", ErrorCode::IllegalState, message);
    }
    let parent = sketch.get(id).and_then(|unit| unit.is.parent).unwrap_or(id);
    if let Some(unit) = sketch.units.get_mut(&id) {
        (unit.is.ended, unit.is.seat) = (true, parent);
    }
    Ok(())
}
