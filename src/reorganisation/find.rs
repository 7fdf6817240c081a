//! The doors to reorganisations. They show where a grant covers the unit that draws them up: they tell of everything below it.

use std::collections::HashMap;
use std::sync::Arc;

use entity::reorganisation::Model;
use entity::{reorganisation_change, reorganisation_step};

use crate::access::{Right, Viewer, covered};
use crate::error::{Error, Result};
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::{RowLock, Sql, Tx};
use crate::text::message;

/// A condition on the alias r.
fn visible(sql: &mut Sql, viewer: Viewer) -> String {
    covered(sql, viewer, Right::ReadAggregates, "r.unit_id")
}

/// Those that the viewer sees; one statement.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<Model>>> {
    let mut sql = tx.sql("");
    let these = sql.any_id("r.id", ids);
    let visible = visible(&mut sql, viewer);
    sql.push(&format!("SELECT r.* FROM reorganisation r WHERE {these} AND {visible}"));
    Ok(tx.all::<Model>(sql).await?.into_iter().map(|row| (row.id, Arc::new(row))).collect())
}

/// Those with these codes that the viewer sees; one statement.
pub async fn by_code(tx: &Tx, viewer: Viewer, codes: &[String]) -> Result<HashMap<String, Arc<Model>>> {
    let codes: Vec<&String> = codes.iter().filter(|code| !code.contains('\0')).collect();
    let mut sql = tx.sql("");
    let these = sql.any_text("r.code", &codes);
    let visible = visible(&mut sql, viewer);
    sql.push(&format!("SELECT r.* FROM reorganisation r WHERE {these} AND {visible}"));
    Ok(tx.all::<Model>(sql).await?.into_iter().map(|row| (row.code.clone(), Arc::new(row))).collect())
}

/// The one with this code, held until the transaction ends, or NOT_FOUND.
pub(super) async fn held(tx: &Tx, viewer: Viewer, code: &str) -> Result<Model> {
    let missing = || {
        Error::NotFound(message!(
            "no reorganisation with code \"{code}\" that you may see",
            code = crate::error::clip(code)
        ))
    };
    let found = by_code(tx, viewer, &[code.to_owned()]).await?.remove(code).ok_or_else(missing)?;
    let mut sql = tx.sql("SELECT * FROM reorganisation WHERE id = ");
    let id = sql.bind(found.id);
    sql.push(&format!("{id}{}", tx.dialect.row_lock(RowLock::Update)));
    tx.one(sql).await?.ok_or_else(missing)
}

/// A page of those drawn up at or below each unit, newest first; 0: of all. One statement.
pub async fn page(tx: &Tx, viewer: Viewer, owners: &[i64], args: &PageArgs) -> Result<HashMap<i64, Page<Arc<Model>>>> {
    let pages = listing(tx, viewer).pages::<Model>(tx, owners, args).await?;
    Ok(pages.into_iter().map(|(owner, page)| (owner, page.map(Arc::new))).collect())
}

pub async fn counts_within(tx: &Tx, viewer: Viewer, owners: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx, viewer).counts(tx, owners).await
}

fn listing(tx: &Tx, viewer: Viewer) -> Listing {
    let mut sql = tx.sql("");
    let visible = visible(&mut sql, viewer);
    let within = "(o.id = 0 OR r.unit_id IN (SELECT w.descendant_id FROM unit_closure w WHERE w.ancestor_id = o.id))";
    Listing {
        sql,
        columns: "r.*".to_owned(),
        from: "reorganisation r".to_owned(),
        id: "r.id",
        conditions: vec![within.to_owned(), visible],
        order: "reorganisation".to_owned(),
        keys: vec![Key::desc("r.created_at", KeyKind::Int), Key::asc("r.code", KeyKind::Text)],
    }
}

/// The steps of each, in order; one statement.
pub async fn steps(tx: &Tx, ids: &[i64]) -> Result<HashMap<i64, Vec<reorganisation_step::Model>>> {
    let mut sql = tx.sql("SELECT * FROM reorganisation_step WHERE ");
    let these = sql.any_id("reorganisation_id", ids);
    sql.push(&format!("{these} ORDER BY reorganisation_id, position"));
    let mut found: HashMap<i64, Vec<_>> = HashMap::new();
    for row in tx.all::<reorganisation_step::Model>(sql).await? {
        found.entry(row.reorganisation_id).or_default().push(row);
    }
    Ok(found)
}

/// What one that was applied made of units.
pub async fn changes_of(tx: &Tx, id: i64) -> Result<Vec<reorganisation_change::Model>> {
    let mut sql = tx.sql("SELECT * FROM reorganisation_change WHERE reorganisation_id = ");
    let id = sql.bind(id);
    sql.push(&format!("{id} ORDER BY unit_id"));
    tx.all(sql).await
}
