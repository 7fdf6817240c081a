//! About how many initiatives a unit has: enough to choose a way through them.

/// An expression: how many initiatives of the unit, and of everything below it, were counted when last the differences were folded.
/// What waits is left out, and the unit's own stand in it twice.
pub fn about(unit: &str) -> String {
    let sum = |alias: &str| {
        let columns =
            ["pending", "returned", "approved", "rejected", "revoked"].map(|column| format!("{alias}.{column}"));
        format!("CAST(COALESCE(SUM({}), 0) AS BIGINT)", columns.join(" + "))
    };
    format!(
        "(SELECT {} FROM rollup_cell c WHERE c.unit_id = {unit} AND c.phase_id = 0 AND c.group_id = 0 AND c.bloc = '') \
         + (SELECT {} FROM rollup_own w WHERE w.unit_id = {unit})",
        sum("c"),
        sum("w")
    )
}
