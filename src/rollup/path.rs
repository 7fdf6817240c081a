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
            "(SELECT ancestor_id, descendant_id, descendant_id AS seat_id, distance FROM unit_closure)".to_owned()
        }
        Lens::Reported => format!(
            "(SELECT ancestor_id, descendant_id, descendant_id AS seat_id, distance, since, \
             CAST({FOR_EVER} AS BIGINT) AS until FROM unit_closure UNION ALL \
             SELECT ancestor_id, descendant_id, descendant_id AS seat_id, distance, since, until FROM unit_closure_past)"
        ),
        Lens::At(at) => {
            let at = sql.bind(at);
            // What did not exist yet is the root's own.
            format!(
                "(SELECT k.ancestor_id, k.descendant_id, k.descendant_id AS seat_id, k.distance FROM unit_closure k \
                 JOIN unit x ON x.id = k.descendant_id WHERE k.since <= {at} AND x.created_at <= {at} UNION ALL \
                 SELECT k.ancestor_id, k.descendant_id, k.descendant_id AS seat_id, k.distance FROM unit_closure_past k \
                 JOIN unit x ON x.id = k.descendant_id WHERE k.since <= {at} AND k.until > {at} AND x.created_at <= {at} \
                 UNION ALL SELECT r.id, x.id, r.id, 0 FROM unit x JOIN unit r ON r.parent_id IS NULL WHERE x.created_at > {at})"
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
