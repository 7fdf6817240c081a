//! Drafts whose unit ends, or lives again: they go to another unit, as if their authors had edited them.

use std::collections::HashMap;

use entity::enums::{Action, InitiativeState};
use entity::initiative::Model;
use entity::{initiative, initiative_event};
use sea_orm::ActiveEnum;

use super::authors::authors;
use super::record::event_of;
use crate::error::Result;
use crate::store::{Conflict, RowLock, Tx};

/// The drafts of these units, held until the transaction ends.
pub async fn drafts_of(tx: &Tx, units: &[i64]) -> Result<Vec<Model>> {
    drafts(tx, "unit_id", units).await
}

/// Those of the initiatives that are drafts, held until the transaction ends.
pub async fn drafts_among(tx: &Tx, ids: &[i64]) -> Result<Vec<Model>> {
    drafts(tx, "id", ids).await
}

async fn drafts(tx: &Tx, column: &str, ids: &[i64]) -> Result<Vec<Model>> {
    let mut sql = tx.sql("SELECT * FROM initiative WHERE submitted_at IS NULL AND ");
    let (these, state) = (sql.any_id(column, ids), sql.bind(InitiativeState::Draft.to_value()));
    sql.push(&format!("{these} AND state = {state} ORDER BY id{}", tx.dialect.row_lock(RowLock::Update)));
    tx.all(sql).await
}

/// Puts each draft into its home, by initiative; answers how many went. Under the tree's lock, with their units held.
pub async fn rehome_drafts(tx: &Tx, drafts: &[Model], homes: &HashMap<i64, i64>, by: i64, at: i64) -> Result<u64> {
    let authors = authors(tx, &drafts.iter().map(|draft| draft.id).collect::<Vec<_>>()).await?;
    let mut events = Vec::with_capacity(drafts.len());
    for before in drafts {
        let Some(unit_id) = homes.get(&before.id).copied().filter(|home| *home != before.unit_id) else { continue };
        let after = Model { unit_id, version: before.version + 1, ..before.clone() };
        tx.update::<initiative::Entity>(&after, &[("version", before.version.into())]).await?;
        let persons: Vec<i64> = authors.get(&before.id).into_iter().flatten().map(|author| author.account).collect();
        events.push(event_of(&after, Action::Edit, Some(before), at, Some(by), &persons, None, None));
    }
    tx.insert::<initiative_event::Entity>(&events, Conflict::Fail).await?;
    Ok(events.len() as u64)
}
