//! Grants as a viewer sees them: his own, and all on units he is an admin over.

use std::collections::HashMap;

use entity::role_grant::Model;

use crate::access::{Right, Viewer, covered, own_grant};
use crate::error::Result;
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::{Sql, Tx};

/// A grant that shows.
pub type SeenGrant = Model;

fn visible(sql: &mut Sql, viewer: Viewer) -> String {
    let own = own_grant(sql, viewer, "r");
    let people = covered(sql, viewer, Right::ReadPeople, "r.unit_id");
    format!("(({own}) OR {people})")
}

/// Those of the grants that show; one statement.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, SeenGrant>> {
    let mut sql = tx.sql("");
    let shown = visible(&mut sql, viewer);
    let these = sql.any_id("r.id", ids);
    sql.push(&format!("SELECT r.* FROM role_grant r WHERE {these} AND {shown}"));
    Ok(tx.all::<Model>(sql).await?.into_iter().map(|grant| (grant.id, grant)).collect())
}

/// One's own grants, the highest unit first.
pub async fn of_viewer(tx: &Tx, viewer: Viewer) -> Result<Vec<SeenGrant>> {
    let mut sql = tx.sql("SELECT r.* FROM role_grant r JOIN unit u ON u.id = r.unit_id WHERE ");
    let own = own_grant(&mut sql, viewer, "r");
    sql.push(&format!("{own} ORDER BY u.depth, u.code, r.role"));
    tx.all(sql).await
}

/// A page of each unit's grants; one statement.
pub async fn officer_pages(
    tx: &Tx,
    viewer: Viewer,
    units: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<SeenGrant>>> {
    listing(tx, viewer).pages(tx, units, args).await
}

pub async fn officer_counts(tx: &Tx, viewer: Viewer, units: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx, viewer).counts(tx, units).await
}

fn listing(tx: &Tx, viewer: Viewer) -> Listing {
    let mut sql = tx.sql("");
    let shown = visible(&mut sql, viewer);
    Listing {
        sql,
        columns: "r.*".to_owned(),
        from: "role_grant r".to_owned(),
        id: "r.id",
        conditions: vec!["r.unit_id = o.id".to_owned(), shown],
        order: "officers".to_owned(),
        keys: vec![Key::asc("r.granted_at", KeyKind::Int), Key::asc("r.id", KeyKind::Int)],
    }
}
