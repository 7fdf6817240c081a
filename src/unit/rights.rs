//! What a viewer may do at a unit, for screens that need not guess.

use std::collections::HashMap;

use entity::enums::Action;

use crate::access::{Right, Viewer, places};
use crate::error::Result;
use crate::store::Tx;

use super::find::SeenUnit;

/// The actions for each unit; one statement.
pub async fn actions(tx: &Tx, viewer: Viewer, units: &[&SeenUnit]) -> Result<HashMap<i64, Vec<Action>>> {
    let mut asked: Vec<i64> = units.iter().map(|unit| unit.row.id).collect();
    asked.extend(units.iter().filter_map(|unit| unit.row.parent_id));
    let places = places(tx, viewer, &asked).await?;
    let may = |unit: i64, right| places.get(&unit).is_some_and(|places| places.permit(right));
    let actions = units.iter().map(|unit| {
        let (id, parent) = (unit.row.id, unit.row.parent_id);
        let mut actions = Vec::new();
        // Nothing is done any more to what has ended.
        if unit.row.ended_at.is_some() {
            return (id, actions);
        }
        for action in [Action::Draft, Action::CreateUnit, Action::Rename] {
            if may(id, Right::Do(action)) {
                actions.push(action);
            }
        }
        // Whoever may move it somewhere may move it below another child of a unit above.
        if parent.is_some_and(|parent| may(parent, Right::Do(Action::Move))) {
            actions.push(Action::Move);
        }
        if may(id, Right::Do(Action::SetTarget)) || may(id, Right::SetGuideline) {
            actions.push(Action::SetTarget);
        }
        if may(id, Right::Do(Action::SetCluster)) {
            actions.push(Action::SetCluster);
        }
        if may(id, Right::Do(Action::Grant)) {
            actions.push(Action::Grant);
        }
        (id, actions)
    });
    Ok(actions.collect())
}
