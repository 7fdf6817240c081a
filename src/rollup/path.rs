//! Who stands below whom through a lens, as a table for joins.

use super::view::{Lens, View};
use crate::store::Sql;

/// Later than every instant.
const FOR_EVER: &str = "9223372036854775807";

/// A table with `ancestor_id`, `descendant_id` (the unit of the records), `seat_id` (where the lens seats them), `distance`; for
/// [`Lens::Reported`] also `since` and `until`: the first submissions for which the row holds (see [`holds`]).
pub(super) fn paths(sql: &mut Sql, lens: Lens) -> String {
    match lens {
        Lens::Current => {
            "(SELECT ancestor_id, descendant_id, COALESCE(seat_id, descendant_id) AS seat_id, distance FROM unit_closure \
             WHERE NOT ended)"
                .to_owned()
        }
        // Who sends something in sends it from where he is: his unit is its own seat.
        Lens::Reported => format!(
            "(SELECT ancestor_id, descendant_id, descendant_id AS seat_id, distance, since, \
             CAST({FOR_EVER} AS BIGINT) AS until FROM unit_closure WHERE NOT ended UNION ALL \
             SELECT ancestor_id, descendant_id, descendant_id AS seat_id, distance, since, until FROM unit_closure_past \
             WHERE reported)"
        ),
        Lens::At(at) => {
            let at = sql.bind(at);
            let row = "k.ancestor_id, k.descendant_id, COALESCE(k.seat_id, k.descendant_id) AS seat_id, k.distance";
            let began = "COALESCE(x.begins_at, x.created_at)";
            // What did not exist yet, nor any predecessor of it, is the root's own.
            format!(
                "(SELECT {row} FROM unit_closure k JOIN unit x ON x.id = k.descendant_id WHERE NOT k.ended \
                 AND COALESCE(k.holds_from, k.since) <= {at} AND {began} <= {at} UNION ALL \
                 SELECT {row} FROM unit_closure_past k JOIN unit x ON x.id = k.descendant_id \
                 WHERE COALESCE(k.holds_from, k.since) <= {at} AND COALESCE(k.holds_to, k.until) > {at} AND {began} <= {at} \
                 UNION ALL SELECT r.id, x.id, r.id, 0 FROM unit x JOIN unit r ON r.parent_id IS NULL WHERE {began} > {at})"
            )
        }
    }
}

/// The condition under which a row of [`paths`] holds for an initiative first submitted then; begins with `AND`.
pub(super) fn holds(view: &View, path: &str, submitted_at: &str) -> String {
    match view.lens {
        Lens::Reported => format!(" AND {submitted_at} >= {path}.since AND {submitted_at} < {path}.until"),
        Lens::Current | Lens::At(_) => String::new(),
    }
}
