//! Reading the log: by whoever is an admin at or above a unit, and by operators.

use std::collections::HashMap;
use std::sync::Arc;

use entity::audit_entry::Model;
use entity::enums::{AuditObject, AuditOutcome};
use sea_orm::{ActiveEnum, FromQueryResult};

use super::write::Change;
use crate::access::{Right, Viewer, covered};
use crate::error::{Error, Result};
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::{Sql, Tx};

/// Which lines; what is left out asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AuditFilter {
    pub action: Option<String>,
    pub actor: Option<i64>,
    pub outcomes: Option<Vec<AuditOutcome>>,
    /// Milliseconds since the epoch; the first is inside, the second is not.
    pub from: Option<i64>,
    pub to: Option<i64>,
}

/// A line that shows to its viewer.
#[derive(Clone, Debug)]
pub struct SeenLine {
    pub row: Model,
    /// Whether the client's address shows: to the actor, to the admins over him, and to operators.
    pub address: bool,
    pub changes: Vec<Change>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    line: Model,
    shows_values: bool,
    shows_address: bool,
}

impl Row {
    fn seen(self) -> Result<Arc<SeenLine>> {
        let changes = if self.shows_values {
            let unreadable = |error| Error::Internal(format!("line {} of the audit log: {error}", self.line.id));
            serde_json::from_str(&self.line.changes).map_err(unreadable)?
        } else {
            Vec::new()
        };
        Ok(Arc::new(SeenLine { row: self.line, address: self.shows_address, changes }))
    }
}

/// Columns of a line `e` with how much of it shows.
fn columns(sql: &mut Sql, viewer: Viewer) -> String {
    // Operators read the log, and no records: neither by the log.
    let records = covered(sql, viewer, Right::ReadRecords, "e.unit_id");
    let initiative = AuditObject::Initiative.to_value();
    let values = format!("(e.object IS NULL OR e.object <> '{initiative}' OR {records})");
    let addresses = covered(sql, viewer, Right::ReadAddresses, "e.unit_id");
    let people = covered(sql, viewer, Right::ReadPeople, "p.unit_id");
    let me = sql.bind(viewer.id_or_zero());
    let end = sql.dialect.row_by_row();
    let address = format!(
        "(COALESCE(e.actor_id, -1) = {me} OR {addresses} \
         OR EXISTS (SELECT 1 FROM account p WHERE p.id = e.actor_id AND {people}{end}))"
    );
    format!("e.*, {values} AS shows_values, {address} AS shows_address")
}

/// Those of the units whose log the viewer reads; one statement.
pub async fn readable(tx: &Tx, viewer: Viewer, units: &[i64]) -> Result<Vec<i64>> {
    let mut sql = tx.sql("");
    let covered = covered(&mut sql, viewer, Right::ReadAudit, "o.id");
    let units = sql.id_table(units);
    sql.push(&format!("SELECT o.id FROM {units} o WHERE {covered}"));
    tx.ids(sql).await
}

/// Those of the lines that show; one statement.
pub async fn by_id(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenLine>>> {
    let mut sql = tx.sql("");
    let columns = columns(&mut sql, viewer);
    let readable = covered(&mut sql, viewer, Right::ReadAudit, "e.unit_id");
    let these = sql.any_id("e.id", ids);
    sql.push(&format!("SELECT {columns} FROM audit_entry e WHERE {these} AND {readable}"));
    let rows = tx.all::<Row>(sql).await?;
    rows.into_iter().map(|row| Ok((row.line.id, row.seen()?))).collect()
}

/// A page of the log of each unit and everything below it, the newest line first; one statement.
pub async fn pages(
    tx: &Tx,
    viewer: Viewer,
    filter: &AuditFilter,
    units: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Arc<SeenLine>>>> {
    let pages = listing(tx, viewer, filter).pages::<Row>(tx, units, args).await?;
    let seen = |page: Page<Row>| -> Result<Page<Arc<SeenLine>>> {
        let mut edges = Vec::with_capacity(page.edges.len());
        for edge in page.edges {
            edges.push(crate::page::Edge { cursor: edge.cursor, node: edge.node.seen()? });
        }
        Ok(Page { edges, has_next: page.has_next, has_previous: page.has_previous, until: page.until })
    };
    pages.into_iter().map(|(unit, page)| Ok((unit, seen(page)?))).collect()
}

/// How many lines there are for each unit; one statement.
pub async fn counts(tx: &Tx, viewer: Viewer, filter: &AuditFilter, units: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx, viewer, filter).counts(tx, units).await
}

fn listing(tx: &Tx, viewer: Viewer, filter: &AuditFilter) -> Listing {
    let mut sql = tx.sql("");
    let columns = columns(&mut sql, viewer);
    let mut conditions = vec![
        covered(&mut sql, viewer, Right::ReadAudit, "o.id"),
        "e.unit_id IN (SELECT w.descendant_id FROM unit_closure w WHERE w.ancestor_id = o.id)".to_owned(),
    ];
    match &filter.action {
        // Nothing is called that, and PostgreSQL takes no NUL.
        Some(action) if action.contains('\0') => conditions.push("FALSE".to_owned()),
        Some(action) => conditions.push(format!("e.action = {}", sql.bind(action.as_str()))),
        None => {}
    }
    if let Some(actor) = filter.actor {
        conditions.push(format!("e.actor_id = {}", sql.bind(actor)));
    }
    if let Some(outcomes) = &filter.outcomes {
        let outcomes: Vec<String> = outcomes.iter().map(|outcome| outcome.to_value()).collect();
        conditions.push(sql.any_text("e.outcome", &outcomes));
    }
    if let Some(from) = filter.from {
        conditions.push(format!("e.at >= {}", sql.bind(from)));
    }
    if let Some(to) = filter.to {
        conditions.push(format!("e.at < {}", sql.bind(to)));
    }
    Listing {
        sql,
        columns,
        from: "audit_entry e".to_owned(),
        id: "e.id",
        conditions,
        order: "audit".to_owned(),
        keys: vec![Key::desc("e.at", KeyKind::Int), Key::desc("e.id", KeyKind::Int)],
    }
}
