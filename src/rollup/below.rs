//! What stands below units, as a join: the owner is `c.ancestor_id`, the row `w`, its unit through the lens `d`.

use super::path::{self, Sent};
use super::scan::{conditions, during};
use super::view::View;
use crate::store::Sql;

pub(super) struct Below {
    /// Tables and joins.
    pub from: String,
    /// Conditions: of these units, in the slice, credited through the lens; for events more.
    pub wanted: String,
}

impl Below {
    /// Rows of a table that has `unit_id`, `phase_id`, `group_id`, and `submitted_at` where view or lens ask for it.
    pub fn rows(sql: &mut Sql, view: &View, units: &[i64], table: &str) -> Below {
        Below::sent(sql, view, units, table, &Sent::Told("w.submitted_at".to_owned()))
    }

    /// The same where it is told otherwise when they were first sent in, as far as the lens asks for it.
    pub fn sent(sql: &mut Sql, view: &View, units: &[i64], table: &str, sent: &Sent) -> Below {
        let holds = path::holds_sent(view, "c", sent);
        let during = during(sql, view, "w.submitted_at");
        let paths = path::paths(sql, view.lens);
        let wanted = conditions(sql, view, units);
        Below {
            from: format!("{paths} c JOIN unit d ON d.id = c.seat_id JOIN {table} w ON w.unit_id = c.descendant_id"),
            wanted: format!("{wanted}{holds}{during}"),
        }
    }

    /// Events of the programme, before the instant, of what was sent in.
    pub fn events(sql: &mut Sql, programme: i64, view: &View, units: &[i64]) -> Below {
        let programme = sql.bind(programme);
        let before = view.as_of.map(|at| format!(" AND w.at < {}", sql.bind(at))).unwrap_or_default();
        let Below { from, wanted } = Below::rows(sql, view, units, "initiative_event");
        Below {
            from,
            wanted: format!("{wanted} AND w.programme_id = {programme} AND w.submitted_at IS NOT NULL{before}"),
        }
    }
}
