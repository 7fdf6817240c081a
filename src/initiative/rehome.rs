//! Drafts of a unit that ends: they go to who follows it, as if their authors had edited them.

use entity::enums::{Action, InitiativeState};
use entity::initiative::Model;
use entity::{initiative, initiative_event};
use sea_orm::ActiveEnum;

use super::authors::authors;
use super::record::event_of;
use crate::error::Result;
use crate::store::{Conflict, Tx};

/// Answers how many there were. Under the tree's lock, with the unit held.
pub async fn rehome_drafts(tx: &Tx, from: i64, to: i64, by: i64, at: i64) -> Result<u64> {
    let mut sql = tx.sql("SELECT * FROM initiative WHERE submitted_at IS NULL AND unit_id = ");
    let (unit, state) = (sql.bind(from), sql.bind(InitiativeState::Draft.to_value()));
    sql.push(&format!("{unit} AND state = {state} ORDER BY id"));
    let drafts: Vec<Model> = tx.all(sql).await?;
    let authors = authors(tx, &drafts.iter().map(|draft| draft.id).collect::<Vec<_>>()).await?;
    let mut events = Vec::with_capacity(drafts.len());
    for before in &drafts {
        let after = Model { unit_id: to, version: before.version + 1, ..before.clone() };
        tx.update::<initiative::Entity>(&after, &[("version", before.version.into())]).await?;
        let persons: Vec<i64> = authors.get(&before.id).into_iter().flatten().map(|author| author.account).collect();
        events.push(event_of(&after, Action::Edit, Some(before), at, Some(by), &persons, None, None));
    }
    tx.insert::<initiative_event::Entity>(&events, Conflict::Fail).await?;
    Ok(drafts.len() as u64)
}
