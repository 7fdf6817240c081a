//! The only doors to a programme's definition.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::Visibility;
use entity::{participant_group, phase, programme, programme_bloc};

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

/// Those of the programmes that the viewer sees; four statements.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<Definition>>> {
    let mut sql = tx.sql("");
    let these = sql.any_id("p.id", ids);
    let found = load(tx, sql, viewer, &these).await?;
    Ok(found.into_iter().map(|programme| (programme.row.id, programme)).collect())
}

/// Those of the programmes with these codes that the viewer sees; four statements.
pub async fn by_code(tx: &Tx, viewer: Viewer, codes: &[String]) -> Result<HashMap<String, Arc<Definition>>> {
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("");
    let these = sql.any_text("p.code", &codes);
    let found = load(tx, sql, viewer, &these).await?;
    Ok(found.into_iter().map(|programme| (programme.row.code.clone(), programme)).collect())
}

/// The programme with this code, or NOT_FOUND.
pub async fn find_visible(tx: &Tx, viewer: Viewer, code: &str) -> Result<Arc<Definition>> {
    let mut found = by_code(tx, viewer, &[code.to_owned()]).await?;
    found.remove(code).ok_or_else(|| Error::programme_not_found(code))
}

async fn load(tx: &Tx, mut sql: Sql, viewer: Viewer, condition: &str) -> Result<Vec<Arc<Definition>>> {
    sql.push(&format!("SELECT p.* FROM programme p WHERE {condition} AND {}", visible(viewer)));
    let rows: Vec<programme::Model> = tx.all(sql).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let phases: Vec<phase::Model> = parts(tx, "phase", &ids).await?;
    let groups: Vec<participant_group::Model> = parts(tx, "participant_group", &ids).await?;
    let blocs: Vec<programme_bloc::Model> = parts(tx, "programme_bloc", &ids).await?;
    let definitions = rows.into_iter().map(|row| {
        let id = row.id;
        Arc::new(Definition {
            row,
            phases: phases.iter().filter(|phase| phase.programme_id == id).cloned().collect(),
            groups: groups.iter().filter(|group| group.programme_id == id).cloned().collect(),
            blocs: blocs.iter().filter(|bloc| bloc.programme_id == id).map(|bloc| bloc.bloc.clone()).collect(),
        })
    });
    Ok(definitions.collect())
}

async fn parts<T: sea_orm::FromQueryResult>(tx: &Tx, table: &str, programmes: &[i64]) -> Result<Vec<T>> {
    let mut sql = tx.sql(format!("SELECT * FROM {table} WHERE "));
    let these = sql.any_id("programme_id", programmes);
    sql.push(&format!("{these} ORDER BY position"));
    tx.all(sql).await
}
