//! A unit and its first direct units with their present totals and targets, by one statement that needs no snapshot but its own: what a
//! dashboard opens with, read from nothing that was known before.

use std::sync::Arc;

use entity::enums::{TargetKind, Visibility};
use sea_orm::ActiveEnum;

use super::measures::Measures;
use super::over::TargetValues;
use crate::access::Viewer;
use crate::error::Result;
use crate::ledger::{Tally, tally_in};
use crate::programme;
use crate::store::{Both, Sql, Store, lean_row};
use crate::unit::{self, Face, FaceRow, UnitOrder};

/// What is asked for.
pub struct OverviewOf<'a> {
    /// The unit's code.
    pub unit: &'a str,
    /// The programme's.
    pub programme: &'a str,
    /// So many of the first direct units.
    pub below: Option<(UnitOrder, usize)>,
    /// The kinds of target that are meant.
    pub targets: &'a [TargetKind],
}

pub struct Overview {
    /// What of the programme shows.
    pub programme: i64,
    pub visibility: Visibility,
    pub public_level: i32,
    /// The unit, then those below it in their order; each as its viewer sees it, but the figures whether or not they show.
    pub rows: Vec<OverviewRow>,
}

pub struct OverviewRow {
    pub face: Arc<Face>,
    pub measures: Measures,
    pub targets: TargetValues,
}

lean_row!(Figures {
    place: i64,
    programme_id: i64,
    visibility: String,
    public_level: i32,
    #[serde(deserialize_with = "crate::store::truth")]
    queued: bool,
    pending: i64,
    returned: i64,
    approved: i64,
    rejected: i64,
    revoked: i64,
    claimed_pending: i64,
    claimed_returned: i64,
    claimed_approved: i64,
    verified: i64,
    opaque_pending: i64,
    opaque_returned: i64,
    opaque_approved: i64,
    participants: i64,
    guideline: Option<i32>,
    registered: Option<i32>,
    planned: Option<i32>,
});

/// None where it takes more than one statement: where something is queued, where one of the units keeps no cells, and where the viewer sees
/// no such unit or programme, or they are named otherwise now.
pub async fn overview(store: &Store, viewer: Viewer, of: &OverviewOf<'_>) -> Result<Option<Overview>> {
    let queues = store.dialect.queues_deltas();
    // No code has a NUL, and PostgreSQL takes none.
    if queues && store.queued.get() || [of.unit, of.programme].iter().any(|code| code.contains('\0')) {
        return Ok(None);
    }
    let mut found: Vec<Both<FaceRow, Figures>> = store.lean(statement(store, viewer, of)).await?;
    let queued = found.iter().any(|Both(_, figures)| figures.queued);
    if queues {
        store.queued.set(queued);
    }
    // No order is told by a join.
    found.sort_unstable_by_key(|Both(_, figures)| figures.place);
    let Some(Both(_, first)) = found.first() else { return Ok(None) };
    if queued || first.place != 0 || found.iter().any(|Both(face, _)| !face.has_cells) {
        return Ok(None);
    }
    let mut overview = Overview {
        programme: first.programme_id,
        visibility: Visibility::try_from_value(&first.visibility)?,
        public_level: first.public_level,
        rows: Vec::with_capacity(found.len()),
    };
    for Both(face, figures) in found {
        let Some(face) = face.face()? else { return Ok(None) };
        let Figures { guideline, registered, planned, participants, .. } = figures;
        let measures = Measures { tally: tally_in!(figures), participants };
        overview.rows.push(OverviewRow { face, measures, targets: TargetValues { guideline, registered, planned } });
    }
    Ok(Some(overview))
}

fn statement(store: &Store, viewer: Viewer, of: &OverviewOf<'_>) -> Sql {
    let mut sql = Sql::new(store.dialect, "");
    let units = unit::face_and_below(&mut sql, viewer, of.unit, of.below);
    let programme = programme::terms_by_code(&mut sql, viewer, of.programme);
    let queued = match store.dialect.queues_deltas() {
        true => "EXISTS (SELECT 1 FROM rollup_delta)",
        false => "FALSE",
    };
    let tally = Tally::COLUMNS.map(|column| format!("COALESCE(r.{column}, 0)")).join(", ");
    let target = |kind: TargetKind| match of.targets.contains(&kind) {
        true => format!(
            "(SELECT t.value FROM target t WHERE t.unit_id = x.id AND t.programme_id = p.id AND t.kind = '{}' AND t.phase_id = 0 \
             AND t.bloc = '')",
            kind.to_value()
        ),
        false => "CAST(NULL AS INTEGER)".to_owned(),
    };
    let targets = [TargetKind::Guideline, TargetKind::Registered, TargetKind::Planned].map(target).join(", ");
    sql.push(&format!(
        "SELECT {}, x.place, p.id AS programme_id, p.visibility, p.public_level, {queued} AS queued, {tally}, \
         COALESCE(r.participants, 0), {targets} FROM {units} x CROSS JOIN {programme} p LEFT JOIN rollup_cell r \
         ON r.unit_id = x.id AND r.programme_id = p.id AND r.phase_id = 0 AND r.group_id = 0 AND r.bloc = ''",
        FaceRow::columns("x")
    ));
    sql
}
