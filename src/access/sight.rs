//! How much of a unit, and of its aggregates, a viewer sees.

use entity::enums::Visibility;

use super::held::above_scope;
use super::policy::Right;
use super::scope::covered;
use super::viewer::Viewer;
use crate::store::Sql;

/// How much of a unit shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Code, names, kind, parent and children: an ancestor of one's scope, or a unit a programme makes public.
    Face,
    /// Everything: a grant covers it.
    Whole,
}

impl Sight {
    /// From the columns of [`sight_columns`]; `None`: the unit does not exist for the viewer.
    pub fn of(depth: i32, in_scope: bool, above_scope: bool, face_level: i32) -> Option<Sight> {
        if in_scope {
            Some(Sight::Whole)
        } else if above_scope || depth <= face_level {
            Some(Sight::Face)
        } else {
            None
        }
    }
}

/// Columns `in_scope`, `above_scope` and `face_level` for the units of an alias.
pub fn sight_columns(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    let in_scope = covered(sql, viewer, Right::ReadAggregates, &format!("{alias}.id"));
    let above = above_scope(sql, viewer, &format!("{alias}.id"));
    let face = face_level(viewer);
    format!("{in_scope} AS in_scope, {above} AS above_scope, {face} AS face_level")
}

/// A condition: the unit of the alias exists for the viewer, as [`Sight::of`] has it.
pub fn shows(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    let in_scope = covered(sql, viewer, Right::ReadAggregates, &format!("{alias}.id"));
    let above = above_scope(sql, viewer, &format!("{alias}.id"));
    let face = face_level(viewer);
    format!("({in_scope} OR {alias}.depth <= {face} OR {above})")
}

/// [`sight_columns`] and [`shows`] together, where each row is looked at: joins that stand behind the table, the columns, and the
/// condition.
pub fn sight_of_shown(sql: &mut Sql, viewer: Viewer, alias: &str) -> (String, String, String) {
    let unit = format!("{alias}.id");
    let in_scope = covered(sql, viewer, Right::ReadAggregates, &unit);
    let (joined, in_scope) = sql.dialect.once("scope", &in_scope);
    let above = above_scope(sql, viewer, &unit);
    let face = face_level(viewer);
    // A unit in scope shows whole, whatever stands below it.
    let columns = format!("{in_scope} AS in_scope, (NOT {in_scope} AND {above}) AS above_scope, {face} AS face_level");
    (joined, columns, format!("({in_scope} OR {alias}.depth <= {face} OR {above})"))
}

/// [`sight_of_shown`] of units that stand below one whose sight is known: a grant that covers it covers them all, and none is asked.
pub fn sight_of_shown_below(sql: &mut Sql, viewer: Viewer, above: Sight, alias: &str) -> (String, String, String) {
    match above {
        Sight::Whole => {
            let columns = "TRUE AS in_scope, FALSE AS above_scope, -1 AS face_level".to_owned();
            (String::new(), columns, "TRUE".to_owned())
        }
        Sight::Face => sight_of_shown(sql, viewer, alias),
    }
}

/// The deepest level that some programme shows to this viewer outside his scope; -1 where none does.
fn face_level(viewer: Viewer) -> String {
    let shown = if viewer.account().is_some() { "'PUBLIC', 'FEDERATION'" } else { "'PUBLIC'" };
    format!("(SELECT COALESCE(MAX(v.public_level), -1) FROM programme v WHERE v.visibility IN ({shown}))")
}

/// How much of a programme's aggregates at a unit shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aggregates {
    /// Nothing: the answer is null.
    None,
    /// Measures, targets, rankings and breakdowns by one dimension, down to the programme's public level.
    Public,
    /// Everything: a grant covers the unit.
    Whole,
}

/// Pure: what shows of a programme at a unit of this depth.
pub fn aggregates(viewer: Viewer, in_scope: bool, depth: i32, visibility: Visibility, public_level: i32) -> Aggregates {
    let shown = match visibility {
        Visibility::Public => true,
        Visibility::Federation => viewer.account().is_some(),
        Visibility::Subtree => false,
    };
    if in_scope {
        Aggregates::Whole
    } else if shown && depth <= public_level {
        Aggregates::Public
    } else {
        Aggregates::None
    }
}
