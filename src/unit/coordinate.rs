//! `coordinatorSet`: the second line of a unit, along which nothing is counted and no right leads.

use entity::enums::{Action, AuditObject};
use serde::Serialize;

use super::create::coordinator_is_legal;
use super::find::{check_alive, find_for, find_visible, reread};
use super::placement;
use crate::access::Right;
use crate::command::{About, Command, Done, Work};
use crate::error::{Faults, Result};
use crate::ledger::{bump_tree_version, lock_tree};
use crate::text;

#[derive(Clone, Debug, Serialize)]
pub struct CoordinatorSet {
    pub unit: String,
    /// None: nobody coordinates it any more.
    pub coordinator: Option<String>,
    pub reason: Option<String>,
}

impl Command for CoordinatorSet {
    const NAME: &'static str = "coordinatorSet";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (app, tx, viewer) = (work.app, work.tx, work.viewer);
        let unit = find_for(tx, viewer, &self.unit, Right::Do(Action::Move)).await?.id;
        let coordinator = match &self.coordinator {
            Some(code) => Some(find_visible(tx, viewer, code).await?.row.id),
            None => None,
        };
        lock_tree(tx).await?;
        let mut unit = reread(tx, unit).await?;
        let mut faults = Faults::default();
        faults.take(check_alive(&unit, "unit"));
        let reason = faults.take(text::optional("reason", self.reason.as_deref(), 2_000));
        let new = match coordinator {
            Some(id) => {
                let coordinator = reread(tx, id).await?;
                faults.take(check_alive(&coordinator, "coordinator"));
                faults.take(coordinator_is_legal(unit.kind, &coordinator));
                Some(coordinator)
            }
            None => None,
        };
        let reason = faults.finish_with(reason)?;
        let old = match unit.coordinator_id {
            Some(old) => Some(reread(tx, old).await?.code),
            None => None,
        };
        let done = Done::of(AuditObject::Unit, unit.id, unit.id);
        if unit.coordinator_id == coordinator {
            return Ok(done);
        }
        let at = tx.stamp_tree(&app.clock).await?;
        let mut sql = tx.sql("UPDATE unit SET coordinator_id = ");
        let (to, id) = (sql.bind(coordinator), sql.bind(unit.id));
        sql.push(&format!("{to} WHERE id = {id}"));
        tx.run(sql).await?;
        unit.coordinator_id = coordinator;
        placement::replace(app, tx, &unit, reason.clone(), at).await?;
        bump_tree_version(tx).await?;
        Ok(done.field("coordinator", old.as_ref(), new.as_ref().map(|unit| &unit.code)).hidden("reason", None, reason))
    }
}
