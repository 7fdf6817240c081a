//! The only doors to an initiative's row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::enums::Action;
use entity::initiative::Model;

use super::authors::{Authorship, authors};
use super::rights::{Standing, permitted};
use super::state;
use crate::access::{Places, Viewer, places, places_each, readable_initiative};
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

/// Who asks to do the action to the version that he saw.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub viewer: Viewer,
    pub account: i64,
    pub id: i64,
    pub action: Action,
    pub version: i32,
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
    let authors = accounts(authors(tx, &[id]).await?.remove(&id));
    Asked { viewer: work.viewer, account: work.account, id, action, version }.judge(Held { row, authors }, &places)
}

/// The same for several who each ask for an initiative of his own, without waiting for anybody; at most five statements. Where somebody
/// else holds the initiative or its unit, there is no answer.
pub(super) async fn find_each(tx: &Tx, asked: &[Asked]) -> Result<Vec<Option<Result<Held>>>> {
    let ids: Vec<i64> = asked.iter().map(|asked| asked.id).collect();
    let mut sql = tx.sql("SELECT * FROM initiative WHERE ");
    let these = sql.any_id("id", &ids);
    sql.push(&format!("{these} ORDER BY id{}", tx.dialect.row_lock(RowLock::UpdateOrSkip)));
    let mut rows: HashMap<i64, Model> = tx.all::<Model>(sql).await?.into_iter().map(|row| (row.id, row)).collect();
    // What is not there is answered here, as what is invisible is: in the same time.
    let left: Vec<i64> = ids.iter().copied().filter(|id| !rows.contains_key(id)).collect();
    let elsewhere = existing(tx, &left).await?;
    let units = held_units(tx, &rows).await?;
    rows.retain(|_, row| units.contains(&row.unit_id));
    let found: Vec<(Viewer, i64)> =
        asked.iter().filter_map(|asked| Some((asked.viewer, rows.get(&asked.id)?.unit_id))).collect();
    let mut places = places_each(tx, &found).await?.into_iter();
    let mut authors = authors(tx, &ids).await?;
    let each = asked.iter().map(|asked| {
        if left.contains(&asked.id) && !elsewhere.contains(&asked.id) {
            return Some(Err(Error::id_not_found()));
        }
        let row = rows.remove(&asked.id)?;
        let (places, authors) = (places.next()?, accounts(authors.remove(&asked.id)));
        if !places.read(&row, authors.contains(&asked.account)) {
            return Some(Err(Error::id_not_found()));
        }
        Some(asked.judge(Held { row, authors }, &places))
    });
    Ok(each.collect())
}

/// Those of the initiatives that there are; no statement where none is asked for.
async fn existing(tx: &Tx, ids: &[i64]) -> Result<HashSet<i64>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let mut sql = tx.sql("SELECT id FROM initiative WHERE ");
    let these = sql.any_id("id", ids);
    sql.push(&these);
    Ok(tx.ids(sql).await?.into_iter().collect())
}

/// Keeps the units of the rows as they are until the transaction ends; those that nobody else is changing.
async fn held_units(tx: &Tx, rows: &HashMap<i64, Model>) -> Result<HashSet<i64>> {
    let mut units: Vec<i64> = rows.values().map(|row| row.unit_id).collect();
    units.sort_unstable();
    units.dedup();
    let mut sql = tx.sql("SELECT id FROM unit WHERE ");
    let these = sql.any_id("id", &units);
    sql.push(&format!("{these} ORDER BY id{}", tx.dialect.row_lock(RowLock::ShareOrSkip)));
    Ok(tx.ids(sql).await?.into_iter().collect())
}

fn accounts(authors: Option<Vec<Authorship>>) -> Vec<i64> {
    authors.unwrap_or_default().iter().map(|author| author.account).collect()
}

impl Asked {
    /// Pure: whether he may do it to what he may read, and it can be done.
    fn judge(&self, held: Held, places: &Places) -> Result<Held> {
        let row = &held.row;
        let standing = Standing::among(self.account, row, held.authors.contains(&self.account));
        permitted(self.viewer, self.action, standing, places)?;
        if row.version != self.version {
            let message = message!(
                "you saw version {seen}, but it is version {now} now: read it again",
                seen = self.version,
                now = row.version
            );
            return Err(Error::user(ErrorCode::StaleVersion, "version", message));
        }
        state::next(row.state, self.action)
            .map_err(|refusal| Error::user(ErrorCode::IllegalState, "id", refusal.message()))?;
        Ok(held)
    }
}
