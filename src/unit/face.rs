//! The faces of units for hot queries: what is told of a unit with how much of it shows, without what only sorts and searches.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use sea_orm::ActiveEnum;

use super::find::SeenUnit;
use super::list::UnitOrder;
use crate::access::{Sight, Viewer, sight_of_shown, sight_of_shown_below};
use crate::error::{Error, Result};
use crate::store::{Tx, lean_row, truth};

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
    parent: &Face,
    order: UnitOrder,
    limit: usize,
) -> Result<Vec<Arc<Face>>> {
    let mut sql = tx.sql("");
    let (joined, sight, shows) = sight_of_shown_below(&mut sql, viewer, parent.sight, "u");
    let parent = sql.bind(parent.id);
    let order = match order {
        UnitOrder::NameAsc => "u.name_sort, u.code",
        UnitOrder::NameDesc => "u.name_sort DESC, u.code DESC",
        UnitOrder::CodeAsc => "u.code",
        UnitOrder::CodeDesc => "u.code DESC",
    };
    sql.push(&format!(
        "SELECT {COLUMNS}, {sight} FROM unit u{joined} WHERE u.parent_id = {parent} AND u.ended_at IS NULL AND {shows} ORDER BY {order} LIMIT {limit}"
    ));
    faces(tx.lean(sql).await?)
}

lean_row!(
    /// A row of [`COLUMNS`], and how much of the unit shows.
    Row {
        id: i64,
        code: String,
        name: String,
        name_en: Option<String>,
        kind: String,
        bloc: Option<String>,
        sector: Option<String>,
        established_on: Option<NaiveDate>,
        dissolved_on: Option<NaiveDate>,
        depth: i32,
        #[serde(deserialize_with = "truth")]
        has_cells: bool,
        #[serde(deserialize_with = "truth")]
        in_scope: bool,
        #[serde(deserialize_with = "truth")]
        above_scope: bool,
        face_level: i32,
    }
);

fn faces(rows: Vec<Row>) -> Result<Vec<Arc<Face>>> {
    let face = |row: Row| {
        let sight = Sight::of(row.depth, row.in_scope, row.above_scope, row.face_level)?;
        let face = |kind| Face {
            id: row.id,
            code: row.code,
            name: row.name,
            name_en: row.name_en,
            kind,
            bloc: row.bloc,
            sector: row.sector,
            established_on: row.established_on,
            dissolved_on: row.dissolved_on,
            depth: row.depth,
            has_cells: row.has_cells,
            sight,
        };
        Some(UnitKind::try_from_value(&row.kind).map(|kind| Arc::new(face(kind))).map_err(Error::from))
    };
    rows.into_iter().filter_map(face).collect()
}
