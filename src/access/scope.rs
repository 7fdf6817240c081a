//! The policy as SQL: which units a viewer's grants cover for a right.

use std::collections::{BTreeMap, HashMap};

use entity::enums::{InitiativeState, Role};
use sea_orm::{ActiveEnum, FromQueryResult, Iterable};

use super::held::{authored, reaching, reaching_each};
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
    // Grants and authorship are accounts': for nobody no row is looked at.
    if viewer.account().is_none() {
        return "FALSE".to_owned();
    }
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
    /// The unit lies within the bounds of his credential, which lets him act by his authorship.
    may_author: bool,
}

impl Places {
    pub fn permit(&self, right: Right) -> bool {
        let allowed = self.in_person || !right.needs_the_person();
        allowed && self.held.iter().any(|(role, place)| permits(*role, right, *place))
    }

    /// Whether the viewer may read an initiative of the unit: what [`readable_initiative`] asks the database, of a row that is there.
    /// `authored`: he is among its authors.
    pub fn read(&self, initiative: &entity::initiative::Model, authored: bool) -> bool {
        (authored && self.may_author)
            || (initiative.submitted_at.is_some() && self.permit(Right::ReadRecords))
            || (initiative.state == InitiativeState::Approved && self.permit(Right::ReadApproved))
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

impl Reach {
    fn place(&self) -> Place {
        match (self.ended, self.distance) {
            (true, _) => Place::Ended,
            (false, 0) => Place::Here,
            (false, _) => Place::Below,
        }
    }
}

/// The viewer's grants that reach each of the units, as they are now; one statement.
pub async fn places(tx: &Tx, viewer: Viewer, units: &[i64]) -> Result<HashMap<i64, Places>> {
    let nothing = Places { in_person: viewer.in_person().is_ok(), ..Places::default() };
    let mut found: HashMap<i64, Places> = units.iter().map(|unit| (*unit, nothing.clone())).collect();
    let mut sql = tx.sql("SELECT s.descendant_id AS unit_id, g.role, s.distance, s.ended FROM ");
    let reaching = reaching(&mut sql, viewer);
    let these = sql.keyed_id("s.descendant_id", units);
    sql.push(&format!("{reaching} AND {these}"));
    for reach in tx.all::<Reach>(sql).await? {
        found.entry(reach.unit_id).or_insert_with(|| nothing.clone()).held.push((reach.role, reach.place()));
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct ReachOfOne {
    n: i64,
    in_bounds: bool,
    role: Option<Role>,
    distance: Option<i32>,
    ended: Option<bool>,
}

/// What each of several viewers holds at a unit of his own, as it is now; one statement. The command line itself is not asked about.
pub async fn places_each(tx: &Tx, asked: &[(Viewer, i64)]) -> Result<Vec<Places>> {
    let nothing = |viewer: &Viewer| Places { in_person: viewer.in_person().is_ok(), ..Places::default() };
    let mut found: Vec<Places> = asked.iter().map(|(viewer, _)| nothing(viewer)).collect();
    let mut sql = tx.sql("SELECT q.n, q.in_bounds, g.role, s.distance, s.ended FROM ");
    let reaching = reaching_each(&mut sql, asked);
    sql.push(&reaching);
    for row in tx.all::<ReachOfOne>(sql).await? {
        let place = usize::try_from(row.n).ok().filter(|n| row.in_bounds && *n < asked.len());
        let Some(n) = place else { continue };
        let viewer = asked[n].0;
        found[n].may_author = viewer.may_author();
        if let (Some(role), Some(distance), Some(ended)) = (row.role, row.distance, row.ended)
            && viewer.roles().has(role)
        {
            found[n].held.push((role, Reach { unit_id: asked[n].1, role, distance, ended }.place()));
        }
    }
    Ok(found)
}
