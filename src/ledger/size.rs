//! About how many initiatives a unit has: enough to choose a way through them.

/// An expression: how many initiatives of the unit, and of everything below it, were counted when last the differences were folded.
/// What waits is left out, and the unit's own stand in it twice.
///
/// `slice`: conditions on phase and group of a cell `c`; the unit's own are then left out.
pub fn about(unit: &str, slice: Option<&str>) -> String {
    let sum = |alias: &str| {
        let columns =
            ["pending", "returned", "approved", "rejected", "revoked"].map(|column| format!("{alias}.{column}"));
        format!("CAST(COALESCE(SUM({}), 0) AS BIGINT)", columns.join(" + "))
    };
    let cells = |slice: &str| {
        format!("(SELECT {} FROM rollup_cell c WHERE c.unit_id = {unit} AND {slice} AND c.bloc = '')", sum("c"))
    };
    match slice {
        Some(slice) => cells(slice),
        None => {
            let all = cells("c.phase_id = 0 AND c.group_id = 0");
            format!("{all} + (SELECT {} FROM rollup_own w WHERE w.unit_id = {unit})", sum("w"))
        }
    }
}
