//! The one door to a viewer's grants in SQL: what he holds, as far as his credential carries it.

use super::viewer::{Credential, Viewer};
use crate::store::Sql;

/// A condition on an alias of `role_grant`: the viewer's own, of a role that his credential carries.
fn mine(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    let me = sql.bind(viewer.id_or_zero());
    let roles = viewer.roles().condition(&format!("{alias}.role"));
    format!("{alias}.account_id = {me} AND {roles}")
}

/// A condition: the unit lies within the bounds of the viewer's credential.
pub(super) fn in_bounds(sql: &mut Sql, viewer: Viewer, unit: &str) -> String {
    match viewer.within() {
        None => "TRUE".to_owned(),
        Some(bound) => {
            let bound = sql.bind(bound);
            let end = sql.dialect.row_by_row();
            format!(
                "EXISTS (SELECT 1 FROM unit_closure b WHERE b.ancestor_id = {bound} AND b.descendant_id = {unit}{end})"
            )
        }
    }
}

/// FROM and WHERE: the viewer's grants `g` and, as `s`, the units that they cover.
pub(super) fn reaching(sql: &mut Sql, viewer: Viewer) -> String {
    if viewer.credential() == Credential::Shell {
        return "(SELECT u.id AS unit_id, r.role FROM unit u \
                CROSS JOIN (SELECT 'ADMIN' AS role UNION ALL SELECT 'OPERATOR') r WHERE u.parent_id IS NULL) g \
                JOIN unit_closure s ON s.ancestor_id = g.unit_id WHERE TRUE"
            .to_owned();
    }
    let mine = mine(sql, viewer, "g");
    let bounds = in_bounds(sql, viewer, "s.descendant_id");
    format!("role_grant g JOIN unit_closure s ON s.ancestor_id = g.unit_id WHERE {mine} AND {bounds}")
}

/// FROM: for each of several viewers with a unit, told by its place as `q.n`, whether the unit lies within the bounds of his credential
/// (`q.in_bounds`), and his grants `g` with, as `s`, the path on which each of them covers the unit; where there is none, nothing of
/// both. Which roles the credential carries is left to whoever reads it ([`Viewer::roles`]).
pub(super) fn reaching_each(sql: &mut Sql, asked: &[(Viewer, i64)]) -> String {
    let row =
        |(n, (viewer, unit)): (i64, &(Viewer, i64))| [n, viewer.id_or_zero(), *unit, viewer.within().unwrap_or(0)];
    let rows: Vec<[i64; 4]> = (0..).zip(asked).map(row).collect();
    let asked = sql.columns_table(&["n", "account_id", "unit_id", "bound_id"], &rows);
    let end = sql.dialect.row_by_row();
    format!(
        "(SELECT a.*, (a.bound_id = 0 OR EXISTS (SELECT 1 FROM unit_closure b WHERE b.ancestor_id = a.bound_id \
         AND b.descendant_id = a.unit_id{end})) AS in_bounds FROM {asked} a) q \
         LEFT JOIN role_grant g ON g.account_id = q.account_id \
         LEFT JOIN unit_closure s ON s.ancestor_id = g.unit_id AND s.descendant_id = q.unit_id"
    )
}

/// A table of one column, `unit_id`: where the viewer's grants stand, bounds apart.
pub(super) fn granted(sql: &mut Sql, viewer: Viewer) -> String {
    let mine = mine(sql, viewer, "g");
    format!("(SELECT g.unit_id FROM role_grant g WHERE {mine})")
}

/// A condition: the unit stands above something that the viewer's grants cover, or is the top of it. Asked row by row.
pub(super) fn above_scope(sql: &mut Sql, viewer: Viewer, unit: &str) -> String {
    let (mine, end) = (mine(sql, viewer, "g"), sql.dialect.row_by_row());
    match viewer.within() {
        None => format!(
            "EXISTS (SELECT 1 FROM role_grant g WHERE {mine} AND EXISTS (SELECT 1 FROM unit_closure s \
             WHERE s.ancestor_id = {unit} AND s.descendant_id = g.unit_id{end}){end})"
        ),
        // The top is then the grant's unit or the bound, whichever is the lower one.
        Some(bound) => {
            let bound = sql.bind(bound);
            let above = |ancestor: &str, descendant: &str| {
                format!(
                    "EXISTS (SELECT 1 FROM unit_closure s WHERE s.ancestor_id = {ancestor} AND s.descendant_id = {descendant}{end})"
                )
            };
            let top = |top: &str, within: &str| format!("({} AND {})", above(unit, top), above(within, top));
            format!(
                "EXISTS (SELECT 1 FROM role_grant g WHERE {mine} AND ({} OR {}){end})",
                top("g.unit_id", &bound),
                top(&bound, "g.unit_id")
            )
        }
    }
}

/// A condition on an alias of `role_grant`: the viewer's own, as far as his credential lets it work at all.
pub fn own_grant(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    let mine = mine(sql, viewer, alias);
    match viewer.within() {
        None => mine,
        Some(bound) => {
            let bound = sql.bind(bound);
            format!(
                "{mine} AND EXISTS (SELECT 1 FROM unit_closure b WHERE \
                 (b.ancestor_id = {alias}.unit_id AND b.descendant_id = {bound}) \
                 OR (b.ancestor_id = {bound} AND b.descendant_id = {alias}.unit_id))"
            )
        }
    }
}

/// A condition: the viewer is an author of the initiative of the alias, and his credential carries that.
/// `end` is the subquery's: [`row_by_row`](crate::store::Dialect::row_by_row), or nothing.
pub fn authored(sql: &mut Sql, viewer: Viewer, alias: &str, end: &str) -> String {
    if !viewer.may_author() {
        return "FALSE".to_owned();
    }
    let author = written_by(sql, viewer, alias, end);
    let bounds = in_bounds(sql, viewer, &format!("{alias}.unit_id"));
    format!("({author} AND {bounds})")
}

/// A condition: the viewer is an author of the initiative of the alias, whatever he came in by. Nobody decides on his own work.
pub fn is_author(sql: &mut Sql, viewer: Viewer, alias: &str) -> String {
    let end = sql.dialect.row_by_row();
    written_by(sql, viewer, alias, end)
}

fn written_by(sql: &mut Sql, viewer: Viewer, alias: &str, end: &str) -> String {
    let me = sql.bind(viewer.id_or_zero());
    format!(
        "EXISTS (SELECT 1 FROM initiative_author a WHERE a.initiative_id = {alias}.id AND a.account_id = {me}{end})"
    )
}
