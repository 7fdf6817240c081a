//! On which units a viewer's rights stand: a list reaches down from there, instead of asking of each row what covers it.

use super::held::granted;
use super::policy::Right;
use super::scope::covered;
use super::viewer::Viewer;
use crate::store::Sql;

/// A table with the columns `owner` and `top`: for each owner, a unit or 0 for everything, the highest units inside it that the
/// viewer has the right at, and with it at everything below. Of a right that reaches no further than its unit, every such unit.
pub fn tops(sql: &mut Sql, viewer: Viewer, right: Right, owners: &[i64]) -> String {
    let owners = sql.id_table(owners);
    let granted = granted(sql, viewer);
    let bound = match viewer.within() {
        None => String::new(),
        Some(bound) => format!(" UNION SELECT o.id, {} FROM {owners} o", sql.bind(bound)),
    };
    let held = covered(sql, viewer, right, "c.unit");
    let found = format!(
        "SELECT c.owner, c.unit AS top FROM (SELECT o.id AS owner, o.id AS unit FROM {owners} o \
         UNION SELECT o.id, g.unit_id FROM {owners} o CROSS JOIN {granted} g{bound}) c \
         WHERE {held} AND (c.owner = 0 OR EXISTS (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = c.owner AND w.descendant_id = c.unit))"
    );
    if right == Right::ReadApproved {
        return format!("({found})");
    }
    format!(
        "(WITH found AS ({found}) SELECT f.owner, f.top FROM found f WHERE NOT EXISTS (SELECT 1 FROM found h \
         JOIN unit_closure w ON w.ancestor_id = h.top AND w.descendant_id = f.top WHERE h.owner = f.owner AND h.top <> f.top))"
    )
}
