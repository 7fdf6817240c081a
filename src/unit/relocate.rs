//! `unitMove`: a unit and everything below it gets another parent, now.

use std::collections::HashSet;

use entity::enums::{Action, AuditObject};
use entity::unit;
use serde::Serialize;

use super::cluster;
use super::create::parent_is_legal;
use super::find::{check_alive, find_visible, reread};
use super::placement;
use crate::access::{Right, places};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Faults, Result};
use crate::ledger::{become_inner, bump_tree_version, displace, lock_tree, shift};
use crate::store::{Sql, Tx};
use crate::text::{self, message};

#[derive(Clone, Debug, Serialize)]
pub struct UnitMove {
    pub unit: String,
    pub parent: String,
    pub reason: Option<String>,
}

impl Command for UnitMove {
    const NAME: &'static str = "unitMove";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (tx, viewer) = (work.tx, work.viewer);
        let unit = find_visible(tx, viewer, &self.unit).await?.row.id;
        let parent = find_visible(tx, viewer, &self.parent).await?.row.id;
        lock_tree(tx).await?;
        // Read again: before the lock the tree may have been another one.
        let unit = reread(tx, unit).await?;
        let parent = reread(tx, parent).await?;
        let gaining = way_up(tx, parent.id).await?;
        let losing = match unit.parent_id {
            Some(old) => way_up(tx, old).await?,
            None => Vec::new(),
        };
        authorise(work, &unit, &losing, &gaining).await?;

        let mut faults = Faults::default();
        faults.take(check_alive(&unit, "unit"));
        faults.take(check_alive(&parent, "parent"));
        let reason = faults.take(text::optional("reason", self.reason.as_deref(), 2_000));
        faults.take(parent_is_legal(unit.kind, &parent));
        if gaining.contains(&unit.id) {
            let message = message!(
                "{parent} stands below {unit}: nothing can stand below itself",
                parent = &parent.code,
                unit = &unit.code
            );
            faults.add(ErrorCode::Cycle, "parent", message);
        }
        let reason = faults.finish_with(reason)?;
        if unit.parent_id == Some(parent.id) {
            return Ok(Done::of(AuditObject::Unit, unit.id, unit.id));
        }
        carry_over(work, unit, &parent, reason, &losing, &gaining).await
    }
}

/// Needs the right at or above the lowest common ancestor of both parents.
async fn authorise(work: &Work<'_>, unit: &unit::Model, losing: &[i64], gaining: &[i64]) -> Result<()> {
    let forbidden = || {
        Error::Forbidden(message!(
            "moving {unit} needs an ADMIN above both its old and its new place",
            unit = &unit.code
        ))
    };
    // Lowest first; the root has no old parent and is moved by nobody.
    let common = losing.iter().find(|ancestor| gaining.contains(ancestor)).ok_or_else(forbidden)?;
    let places = places(work.tx, work.viewer, &[*common]).await?;
    if places.values().any(|places| places.permit(Right::Do(Action::Move))) { Ok(()) } else { Err(forbidden()) }
}

async fn carry_over(
    work: &Work<'_>,
    mut unit: unit::Model,
    parent: &unit::Model,
    reason: Option<String>,
    losing: &[i64],
    gaining: &[i64],
) -> Result<Done> {
    let (app, tx) = (work.app, work.tx);
    become_inner(tx, parent.id).await?;
    let (old, new): (HashSet<i64>, HashSet<i64>) =
        (losing.iter().copied().collect(), gaining.iter().copied().collect());
    let only_old: Vec<i64> = old.difference(&new).copied().collect();
    let only_new: Vec<i64> = new.difference(&old).copied().collect();
    shift(tx, unit.id, &only_old, &only_new).await?;
    displace(tx, &[only_old.as_slice(), &only_new].concat()).await?;

    let at = tx.stamp_tree(&app.clock).await?;
    end_paths(tx, unit.id, losing, at).await?;
    cluster::leave(tx, unit.id, &only_old, at).await?;
    let mut sql = tx.sql("INSERT INTO unit_closure (ancestor_id, descendant_id, distance, since, seat_id) ");
    let (since, to, id) = (sql.bind(at), sql.bind(parent.id), sql.bind(unit.id));
    sql.push(&format!(
        "SELECT a.ancestor_id, d.descendant_id, a.distance + d.distance + 1, CAST({since} AS BIGINT), d.seat_id \
         FROM unit_closure a CROSS JOIN unit_closure d WHERE a.descendant_id = {to} AND d.ancestor_id = {id} AND NOT d.ended"
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql("UPDATE unit SET depth = depth + ");
    let (by, id) = (sql.bind(parent.depth + 1 - unit.depth), sql.bind(unit.id));
    sql.push(&format!(
        "{by} WHERE ended_at IS NULL AND id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = {id})"
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql("UPDATE unit SET parent_id = ");
    let (to, id) = (sql.bind(parent.id), sql.bind(unit.id));
    sql.push(&format!("{to} WHERE id = {id}"));
    tx.run(sql).await?;
    let old = match unit.parent_id {
        Some(old) => Some(reread(tx, old).await?.code),
        None => None,
    };
    unit.parent_id = Some(parent.id);
    placement::replace(app, tx, &unit, reason.clone(), at).await?;
    bump_tree_version(tx).await?;
    Ok(Done::of(AuditObject::Unit, unit.id, unit.id)
        .field("parent", old.as_deref(), Some(&parent.code))
        .hidden("reason", None, reason))
}

/// The unit and its ancestors, lowest first.
async fn way_up(tx: &Tx, unit: i64) -> Result<Vec<i64>> {
    let mut sql = tx.sql("SELECT ancestor_id AS id FROM unit_closure WHERE descendant_id = ");
    let id = sql.bind(unit);
    sql.push(&format!("{id} ORDER BY distance"));
    tx.ids(sql).await
}

/// Ends at the instant what leads from the unit and everything below it to these ancestors; it is kept among what has ended.
async fn end_paths(tx: &Tx, unit: i64, losing: &[i64], at: i64) -> Result<()> {
    let ended = |sql: &mut Sql| {
        let unit = sql.bind(unit);
        let above = sql.any_id("ancestor_id", losing);
        format!("descendant_id IN (SELECT descendant_id FROM unit_closure WHERE ancestor_id = {unit}) AND {above}")
    };
    let mut sql = tx.sql(
        "INSERT INTO unit_closure_past \
         (ancestor_id, descendant_id, distance, since, until, holds_from, seat_id) ",
    );
    let until = sql.bind(at);
    let these = ended(&mut sql);
    sql.push(&format!(
        "SELECT ancestor_id, descendant_id, distance, since, CAST({until} AS BIGINT), holds_from, seat_id FROM unit_closure WHERE {these}"
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql("DELETE FROM unit_closure WHERE ");
    let these = ended(&mut sql);
    sql.push(&these);
    tx.run(sql).await?;
    Ok(())
}
