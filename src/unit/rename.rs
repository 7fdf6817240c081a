//! `unitRename`: the old names stay in the history.

use entity::enums::{Action, AuditObject};
use serde::Serialize;

use super::create::NAME_MAX;
use super::find::{find_for, reread};
use super::placement;
use crate::access::Right;
use crate::command::{About, Command, Done, Work};
use crate::error::{Faults, Result};
use crate::store::RowLock;
use crate::text;

#[derive(Clone, Debug, Serialize)]
pub struct UnitRename {
    pub unit: String,
    pub name: String,
    /// None: it stays as it is; a blank one goes.
    pub name_en: Option<String>,
}

impl Command for UnitRename {
    const NAME: &'static str = "unitRename";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let tx = work.tx;
        let unit = find_for(tx, work.viewer, &self.unit, Right::Do(Action::Rename)).await?;
        let mut faults = Faults::default();
        let name = faults.take(text::line("name", &self.name, NAME_MAX));
        let name_en = faults.take(text::optional("nameEn", self.name_en.as_deref(), NAME_MAX));
        let (name, name_en) = faults.finish_with(name.zip(name_en))?;

        let mut sql = tx.sql("SELECT id FROM unit WHERE id = ");
        let id = sql.bind(unit.id);
        sql.push(&format!("{id}{}", tx.dialect.row_lock(RowLock::Update)));
        tx.ids(sql).await?;
        let before = reread(tx, unit.id).await?;
        let mut unit = before.clone();
        unit.name = name;
        if self.name_en.is_some() {
            unit.name_en = name_en;
        }
        let at = tx.stamp(&work.app.clock).await?;
        let mut sql = tx.sql("UPDATE unit SET name = ");
        let name = sql.bind(unit.name.as_str());
        let name_en = sql.bind(unit.name_en.clone());
        let lower = sql.bind(text::lower(&unit.name));
        let folded = sql.bind(text::fold(&unit.name));
        let sort = sql.bind(text::sort_key(&unit.name));
        let id = sql.bind(unit.id);
        sql.push(&format!(
            "{name}, name_en = {name_en}, name_lower = {lower}, name_folded = {folded}, name_sort = {sort} WHERE id = {id}"
        ));
        tx.run(sql).await?;
        placement::rename(work.app, tx, &unit, at).await?;
        Ok(Done::of(AuditObject::Unit, unit.id, unit.id).field("name", Some(before.name), Some(unit.name)).field(
            "nameEn",
            before.name_en,
            unit.name_en,
        ))
    }
}
