//! The only doors to an initiative's row.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::Action;
use entity::initiative::Model;

use super::authors::authors;
use super::rights::{Standing, permitted};
use super::state;
use crate::access::{Viewer, places, readable_initiative};
use crate::command::Work;
use crate::error::{Error, ErrorCode, Result};
use crate::store::{RowLock, Sql, Tx};
use crate::text::message;

/// Those of the initiatives that the viewer may read; one statement.
pub async fn seen(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<Model>>> {
    let mut sql = tx.sql("");
    let these = sql.keyed_id("i.id", ids);
    Ok(load(tx, sql, viewer, &these).await?.into_iter().map(|row| (row.id, row)).collect())
}

/// Those of the initiatives with these codes that the viewer may read; one statement.
pub async fn seen_by_code(tx: &Tx, viewer: Viewer, codes: &[String]) -> Result<HashMap<String, Arc<Model>>> {
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("");
    let these = sql.keyed_text("i.code", &codes);
    Ok(load(tx, sql, viewer, &these).await?.into_iter().map(|row| (row.code.clone(), row)).collect())
}

async fn load(tx: &Tx, mut sql: Sql, viewer: Viewer, condition: &str) -> Result<Vec<Arc<Model>>> {
    let readable = readable_initiative(&mut sql, viewer, "i");
    sql.push(&format!("SELECT i.* FROM initiative i WHERE {condition} AND {readable}"));
    Ok(tx.all::<Model>(sql).await?.into_iter().map(Arc::new).collect())
}

/// An initiative that an action is done to.
pub(super) struct Held {
    pub row: Model,
    /// Accounts, in their order.
    pub authors: Vec<i64>,
}

/// The initiative, held until the transaction ends, for an action on the version that the caller saw. NOT_FOUND where it is
/// invisible, FORBIDDEN where the viewer may not do it, and only then what is wrong with version or state.
pub(super) async fn find_for(work: &Work<'_>, id: i64, action: Action, version: i32) -> Result<Held> {
    let tx = work.tx;
    let mut sql = tx.sql("");
    let this = sql.keyed_id("i.id", &[id]);
    let readable = readable_initiative(&mut sql, work.viewer, "i");
    let held = tx.dialect.row_lock(RowLock::Update);
    sql.push(&format!("SELECT i.* FROM initiative i WHERE {this} AND {readable}{held}"));
    let row: Model = tx.one(sql).await?.ok_or_else(Error::id_not_found)?;
    // Rights, and who the authors are, as they are once nobody else holds it.
    let places = places(tx, work.viewer, &[row.unit_id]).await?.remove(&row.unit_id).unwrap_or_default();
    let authors = authors(tx, &[id]).await?.remove(&id).unwrap_or_default();
    let authors: Vec<i64> = authors.iter().map(|author| author.account).collect();
    let standing = Standing::among(work.account, &row, authors.contains(&work.account));
    permitted(work.viewer, action, standing, &places)?;
    if row.version != version {
        let message = message!(
            "you saw version {seen}, but it is version {now} now: read it again",
            seen = version,
            now = row.version
        );
        return Err(Error::user(ErrorCode::StaleVersion, "version", message));
    }
    state::next(row.state, action).map_err(|refusal| Error::user(ErrorCode::IllegalState, "id", refusal.message()))?;
    Ok(Held { row, authors })
}
