//! Targets (chỉ tiêu): a cell as last set, never summed, inherited or divided; and every setting of it, kept.

use std::collections::HashMap;

use entity::enums::{Action, AuditObject, Bound, TargetKind, Visibility};
use entity::target::Model;
use entity::target_event;
use sea_orm::{ActiveEnum, FromQueryResult};
use serde::Serialize;

use super::find::{Definition, by_id, find_visible};
use crate::access::{Aggregates, Right, Viewer, aggregates, covered};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result, clip};
use crate::store::{Conflict, RowLock, Tx};
use crate::text::message;
use crate::unit;

/// Sets one cell of a unit.
#[derive(Clone, Debug, Serialize)]
pub struct TargetSet {
    pub unit: String,
    pub programme: String,
    #[serde(serialize_with = "kind_as_text")]
    pub kind: TargetKind,
    pub phase: Option<String>,
    pub bloc: Option<String>,
    pub value: i32,
    /// Is the value the least of it?
    pub at_least: bool,
}

/// Takes a target away.
#[derive(Clone, Debug, Serialize)]
pub struct TargetClear {
    pub id: i64,
}

fn kind_as_text<S: serde::Serializer>(kind: &TargetKind, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&kind.to_value())
}

/// GUIDELINE is set from above, the others by the unit itself.
fn right(kind: TargetKind) -> Right {
    match kind {
        TargetKind::Guideline => Right::SetGuideline,
        TargetKind::Registered | TargetKind::Planned => Right::Do(Action::SetTarget),
    }
}

impl Command for TargetSet {
    const NAME: &'static str = "targetSet";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let tx = work.tx;
        let unit = unit::find_for(tx, work.viewer, &self.unit, right(self.kind)).await?;
        let programme = find_visible(tx, work.viewer, &self.programme).await?;
        let mut faults = Faults::default();
        let (phase_id, bloc) = cell(&mut faults, &programme, self.phase.as_deref(), self.bloc.as_deref());
        if self.value < 1 {
            faults.add(
                ErrorCode::OutOfRange,
                "value",
                message!("value must be 1 or more; targetClear takes a target away"),
            );
        }
        faults.finish()?;
        hold_unit(tx, unit.id).await?;
        let set = Model {
            id: work.app.new_id(),
            unit_id: unit.id,
            programme_id: programme.row.id,
            kind: self.kind,
            phase_id,
            bloc,
            value: self.value,
            bound: if self.at_least { Bound::AtLeast } else { Bound::Exact },
            set_at: tx.stamp(&work.app.clock).await?,
        };
        let before = as_set(tx, &set).await?;
        let ids = write(tx, std::slice::from_ref(&set), Some(work.account), || work.app.new_id()).await?;
        let id = ids.first().copied().ok_or_else(Error::id_not_found)?;
        Ok(done(&Model { id, ..set.clone() }, &programme, before.as_ref(), Some(&set)))
    }
}

impl Command for TargetClear {
    const NAME: &'static str = "targetClear";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Target, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let tx = work.tx;
        let target = seen(tx, work.viewer, &[self.id]).await?.remove(&self.id).ok_or_else(Error::id_not_found)?;
        let units = unit::seen(tx, work.viewer, &[target.unit_id]).await?;
        let unit = units.get(&target.unit_id).ok_or_else(Error::id_not_found)?;
        unit::find_for(tx, work.viewer, &unit.row.code, right(target.kind)).await?;
        hold_unit(tx, target.unit_id).await?;
        // Read again: before the unit was held somebody else may have set or cleared it.
        let target = seen(tx, work.viewer, &[self.id]).await?.remove(&self.id).ok_or_else(Error::id_not_found)?;
        let at = tx.stamp(&work.app.clock).await?;
        clear(tx, std::slice::from_ref(&target), at, Some(work.account), || work.app.new_id()).await?;
        let programmes = by_id(tx, work.viewer, &[target.programme_id]).await?;
        let programme = programmes.get(&target.programme_id).ok_or_else(Error::id_not_found)?;
        Ok(done(&target, programme, Some(&target), None))
    }
}

/// What the audit log says: of which cell, and what stood in it before and after.
fn done(cell: &Model, programme: &Definition, before: Option<&Model>, after: Option<&Model>) -> Done {
    let value = |set: &Model| match set.bound {
        Bound::Exact => set.value.to_string(),
        Bound::AtLeast => format!("≥ {}", set.value),
    };
    let of = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.is_empty());
    let cell_was =
        |value: Option<String>| (value.clone().filter(|_| before.is_some()), value.filter(|_| after.is_some()));
    let (mut done, cell) = (
        Done::of(AuditObject::Target, cell.id, cell.unit_id),
        [
            ("programme", of(Some(&programme.row.code))),
            ("kind", Some(cell.kind.to_value())),
            ("phase", of(programme.phase_code(cell.phase_id))),
            ("bloc", of(Some(&cell.bloc))),
        ],
    );
    for (name, value) in cell {
        let (before, after) = cell_was(value);
        done = done.always(name, before, after);
    }
    done.field("value", before.map(value), after.map(value))
}

/// The cell as it stands; its unit is held.
async fn as_set(tx: &Tx, cell: &Model) -> Result<Option<Model>> {
    let mut sql = tx.sql("SELECT * FROM target WHERE unit_id = ");
    let (unit, programme) = (sql.bind(cell.unit_id), sql.bind(cell.programme_id));
    let (kind, phase) = (sql.bind(cell.kind.to_value()), sql.bind(cell.phase_id));
    let bloc = sql.bind(cell.bloc.as_str());
    sql.push(&format!(
        "{unit} AND programme_id = {programme} AND kind = {kind} AND phase_id = {phase} AND bloc = {bloc}"
    ));
    tx.one(sql).await
}

/// Makes whoever else sets or clears a target of the unit wait, so that their instants and their rows have one order. The unit may have
/// ended while this waited: its targets have passed on.
async fn hold_unit(tx: &Tx, unit: i64) -> Result<()> {
    let mut sql = tx.sql("SELECT * FROM unit WHERE id = ");
    let id = sql.bind(unit);
    sql.push(&format!("{id}{}", tx.dialect.row_lock(RowLock::Update)));
    let unit = tx.one(sql).await?.ok_or_else(Error::id_not_found)?;
    Ok(unit::check_alive(&unit, "unit")?)
}

/// The phase's id or 0, and the bloc's code or nothing.
pub fn cell(faults: &mut Faults, programme: &Definition, phase: Option<&str>, bloc: Option<&str>) -> (i64, String) {
    let phase_id = match phase {
        None => 0,
        Some(code) => programme.phase(code).map(|phase| phase.id).unwrap_or_else(|| {
            let message = message!(
                "programme {programme} has no phase \"{code}\"",
                programme = &programme.row.code,
                code = clip(code)
            );
            faults.add(ErrorCode::UnknownCode, "phase", message);
            0
        }),
    };
    let bloc = bloc.unwrap_or_default();
    if !bloc.is_empty() && !programme.blocs.iter().any(|known| known == bloc) {
        let message = message!(
            "programme {programme} uses no bloc \"{code}\"",
            programme = &programme.row.code,
            code = clip(bloc)
        );
        faults.add(ErrorCode::UnknownCode, "bloc", message);
    }
    (phase_id, bloc.to_owned())
}

/// Stores the cells as set and an event for each; answers their ids, which stay a cell's own. One cell stands once in `sets`.
pub async fn write(tx: &Tx, sets: &[Model], by: Option<i64>, new_id: impl Fn() -> i64) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(sets.len());
    let mut events = Vec::with_capacity(sets.len());
    let latest = latest(tx, sets).await?;
    for set in sets {
        let set = Model { set_at: after(&latest, set, set.set_at), ..set.clone() };
        // One statement: between two, somebody could clear the cell.
        let mut sql = tx
            .sql("INSERT INTO target (id, unit_id, programme_id, kind, phase_id, bloc, value, bound, set_at) VALUES (");
        let keys = [sql.bind(set.id), sql.bind(set.unit_id), sql.bind(set.programme_id), sql.bind(set.kind.to_value())];
        let cell = [sql.bind(set.phase_id), sql.bind(set.bloc.as_str())];
        let said = [sql.bind(set.value), sql.bind(set.bound.to_value()), sql.bind(set.set_at)];
        sql.push(&format!(
            "{}, {}, {}) ON CONFLICT (unit_id, programme_id, kind, phase_id, bloc) DO UPDATE SET value = excluded.value, \
             bound = excluded.bound, set_at = excluded.set_at RETURNING id",
            keys.join(", "),
            cell.join(", "),
            said.join(", ")
        ));
        let id = tx.ids(sql).await?.pop().ok_or_else(Error::id_not_found)?;
        let set = Model { id, ..set };
        events.push(event(new_id(), &set, Some((set.value, set.bound)), set.set_at, by));
        ids.push(id);
    }
    tx.insert::<target_event::Entity>(&events, Conflict::Fail).await?;
    Ok(ids)
}

/// Takes these targets away, with an event for each.
pub async fn clear(tx: &Tx, targets: &[Model], at: i64, by: Option<i64>, new_id: impl Fn() -> i64) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let latest = latest(tx, targets).await?;
    let mut sql = tx.sql("DELETE FROM target WHERE ");
    let these = sql.any_id("id", &targets.iter().map(|target| target.id).collect::<Vec<_>>());
    sql.push(&these);
    tx.run(sql).await?;
    let events = targets.iter().map(|target| event(new_id(), target, None, after(&latest, target, at), by));
    tx.insert::<target_event::Entity>(&events.collect::<Vec<_>>(), Conflict::Fail).await?;
    Ok(())
}

/// A cell: unit, programme, kind, phase, bloc.
type Cell = (i64, i64, String, i64, String);

fn cell_of(target: &Model) -> Cell {
    (target.unit_id, target.programme_id, target.kind.to_value(), target.phase_id, target.bloc.clone())
}

#[derive(FromQueryResult)]
struct Latest {
    unit_id: i64,
    programme_id: i64,
    kind: String,
    phase_id: i64,
    bloc: String,
    at: i64,
}

/// When each cell of these units was last set or cleared.
async fn latest(tx: &Tx, targets: &[Model]) -> Result<HashMap<Cell, i64>> {
    let mut units: Vec<i64> = targets.iter().map(|target| target.unit_id).collect();
    units.sort_unstable();
    units.dedup();
    let mut sql = tx.sql("SELECT unit_id, programme_id, kind, phase_id, bloc, MAX(at) AS at FROM target_event WHERE ");
    let these = sql.any_id("unit_id", &units);
    sql.push(&format!("{these} GROUP BY unit_id, programme_id, kind, phase_id, bloc"));
    let rows = tx.all::<Latest>(sql).await?.into_iter();
    Ok(rows.map(|row| ((row.unit_id, row.programme_id, row.kind, row.phase_id, row.bloc), row.at)).collect())
}

/// The instant, but later than whatever the cell said before: of two settings at one instant nobody could tell the last.
fn after(latest: &HashMap<Cell, i64>, target: &Model, at: i64) -> i64 {
    latest.get(&cell_of(target)).map_or(at, |last| at.max(last + 1))
}

fn event(id: i64, target: &Model, set: Option<(i32, Bound)>, at: i64, by_id: Option<i64>) -> target_event::Model {
    target_event::Model {
        id,
        target_id: target.id,
        unit_id: target.unit_id,
        programme_id: target.programme_id,
        kind: target.kind,
        phase_id: target.phase_id,
        bloc: target.bloc.clone(),
        value: set.map(|(value, _)| value),
        bound: set.map(|(_, bound)| bound),
        at,
        by_id,
    }
}

/// A target with what decides whether it shows.
#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    target: Model,
    depth: i32,
    in_scope: bool,
    visibility: Visibility,
    public_level: i32,
}

/// Those of the targets that the viewer sees: where their programme's aggregates at their unit show; one statement.
pub async fn seen(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Model>> {
    let mut sql = tx.sql("");
    let in_scope = covered(&mut sql, viewer, Right::ReadAggregates, "t.unit_id");
    let these = sql.any_id("t.id", ids);
    sql.push(&format!(
        "SELECT t.*, u.depth, {in_scope} AS in_scope, p.visibility, p.public_level FROM target t \
         JOIN unit u ON u.id = t.unit_id JOIN programme p ON p.id = t.programme_id WHERE {these}"
    ));
    let shows =
        |row: &Row| aggregates(viewer, row.in_scope, row.depth, row.visibility, row.public_level) != Aggregates::None;
    let rows = tx.all::<Row>(sql).await?.into_iter().filter(shows);
    Ok(rows.map(|row| (row.target.id, row.target)).collect())
}

/// All targets of the units in a programme, in the order of kind, phase and bloc; one statement.
pub async fn of_units(tx: &Tx, programme: i64, units: &[i64]) -> Result<HashMap<i64, Vec<Model>>> {
    let mut sql = tx.sql("SELECT t.* FROM target t LEFT JOIN phase f ON f.id = t.phase_id WHERE t.programme_id = ");
    let programme = sql.bind(programme);
    let these = sql.any_id("t.unit_id", units);
    sql.push(&format!("{programme} AND {these} ORDER BY t.kind, COALESCE(f.position, -1), t.bloc"));
    let mut found: HashMap<i64, Vec<Model>> = HashMap::new();
    for target in tx.all::<Model>(sql).await? {
        found.entry(target.unit_id).or_default().push(target);
    }
    Ok(found)
}
