//! The only doors to a unit's row.

use std::collections::HashMap;
use std::sync::Arc;

use entity::unit::Model;
use sea_orm::FromQueryResult;

use crate::access::{Right, Sight, Viewer, covered, places, sight_columns};
use crate::error::{Error, ErrorCode, Result, UserError};
use crate::store::Tx;
use crate::text::message;

/// A unit together with how much of it its viewer sees.
#[derive(Clone, Debug)]
pub struct SeenUnit {
    pub row: Model,
    pub sight: Sight,
}

impl SeenUnit {
    /// Whether a grant covers the unit.
    pub fn in_scope(&self) -> bool {
        self.sight == Sight::Whole
    }
}

/// A row with the columns of [`sight_columns`].
#[derive(FromQueryResult)]
pub(super) struct SightRow {
    #[sea_orm(nested)]
    unit: Model,
    in_scope: bool,
    above_scope: bool,
    face_level: i32,
}

impl SightRow {
    fn seen_at_least_face(self) -> Arc<SeenUnit> {
        let sight = Sight::of(self.unit.depth, self.in_scope, self.above_scope, self.face_level);
        Arc::new(SeenUnit { row: self.unit, sight: sight.unwrap_or(Sight::Face) })
    }

    pub(super) fn seen(self) -> Option<Arc<SeenUnit>> {
        let sight = Sight::of(self.unit.depth, self.in_scope, self.above_scope, self.face_level)?;
        Some(Arc::new(SeenUnit { row: self.unit, sight }))
    }
}

#[derive(FromQueryResult)]
struct IdRow {
    asked: i64,
    #[sea_orm(nested)]
    row: SightRow,
}

/// These units with the columns of sight; of a bundle of records the unit in which they were sent in.
async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<Vec<IdRow>> {
    let mut sql = tx.sql("");
    let sight = sight_columns(&mut sql, viewer, "u");
    let these = sql.keyed_id("b.id", ids);
    sql.push(&format!(
        "SELECT b.id AS asked, u.*, {sight} FROM unit b JOIN unit u ON u.id = COALESCE(b.bundle_of_id, b.id) WHERE {these}"
    ));
    tx.all(sql).await
}

/// Those of the units that the viewer sees, by the ids asked for; one statement.
pub async fn seen(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenUnit>>> {
    let found = by_id(tx, viewer, ids).await?.into_iter();
    Ok(found.filter_map(|line| Some((line.asked, line.row.seen()?))).collect())
}

#[derive(FromQueryResult)]
struct CodeRow {
    asked: String,
    #[sea_orm(nested)]
    row: SightRow,
}

/// Those of the units that have these codes, or had them, that the viewer sees, by the codes asked for; one statement.
pub async fn seen_by_code(tx: &Tx, viewer: Viewer, codes: &[String]) -> Result<HashMap<String, Arc<SeenUnit>>> {
    // No code has a NUL, and PostgreSQL takes none.
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("");
    let sight = sight_columns(&mut sql, viewer, "u");
    let (now, before) = (sql.keyed_text("code", &codes), sql.keyed_text("code", &codes));
    sql.push(&format!(
        "SELECT k.code AS asked, u.*, {sight} FROM (SELECT code, id FROM unit WHERE {now} UNION ALL \
         SELECT code, unit_id FROM unit_code WHERE {before}) k JOIN unit u ON u.id = k.id AND u.bundle_of_id IS NULL"
    ));
    let found = tx.all::<CodeRow>(sql).await?.into_iter();
    Ok(found.filter_map(|line| Some((line.asked, line.row.seen()?))).collect())
}

/// The units of records that the viewer may read, whatever else he sees of them: at least their faces. Only for such records.
pub async fn seen_beside_record(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenUnit>>> {
    let rows = by_id(tx, viewer, ids).await?.into_iter();
    Ok(rows.map(|line| (line.asked, line.row.seen_at_least_face())).collect())
}

/// Those of the units of which every direct unit is in the viewer's scope; one statement.
pub async fn with_all_children_in_scope(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<Vec<i64>> {
    let mut sql = tx.sql("");
    let in_scope = covered(&mut sql, viewer, Right::ReadAggregates, "u.id");
    let units = sql.id_table(ids);
    sql.push(&format!(
        "SELECT o.id FROM {units} o WHERE NOT EXISTS (SELECT 1 FROM unit u WHERE u.parent_id = o.id AND u.ended_at IS NULL AND NOT {in_scope})"
    ));
    tx.ids(sql).await
}

/// The unit with this code as the viewer sees it, or NOT_FOUND.
pub async fn find_visible(tx: &Tx, viewer: Viewer, code: &str) -> Result<Arc<SeenUnit>> {
    let mut found = seen_by_code(tx, viewer, &[code.to_owned()]).await?;
    found.remove(code).ok_or_else(|| Error::unit_not_found(code))
}

/// The unit with this code, for something that needs the right: NOT_FOUND where it is invisible, FORBIDDEN where it is visible
/// and no grant gives the right.
pub async fn find_for(tx: &Tx, viewer: Viewer, code: &str, right: Right) -> Result<Model> {
    let unit = find_visible(tx, viewer, code).await?;
    let places = places(tx, viewer, &[unit.row.id]).await?;
    if !places.values().any(|places| places.permit(right)) {
        let message = message!("you have no role at {unit} or above that allows this", unit = &unit.row.code);
        return Err(Error::Forbidden(message));
    }
    if !right.reads() {
        check_alive(&unit.row, "unit")?;
    }
    Ok(unit.row.clone())
}

/// Nothing new is done to a unit that has ended.
pub fn check_alive(unit: &Model, field: &str) -> std::result::Result<(), UserError> {
    if unit.ended_at.is_none() {
        return Ok(());
    }
    let day = unit.dissolved_on.map(|day| day.to_string()).unwrap_or_default();
    let message =
        message!("{unit} ended on {day}: its successors tell who has what was its own", unit = &unit.code, day);
    Err(UserError::new(ErrorCode::IllegalState, field, message))
}

#[derive(FromQueryResult)]
struct AncestorRow {
    owner: i64,
    #[sea_orm(nested)]
    row: SightRow,
}

/// The visible ancestors of each unit, root first, without itself; one statement.
pub async fn ancestors(tx: &Tx, viewer: Viewer, units: &[i64]) -> Result<HashMap<i64, Vec<Arc<SeenUnit>>>> {
    let mut sql = tx.sql("");
    let sight = sight_columns(&mut sql, viewer, "u");
    let these = sql.keyed_id("c.descendant_id", units);
    sql.push(&format!(
        "SELECT c.descendant_id AS owner, u.*, {sight} FROM unit_closure c JOIN unit u ON u.id = c.ancestor_id \
         WHERE c.distance > 0 AND {these} ORDER BY c.distance DESC"
    ));
    let mut found: HashMap<i64, Vec<_>> = HashMap::new();
    for line in tx.all::<AncestorRow>(sql).await? {
        found.entry(line.owner).or_default().extend(line.row.seen());
    }
    Ok(found)
}

/// A unit that has been authorised, as it is now that a lock is held.
pub(super) async fn reread(tx: &Tx, id: i64) -> Result<Model> {
    let mut sql = tx.sql("SELECT * FROM unit WHERE id = ");
    let bound = sql.bind(id);
    sql.push(&bound);
    tx.one(sql).await?.ok_or_else(Error::id_not_found)
}
