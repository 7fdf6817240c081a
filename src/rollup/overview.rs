//! A unit and its first direct units with their present totals and targets, by one statement that needs no snapshot but its own: what a
//! dashboard opens with, read from nothing that was known before.

use std::sync::Arc;

use entity::enums::{TargetKind, Visibility};
use sea_orm::ActiveEnum;

use super::measures::Measures;
use super::over::TargetValues;
use crate::access::{Sight, Viewer};
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
    // These stand in the unit's row alone: columns cost.
    programme_id: Option<i64>,
    visibility: Option<String>,
    public_level: Option<i32>,
    queued: Option<i64>,
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

/// None where it takes more: where something is queued, where one of the units keeps no cells, and where the viewer sees no such unit or
/// programme, or they are named otherwise now. One statement, or two where the viewer sees the unit's face alone. With the number of
/// statements.
pub async fn overview(store: &Store, viewer: Viewer, of: &OverviewOf<'_>) -> Result<(Option<Overview>, u32)> {
    // No code has a NUL, and PostgreSQL takes none.
    if store.queued.get() || [of.unit, of.programme].iter().any(|code| code.contains('\0')) {
        return Ok((None, 0));
    }
    // Most who are signed in look at what is theirs: who sees it whole sees all below it so, and nobody needs to ask.
    let mut statements = 0;
    if viewer.account().is_some() {
        statements += 1;
        let found = read(store, viewer, of, Sight::Whole).await?;
        if found.first().is_none_or(|Both(face, _)| face.in_scope) || of.below.is_none() {
            return Ok((told(store, found)?, statements));
        }
    }
    Ok((told(store, read(store, viewer, of, Sight::Face).await?)?, statements + 1))
}

type Found = Vec<Both<FaceRow, Figures>>;

async fn read(store: &Store, viewer: Viewer, of: &OverviewOf<'_>, sight: Sight) -> Result<Found> {
    let mut found: Found = store.lean(statement(store, viewer, of, sight)).await?;
    // No order is told by a join.
    found.sort_unstable_by_key(|Both(_, figures)| figures.place);
    Ok(found)
}

fn told(store: &Store, found: Found) -> Result<Option<Overview>> {
    let Some(Both(_, first)) = found.first() else { return Ok(None) };
    let (Some(programme), Some(visibility), Some(public_level), Some(queued)) =
        (first.programme_id, &first.visibility, first.public_level, first.queued)
    else {
        return Ok(None);
    };
    if store.dialect.queues_deltas() {
        store.queued.set(queued > 0);
    }
    if queued > 0 || found.iter().any(|Both(face, _)| !face.has_cells) {
        return Ok(None);
    }
    let mut overview = Overview {
        programme,
        visibility: Visibility::try_from_value(visibility)?,
        public_level,
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

fn statement(store: &Store, viewer: Viewer, of: &OverviewOf<'_>, sight: Sight) -> Sql {
    let mut sql = Sql::new(store.dialect, "");
    let below = of.below.map(|(order, limit)| (order, limit, sight));
    let units = unit::face_and_below(&mut sql, viewer, of.unit, below);
    let programme = programme::terms_by_code(&mut sql, viewer, of.programme);
    let queued = match store.dialect.queues_deltas() {
        true => "(SELECT COUNT(*) FROM (SELECT 1 FROM rollup_delta LIMIT 1) d)",
        false => "0",
    };
    let once = ["p.id", "p.visibility", "p.public_level", queued].map(|one| format!("CASE WHEN x.place = 0 THEN {one} END"));
    let tally = Tally::COLUMNS.map(|column| format!("COALESCE(r.{column}, 0)")).join(", ");
    let (targets, settings) = settings(of.targets);
    sql.push(&format!(
        "SELECT {}, x.place, {}, {tally}, COALESCE(r.participants, 0), {targets} FROM {units} x CROSS JOIN {programme} p \
         LEFT JOIN rollup_cell r ON r.unit_id = x.id AND r.programme_id = p.id AND r.phase_id = 0 AND r.group_id = 0 AND r.bloc = ''{settings}",
        FaceRow::columns("x"),
        once.join(", ")
    ));
    sql
}

/// Columns for the three kinds of target, of which those that nobody asks for are empty, and a join that finds them.
fn settings(wanted: &[TargetKind]) -> (String, String) {
    let target = |kind: TargetKind| match wanted.contains(&kind) {
        true => format!("t{}.value", kind.to_value()),
        false => "CAST(NULL AS INTEGER)".to_owned(),
    };
    let joined = wanted.iter().map(|kind| {
        let kind = kind.to_value();
        format!(
            " LEFT JOIN target t{kind} ON t{kind}.unit_id = x.id AND t{kind}.programme_id = p.id AND t{kind}.kind = '{kind}' \
             AND t{kind}.phase_id = 0 AND t{kind}.bloc = ''"
        )
    });
    let kinds = [TargetKind::Guideline, TargetKind::Registered, TargetKind::Planned];
    (kinds.map(target).join(", "), joined.collect())
}
