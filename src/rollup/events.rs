//! The events of what stands below units, as a join: the owner is `c.ancestor_id`, the event `w`, its unit through the lens `d`.

use super::path;
use super::scan::{conditions, during};
use super::view::View;
use crate::store::Sql;

pub(super) struct Events {
    /// Tables and joins.
    pub from: String,
    /// Conditions: of these units, of the programme, sent in, in the slice, before the instant.
    pub wanted: String,
}

impl Events {
    pub fn below(sql: &mut Sql, programme: i64, view: &View, units: &[i64]) -> Events {
        let programme = sql.bind(programme);
        let before = view.as_of.map(|at| format!(" AND w.at < {}", sql.bind(at))).unwrap_or_default();
        let holds = path::holds(view, "c", "w.submitted_at");
        let during = during(sql, view, "w.submitted_at");
        let paths = path::paths(sql, view.lens);
        let wanted = conditions(sql, &view.slice, units);
        Events {
            from: format!(
                "{paths} c JOIN unit d ON d.id = c.seat_id JOIN initiative_event w ON w.unit_id = c.descendant_id"
            ),
            wanted: format!(
                "{wanted} AND w.programme_id = {programme} AND w.submitted_at IS NOT NULL{before}{holds}{during}"
            ),
        }
    }
}
