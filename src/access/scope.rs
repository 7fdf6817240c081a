//! The policy as SQL: which units a viewer's grants cover for a right.

use std::collections::{BTreeMap, HashMap};

use entity::enums::{InitiativeState, Role};
use sea_orm::{ActiveEnum, FromQueryResult, Iterable};

use super::held::{authored, reaching};
use super::policy::{Place, Right, permits};
use super::viewer::Viewer;
use crate::error::Result;
use crate::store::{Sql, Tx};

/// A condition: the unit of the expression is covered by a grant of the viewer that gives the right. Asked row by row, of rows that
/// something else chooses.
pub fn covered(sql: &mut Sql, viewer: Viewer, right: Right, unit: &str) -> String {
    let end = sql.dialect.row_by_row();
    covering(sql, viewer, right, unit, end)
}

fn covering(sql: &mut Sql, viewer: Viewer, right: Right, unit: &str, end: &str) -> String {
    if right.needs_the_person() && viewer.in_person().is_err() {
        return "FALSE".to_owned();
    }
    let mut cases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for role in Role::iter() {
        let given = |place| permits(role, right, place);
        let path = match [given(Place::Here), given(Place::Ended), given(Place::Below)] {
            [false, false, false] => continue,
            [true, true, true] => "",
            [true, true, false] => " AND s.distance = 0",
            [true, false, true] => " AND NOT s.ended",
            [true, false, false] => " AND s.distance = 0 AND NOT s.ended",
            [false, true, true] => " AND (s.ended OR s.distance > 0)",
            [false, true, false] => " AND s.ended",
            [false, false, true] => " AND s.distance > 0",
        };
        cases.entry(path).or_default().push(format!("'{}'", role.to_value()));
    }
    let cases: Vec<String> =
        cases.into_iter().map(|(path, roles)| format!("(g.role IN ({}){path})", roles.join(", "))).collect();
    if cases.is_empty() {
        return "FALSE".to_owned();
    }
    let reaching = reaching(sql, viewer);
    format!("EXISTS (SELECT 1 FROM {reaching} AND s.descendant_id = {unit} AND ({}){end})", cases.join(" OR "))
}

/// A condition: the viewer may read the initiative of the alias. Drafts are their authors' alone. Asked row by row.
pub fn readable_initiative(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    let end = sql.dialect.row_by_row();
    readable(sql, viewer, alias, end)
}

/// The same where very many rows are asked, so that everything readable may be looked up beforehand.
pub fn readable_among_many(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    readable(sql, viewer, alias, "")
}

fn readable(sql: &mut Sql, viewer: Viewer, alias: &str, end: &str) -> String {
    let author = authored(sql, viewer, alias, end);
    let unit = format!("{alias}.unit_id");
    let records = covering(sql, viewer, Right::ReadRecords, &unit, end);
    let approved = covering(sql, viewer, Right::ReadApproved, &unit, end);
    let state = InitiativeState::Approved.to_value();
    format!(
        "({author} OR ({alias}.submitted_at IS NOT NULL AND {records}) OR ({alias}.state = '{state}' AND {approved}))"
    )
}

/// The grants of a viewer that reach a unit.
#[derive(Clone, Debug, Default)]
pub struct Places {
    held: Vec<(Role, Place)>,
    in_person: bool,
}

impl Places {
    pub fn permit(&self, right: Right) -> bool {
        let allowed = self.in_person || !right.needs_the_person();
        allowed && self.held.iter().any(|(role, place)| permits(*role, right, *place))
    }

    /// Whether a grant of the role covers the unit.
    pub fn hold(&self, role: Role) -> bool {
        self.held.iter().any(|(held, _)| *held == role)
    }

    /// Whether any grant covers the unit.
    pub fn any(&self) -> bool {
        !self.held.is_empty()
    }
}

#[derive(FromQueryResult)]
struct Reach {
    unit_id: i64,
    role: Role,
    distance: i32,
    ended: bool,
}

/// The viewer's grants that reach each of the units, as they are now; one statement.
pub async fn places(tx: &Tx, viewer: Viewer, units: &[i64]) -> Result<HashMap<i64, Places>> {
    let nothing = Places { held: Vec::new(), in_person: viewer.in_person().is_ok() };
    let mut found: HashMap<i64, Places> = units.iter().map(|unit| (*unit, nothing.clone())).collect();
    let mut sql = tx.sql("SELECT s.descendant_id AS unit_id, g.role, s.distance, s.ended FROM ");
    let reaching = reaching(&mut sql, viewer);
    let these = sql.keyed_id("s.descendant_id", units);
    sql.push(&format!("{reaching} AND {these}"));
    for reach in tx.all::<Reach>(sql).await? {
        let place = match (reach.ended, reach.distance) {
            (true, _) => Place::Ended,
            (false, 0) => Place::Here,
            (false, _) => Place::Below,
        };
        found.entry(reach.unit_id).or_insert_with(|| nothing.clone()).held.push((reach.role, place));
    }
    Ok(found)
}
