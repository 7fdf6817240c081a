//! Who stands below whom through a lens, as a table for joins; and below whom the same stands in two trees.

use std::collections::HashSet;

use super::view::{Lens, View};
use crate::error::Result;
use crate::store::{Sql, Tx};

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

/// Those of the units below which the same stood in the tree of that instant as does now, each where it is seated now. One statement.
pub(super) async fn alike(tx: &Tx, at: i64, units: &[i64]) -> Result<HashSet<i64>> {
    let mut sql = tx.sql("");
    let (at, these) = (sql.bind(at), sql.id_table(units));
    let began = "COALESCE(x.begins_at, x.created_at)";
    sql.push(&format!(
        "SELECT o.id FROM {these} o WHERE NOT EXISTS (SELECT 1 FROM unit_closure_past k JOIN unit x ON x.id = k.descendant_id \
         WHERE k.ancestor_id = o.id AND COALESCE(k.holds_from, k.since) <= {at} AND COALESCE(k.holds_to, k.until) > {at} \
         AND {began} <= {at}) \
         AND NOT EXISTS (SELECT 1 FROM unit_closure k JOIN unit x ON x.id = k.descendant_id \
         WHERE k.ancestor_id = o.id AND NOT k.ended AND (COALESCE(k.holds_from, k.since) > {at} OR {began} > {at}))"
    ));
    // What did not exist yet is the root's own, wherever it stands now.
    Ok(tx.ids(sql).await?.into_iter().collect())
}

/// When an initiative was first sent in, as an expression.
pub(super) enum Sent {
    Told(String),
    /// Between these two, the second left out; and an expression that costs something.
    Between(String, String, String),
}

/// The condition under which a row of [`paths`] holds for an initiative first submitted then; begins with `AND`.
pub(super) fn holds(view: &View, path: &str, submitted_at: &str) -> String {
    holds_sent(view, path, &Sent::Told(submitted_at.to_owned()))
}

/// The same, of what is known of that instant.
pub(super) fn holds_sent(view: &View, path: &str, sent: &Sent) -> String {
    match (view.lens, sent) {
        (Lens::Current | Lens::At(_), _) => String::new(),
        (Lens::Reported, Sent::Told(at)) => format!(" AND {at} >= {path}.since AND {at} < {path}.until"),
        // Where a row holds for all, nobody is asked.
        (Lens::Reported, Sent::Between(first, after, at)) => format!(
            " AND {path}.since < {after} AND {path}.until > {first} AND ({path}.since <= {first} OR {path}.since <= {at}) \
             AND ({path}.until >= {after} OR {path}.until > {at})"
        ),
    }
}
