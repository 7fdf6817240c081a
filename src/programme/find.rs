//! The only doors to a programme's definition.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::Visibility;
use entity::{participant_group, phase, programme};
use sea_orm::QueryResult;

use crate::access::Viewer;
use crate::error::{Error, Result};
use crate::store::{Sql, Tx};

/// A programme with everything that defines it.
#[derive(Clone, Debug)]
pub struct Definition {
    pub row: programme::Model,
    /// In order.
    pub phases: Vec<phase::Model>,
    /// In order.
    pub groups: Vec<participant_group::Model>,
    /// Codes of blocs, in order.
    pub blocs: Vec<String>,
}

impl Definition {
    pub fn phase(&self, code: &str) -> Option<&phase::Model> {
        self.phases.iter().find(|phase| phase.code == code)
    }

    pub fn group(&self, code: &str) -> Option<&participant_group::Model> {
        self.groups.iter().find(|group| group.code == code)
    }

    pub fn phase_code(&self, id: i64) -> Option<&str> {
        self.phases.iter().find(|phase| phase.id == id).map(|phase| phase.code.as_str())
    }

    pub fn group_code(&self, id: i64) -> Option<&str> {
        self.groups.iter().find(|group| group.id == id).map(|group| group.code.as_str())
    }
}

/// A condition: whoever is signed in sees every definition, anybody the public ones.
pub(super) fn visible(viewer: Viewer) -> String {
    match viewer.account() {
        Some(_) => "TRUE".to_owned(),
        None => format!("p.visibility = '{}'", sea_orm::ActiveEnum::to_value(&Visibility::Public)),
    }
}

/// Those of the programmes that the viewer sees; one statement.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<Definition>>> {
    let mut sql = tx.sql("");
    let these = sql.keyed_id("p.id", ids);
    let found = load(tx, sql, viewer, &these).await?;
    Ok(found.into_iter().map(|programme| (programme.row.id, programme)).collect())
}

/// Those of the programmes with these codes that the viewer sees; one statement.
pub async fn by_code(tx: &Tx, viewer: Viewer, codes: &[String]) -> Result<HashMap<String, Arc<Definition>>> {
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("");
    let these = sql.keyed_text("p.code", &codes);
    let found = load(tx, sql, viewer, &these).await?;
    Ok(found.into_iter().map(|programme| (programme.row.code.clone(), programme)).collect())
}

/// A table of the programme with this code, where the viewer sees it: id, visibility and public_level, which say what of it shows.
pub fn terms_by_code(sql: &mut Sql, viewer: Viewer, code: &str) -> String {
    let this = sql.keyed_text("p.code", &[code]);
    format!("(SELECT p.id, p.visibility, p.public_level FROM programme p WHERE {this} AND {})", visible(viewer))
}

/// The programme with this code, or NOT_FOUND.
pub async fn find_visible(tx: &Tx, viewer: Viewer, code: &str) -> Result<Arc<Definition>> {
    let mut found = by_code(tx, viewer, &[code.to_owned()]).await?;
    found.remove(code).ok_or_else(|| Error::programme_not_found(code))
}

/// Every part of the definitions in one statement, each filling the columns that it has.
async fn load(tx: &Tx, mut sql: Sql, viewer: Viewer, condition: &str) -> Result<Vec<Arc<Definition>>> {
    let these = format!("{condition} AND {}", visible(viewer));
    sql.push(&format!(
        "SELECT 0 AS part, p.id AS programme_id, p.id, 0 AS position, p.code, p.name, p.name_en, p.visibility, p.public_level, \
         p.created_at, p.starts_on, p.plan_ends_on, CAST(NULL AS DATE) AS from_day, CAST(NULL AS DATE) AS to_day \
         FROM programme p WHERE {these} UNION ALL \
         SELECT 1, f.programme_id, f.id, f.position, f.code, f.name, NULL, NULL, NULL, NULL, \
         f.applied_from, f.applied_to, f.entered_from, f.entered_to \
         FROM programme p JOIN phase f ON f.programme_id = p.id WHERE {these} UNION ALL \
         SELECT 2, g.programme_id, g.id, g.position, g.code, g.name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM programme p JOIN participant_group g ON g.programme_id = p.id WHERE {these} UNION ALL \
         SELECT 3, b.programme_id, NULL, b.position, b.bloc, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
         FROM programme p JOIN programme_bloc b ON b.programme_id = p.id WHERE {these} ORDER BY 1, 4"
    ));
    let mut found: Vec<Definition> = Vec::new();
    for row in tx.rows(sql).await? {
        let (part, programme_id): (i32, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if part == 0 {
            found.push(Definition { row: programme(&row)?, phases: Vec::new(), groups: Vec::new(), blocs: Vec::new() });
            continue;
        }
        // Definitions come before their parts.
        let Some(definition) = found.iter_mut().find(|known| known.row.id == programme_id) else { continue };
        match part {
            1 => definition.phases.push(phase(&row, programme_id)?),
            2 => definition.groups.push(participant_group::Model {
                id: row.try_get_by_index(2)?,
                programme_id,
                position: row.try_get_by_index(3)?,
                code: row.try_get_by_index(4)?,
                name: row.try_get_by_index(5)?,
            }),
            _ => definition.blocs.push(row.try_get_by_index(4)?),
        }
    }
    Ok(found.into_iter().map(Arc::new).collect())
}

fn programme(row: &QueryResult) -> Result<programme::Model> {
    Ok(programme::Model {
        id: row.try_get_by_index(2)?,
        code: row.try_get_by_index(4)?,
        name: row.try_get_by_index(5)?,
        name_en: row.try_get_by_index(6)?,
        visibility: row.try_get_by_index(7)?,
        public_level: row.try_get_by_index(8)?,
        created_at: row.try_get_by_index(9)?,
        starts_on: row.try_get_by_index(10)?,
        plan_ends_on: row.try_get_by_index(11)?,
    })
}

fn phase(row: &QueryResult, programme_id: i64) -> Result<phase::Model> {
    Ok(phase::Model {
        id: row.try_get_by_index(2)?,
        programme_id,
        position: row.try_get_by_index(3)?,
        code: row.try_get_by_index(4)?,
        name: row.try_get_by_index(5)?,
        applied_from: row.try_get_by_index(10)?,
        applied_to: row.try_get_by_index(11)?,
        entered_from: row.try_get_by_index(12)?,
        entered_to: row.try_get_by_index(13)?,
    })
}
