//! The faces of units for hot queries: what is told of a unit with how much of it shows, without what only sorts and searches.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use sea_orm::{ActiveEnum, QueryResult};
use serde::Deserialize;

use super::find::SeenUnit;
use super::list::UnitOrder;
use crate::access::{Sight, Viewer, sight_of_shown};
use crate::error::{Error, Result};
use crate::store::{Columns, Lean, ListRow, Lists, Sql, Tx, truth};

/// A unit as its viewer sees it.
#[derive(Clone, Debug)]
pub struct Face {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    pub bloc: Option<String>,
    pub sector: Option<String>,
    pub established_on: Option<NaiveDate>,
    pub dissolved_on: Option<NaiveDate>,
    pub depth: i32,
    /// Has had sub-units: cells are kept for it.
    pub has_cells: bool,
    pub sight: Sight,
}

/// In the order of [`Row`]; what [`sight_of_shown`] adds stands behind.
const COLUMNS: &str =
    "u.id, u.code, u.name, u.name_en, u.kind, u.bloc, u.sector, u.established_on, u.dissolved_on, u.depth, u.has_cells";

impl Face {
    /// Whether a grant covers the unit.
    pub fn in_scope(&self) -> bool {
        self.sight == Sight::Whole
    }
}

impl From<&SeenUnit> for Face {
    fn from(seen: &SeenUnit) -> Face {
        let row = &seen.row;
        Face {
            id: row.id,
            code: row.code.clone(),
            name: row.name.clone(),
            name_en: row.name_en.clone(),
            kind: row.kind,
            bloc: row.bloc.clone(),
            sector: row.sector.clone(),
            established_on: row.established_on,
            dissolved_on: row.dissolved_on,
            depth: row.depth,
            has_cells: row.has_cells,
            sight: seen.sight,
        }
    }
}

/// Those of the units that have these codes, or had them, that the viewer sees, with the codes asked for; one statement, and two more
/// where a code is nobody's now.
pub async fn faces_by_code(tx: &Tx, viewer: Viewer, codes: &[String]) -> Result<Vec<(String, Arc<Face>)>> {
    // No code has a NUL, and PostgreSQL takes none.
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("");
    let (joined, sight, shows) = sight_of_shown(&mut sql, viewer, "u");
    let these = sql.keyed_text("u.code", &codes);
    sql.push(&format!(
        "SELECT {COLUMNS}, {sight} FROM unit u{joined} WHERE {these} AND u.bundle_of_id IS NULL AND {shows}"
    ));
    let mut found: Vec<(String, Arc<Face>)> =
        faces(tx.lean(sql).await?)?.into_iter().map(|face| (face.code.clone(), face)).collect();
    let missing: Vec<&String> =
        codes.into_iter().filter(|code| !found.iter().any(|(known, _)| known == *code)).collect();
    if !missing.is_empty() {
        found.extend(faces_by_earlier_code(tx, viewer, &missing).await?);
    }
    Ok(found)
}

async fn faces_by_earlier_code(tx: &Tx, viewer: Viewer, codes: &[&String]) -> Result<Vec<(String, Arc<Face>)>> {
    let mut sql = tx.sql("SELECT * FROM unit_code WHERE ");
    let these = sql.any_text("code", codes);
    sql.push(&these);
    let earlier: Vec<entity::unit_code::Model> = tx.all(sql).await?;
    let ids: Vec<i64> = earlier.iter().map(|row| row.unit_id).collect();
    let mut sql = tx.sql("");
    let (joined, sight, shows) = sight_of_shown(&mut sql, viewer, "u");
    let these = sql.any_id("u.id", &ids);
    sql.push(&format!(
        "SELECT {COLUMNS}, {sight} FROM unit u{joined} WHERE {these} AND u.bundle_of_id IS NULL AND {shows}"
    ));
    let faces = faces(tx.lean(sql).await?)?;
    let of = |row: entity::unit_code::Model| {
        let face = faces.iter().find(|face| face.id == row.unit_id)?;
        Some((row.code, face.clone()))
    };
    Ok(earlier.into_iter().filter_map(of).collect())
}

/// The first so many units directly below a unit that exist for the viewer; one statement.
pub async fn faces_below(
    tx: &Tx,
    viewer: Viewer,
    parent: i64,
    order: UnitOrder,
    limit: usize,
) -> Result<Vec<Arc<Face>>> {
    let mut sql = tx.sql("");
    let (joined, sight, shows) = sight_of_shown(&mut sql, viewer, "u");
    let parent = sql.bind(parent);
    let order = ordering(order, "u.");
    sql.push(&format!(
        "SELECT {COLUMNS}, {sight} FROM unit u{joined} WHERE u.parent_id = {parent} AND u.ended_at IS NULL AND {shows} ORDER BY {order} LIMIT {limit}"
    ));
    faces(tx.lean(sql).await?)
}

/// A table of the unit with this code that the viewer sees, with how much of it shows; for [`face_list`].
pub fn face_table_by_code(sql: &mut Sql, viewer: Viewer, code: &str) -> String {
    let (joined, sight, shows) = sight_of_shown(sql, viewer, "u");
    let this = sql.keyed_text("u.code", &[code]);
    format!("SELECT {COLUMNS}, {sight} FROM unit u{joined} WHERE {this} AND u.bundle_of_id IS NULL AND {shows}")
}

/// The same of the first so many units directly below that of another such table.
pub fn face_table_below(sql: &mut Sql, viewer: Viewer, parent: &str, order: UnitOrder, limit: usize) -> String {
    let (joined, sight, shows) = sight_of_shown(sql, viewer, "u");
    format!(
        "SELECT {COLUMNS}, u.name_sort, {sight} FROM unit u{joined} WHERE u.parent_id = (SELECT id FROM {parent}) \
         AND u.ended_at IS NULL AND {shows} ORDER BY {} LIMIT {limit}",
        ordering(order, "u.")
    )
}

/// The faces of such a table as a list, in the order, where there is one.
pub fn face_list(lists: &mut Lists, table: &str, order: Option<UnitOrder>) {
    let place = match order {
        Some(order) => format!("row_number() OVER (ORDER BY {})", ordering(order, "")),
        None => "0".to_owned(),
    };
    let truth = |column: &str| format!("CAST({column} AS INTEGER)");
    let numbers = [
        place,
        "id".to_owned(),
        "depth".to_owned(),
        truth("has_cells"),
        truth("in_scope"),
        truth("above_scope"),
        "face_level".to_owned(),
    ];
    let texts = ["code", "name", "name_en", "kind", "bloc", "sector", "established_on", "dissolved_on"];
    lists.list(Columns::new(&numbers, &texts), table.to_owned());
}

/// What [`face_list`] lists.
pub fn listed_faces(mut rows: Vec<ListRow>) -> Result<Vec<Arc<Face>>> {
    rows.sort_unstable_by_key(|row| row.maybe(0));
    let faces = rows.iter_mut().map(|row| {
        let day = |text: Option<String>| text.map(|day| day.parse::<NaiveDate>()).transpose();
        let unreadable = |error| Error::Internal(format!("a day cannot be read: {error}"));
        let int = |at| Ok::<i32, Error>(i32::try_from(row.number(at)?).unwrap_or(i32::MAX));
        let (depth, face_level) = (int(2)?, int(6)?);
        let Some(sight) = Sight::of(depth, row.truth(4)?, row.truth(5)?, face_level) else { return Ok(None) };
        Ok(Some(Arc::new(Face {
            id: row.number(1)?,
            depth,
            has_cells: row.truth(3)?,
            sight,
            code: row.text(0)?,
            name: row.text(1)?,
            name_en: row.maybe_text(2),
            kind: UnitKind::try_from_value(&row.text(3)?)?,
            bloc: row.maybe_text(4),
            sector: row.maybe_text(5),
            established_on: day(row.maybe_text(6)).map_err(unreadable)?,
            dissolved_on: day(row.maybe_text(7)).map_err(unreadable)?,
        })))
    });
    faces.filter_map(Result::transpose).collect()
}

fn ordering(order: UnitOrder, alias: &str) -> String {
    match order {
        UnitOrder::NameAsc => format!("{alias}name_sort, {alias}code"),
        UnitOrder::NameDesc => format!("{alias}name_sort DESC, {alias}code DESC"),
        UnitOrder::CodeAsc => format!("{alias}code"),
        UnitOrder::CodeDesc => format!("{alias}code DESC"),
    }
}

/// A row of [`COLUMNS`], and how much of the unit shows.
#[derive(Deserialize)]
struct Row(
    i64,
    String,
    String,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    i32,
    #[serde(deserialize_with = "truth")] bool,
    #[serde(deserialize_with = "truth")] bool,
    #[serde(deserialize_with = "truth")] bool,
    i32,
);

impl Lean for Row {
    const COLUMNS: usize = 14;

    fn read(row: &QueryResult) -> std::result::Result<Row, sea_orm::DbErr> {
        Ok(Row(
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
            row.try_get_by_index(3)?,
            row.try_get_by_index(4)?,
            row.try_get_by_index(5)?,
            row.try_get_by_index(6)?,
            row.try_get_by_index(7)?,
            row.try_get_by_index(8)?,
            row.try_get_by_index(9)?,
            row.try_get_by_index(10)?,
            row.try_get_by_index(11)?,
            row.try_get_by_index(12)?,
            row.try_get_by_index(13)?,
        ))
    }
}

fn faces(rows: Vec<Row>) -> Result<Vec<Arc<Face>>> {
    let face = |row: Row| {
        let Row(id, code, name, name_en, kind, bloc, sector, established_on, dissolved_on, depth, has_cells, ..) = row;
        let sight = Sight::of(depth, row.11, row.12, row.13)?;
        let face = |kind| Face {
            id,
            code,
            name,
            name_en,
            kind,
            bloc,
            sector,
            established_on,
            dissolved_on,
            depth,
            has_cells,
            sight,
        };
        Some(UnitKind::try_from_value(&kind).map(|kind| Arc::new(face(kind))).map_err(Error::from))
    };
    rows.into_iter().filter_map(face).collect()
}
