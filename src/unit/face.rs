//! The faces of units for hot queries: what is told of a unit with how much of it shows, without what only sorts and searches.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::enums::UnitKind;
use sea_orm::ActiveEnum;

use super::find::SeenUnit;
use super::list::UnitOrder;
use crate::access::{Sight, Viewer, sight_of_shown, sight_of_shown_below};
use crate::error::{Error, Result};
use crate::store::{Sql, Tx, lean_row, truth};

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

/// In the order of [`FaceRow`]; what [`sight_of_shown`] adds stands behind.
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
    let (parent, order) = (sql.bind(parent.id), sorted(order));
    sql.push(&format!(
        "SELECT {COLUMNS}, {sight} FROM unit u{joined} WHERE u.parent_id = {parent} AND u.ended_at IS NULL AND {shows} ORDER BY {order} LIMIT {limit}"
    ));
    faces(tx.lean(sql).await?)
}

fn sorted(order: UnitOrder) -> &'static str {
    match order {
        UnitOrder::NameAsc => "u.name_sort, u.code",
        UnitOrder::NameDesc => "u.name_sort DESC, u.code DESC",
        UnitOrder::CodeAsc => "u.code",
        UnitOrder::CodeDesc => "u.code DESC",
    }
}

/// What stands below a unit: in this order, so many at most, where the viewer sees so much of the unit.
pub type Below = (UnitOrder, usize, Sight);

/// A table of the unit that has this code now, where the viewer sees it, and of the first so many units directly below it that do: the
/// columns of [`FaceRow::columns`], and `place`, 0 for the unit and counted from 1 for those below. What stands below is found as
/// [`faces_below`] finds it, the unit as [`faces_by_code`] does; nothing below it is, where the viewer sees less of it than was said.
pub fn face_and_below(sql: &mut Sql, viewer: Viewer, code: &str, below: Option<Below>) -> String {
    let (joined, sight, shows) = sight_of_shown(sql, viewer, "u");
    let this = sql.keyed_text("u.code", &[code]);
    let unit = format!(
        "SELECT 0 AS place, {COLUMNS}, {sight} FROM unit u{joined} WHERE {this} AND u.bundle_of_id IS NULL AND {shows}"
    );
    let Some((order, limit, above)) = below else { return format!("({unit})") };
    let (joined, sight, shows) = sight_of_shown_below(sql, viewer, above, "u");
    let known = if above == Sight::Whole { "f.in_scope" } else { "TRUE" };
    let (from, order) = (sql.along("f", "unit", "u", &format!("u.parent_id = f.id AND {known}")), sorted(order));
    format!(
        "(WITH f AS MATERIALIZED ({unit}) SELECT * FROM f UNION ALL SELECT * FROM (\
         SELECT ROW_NUMBER() OVER (ORDER BY {order}) AS place, {COLUMNS}, {sight} FROM {from}{joined} \
         WHERE u.ended_at IS NULL AND {shows} ORDER BY {order} LIMIT {limit}) b)"
    )
}

lean_row!(
    /// A row of [`COLUMNS`], and how much of the unit shows.
    FaceRow {
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

impl FaceRow {
    /// Its columns of a table of them.
    pub fn columns(alias: &str) -> String {
        let sight = ["in_scope", "above_scope", "face_level"].into_iter();
        let names = COLUMNS.split(", ").map(|column| column.trim_start_matches("u.")).chain(sight);
        names.map(|name| format!("{alias}.{name}")).collect::<Vec<_>>().join(", ")
    }

    /// None where the viewer does not see the unit.
    pub fn face(self) -> Result<Option<Arc<Face>>> {
        let Some(sight) = Sight::of(self.depth, self.in_scope, self.above_scope, self.face_level) else {
            return Ok(None);
        };
        Ok(Some(Arc::new(Face {
            id: self.id,
            code: self.code,
            name: self.name,
            name_en: self.name_en,
            kind: UnitKind::try_from_value(&self.kind).map_err(Error::from)?,
            bloc: self.bloc,
            sector: self.sector,
            established_on: self.established_on,
            dissolved_on: self.dissolved_on,
            depth: self.depth,
            has_cells: self.has_cells,
            sight,
        })))
    }
}

fn faces(rows: Vec<FaceRow>) -> Result<Vec<Arc<Face>>> {
    rows.into_iter().filter_map(|row| row.face().transpose()).collect()
}
