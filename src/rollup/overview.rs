//! A unit and its first direct units with their totals, present ones with targets or those of an instant, by one statement that needs no
//! snapshot but its own: what a dashboard opens with, read from nothing that was known before.

use std::sync::Arc;

use entity::enums::{TargetKind, Visibility};
use sea_orm::ActiveEnum;

use super::history::{self, Instant, InstantRow};
use super::measures::Measures;
use super::over::TargetValues;
use super::view::Lens;
use crate::access::{Sight, Viewer};
use crate::clock::Clock;
use crate::error::Result;
use crate::ledger::Tally;
use crate::programme;
use crate::store::{Both, Sql, Store, lean_row};
use crate::unit::{self, Face, FaceRow, UnitOrder};

/// What is asked for.
pub struct OverviewOf<'a> {
    /// Tells what lies in the future.
    pub clock: &'a Clock,
    /// The unit's code.
    pub unit: &'a str,
    /// The programme's.
    pub programme: &'a str,
    /// So many of the first direct units.
    pub below: Option<(UnitOrder, usize)>,
    pub when: When<'a>,
}

/// Which totals are meant.
#[derive(Clone, Copy)]
pub enum When<'a> {
    /// Those of now, with targets of these kinds.
    Now(&'a [TargetKind]),
    /// Those of an instant, through the tree now or as reported, without targets.
    At(i64, Lens),
}

/// What came of one statement.
pub enum Told {
    Overview(Overview),
    /// Nothing for this viewer, or at this moment: he sees no such unit or programme, they are named otherwise now, something is queued, or
    /// the instant lies after the last mark and events, or in the future.
    NotNow,
    /// Nothing: a unit keeps no cells, or no history.
    TakesMore,
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

lean_row!(
    /// Where it stands, and in the unit's row alone what of the programme shows, and whether the statement tells all: columns cost.
    Place {
        place: i64,
        programme_id: Option<i64>,
        visibility: Option<String>,
        public_level: Option<i32>,
        /// 1 where something is queued, or where rows do not tell the instant, or it lies in the future.
        more: Option<i64>,
    }
);

lean_row!(Targets {
    guideline: Option<i32>,
    registered: Option<i32>,
    planned: Option<i32>,
});

lean_row!(Kept {
    #[serde(deserialize_with = "crate::store::truth")]
    kept: bool,
});

/// Figures, where the row tells them.
type Figures = Option<(Measures, TargetValues)>;

/// One statement, or two where the viewer sees the unit's face alone; with their number.
pub async fn overview(store: &Store, viewer: Viewer, of: &OverviewOf<'_>) -> Result<(Told, u32)> {
    // No code has a NUL, and PostgreSQL takes none.
    if [of.unit, of.programme].iter().any(|code| code.contains('\0')) || of.when.is_now() && store.queued.get() {
        return Ok((Told::NotNow, 0));
    }
    // Most who are signed in look at what is theirs: who sees it whole sees all below it so, and nobody needs to ask.
    let mut statements = 0;
    if viewer.account().is_some() {
        statements += 1;
        let found = read(store, viewer, of, Sight::Whole).await?;
        if found.first().is_none_or(|(face, ..)| face.in_scope) || of.below.is_none() {
            return Ok((told(store, of, found)?, statements));
        }
    }
    Ok((told(store, of, read(store, viewer, of, Sight::Face).await?)?, statements + 1))
}

async fn read(
    store: &Store,
    viewer: Viewer,
    of: &OverviewOf<'_>,
    sight: Sight,
) -> Result<Vec<(FaceRow, Place, Figures)>> {
    let mut found = Vec::new();
    match of.when {
        When::Now(targets) => {
            let sql = statement(store, viewer, of, sight, |sql, units| present(sql, targets, units));
            type Read = Both<FaceRow, Both<Place, Both<Measures, Targets>>>;
            for Both(face, Both(place, Both(measures, row))) in store.lean::<Read>(sql).await? {
                let Targets { guideline, registered, planned } = row;
                let figures = (measures, TargetValues { guideline, registered, planned });
                found.push((face, place, Some(figures)));
            }
        }
        When::At(at, lens) => {
            let sql = statement(store, viewer, of, sight, |sql, units| past(sql, of.clock, at, lens, units));
            type Read = Both<FaceRow, Both<Place, Both<Kept, InstantRow>>>;
            for Both(face, Both(place, Both(Kept { kept }, row))) in store.lean::<Read>(sql).await? {
                let measures = if kept { history::instant_measures(&row, at)? } else { None };
                found.push((face, place, measures.map(|measures| (measures, TargetValues::default()))));
            }
        }
    }
    // No order is told by a join.
    found.sort_unstable_by_key(|(_, place, _)| place.place);
    Ok(found)
}

fn told(store: &Store, of: &OverviewOf<'_>, found: Vec<(FaceRow, Place, Figures)>) -> Result<Told> {
    let Some((_, first, _)) = found.first() else { return Ok(Told::NotNow) };
    let (Some(programme), Some(visibility), Some(public_level), Some(more)) =
        (first.programme_id, &first.visibility, first.public_level, first.more)
    else {
        return Ok(Told::NotNow);
    };
    if of.when.is_now() && store.dialect.queues_deltas() {
        store.queued.set(more > 0);
    }
    if more > 0 {
        return Ok(Told::NotNow);
    }
    if found.iter().any(|(face, ..)| !face.has_cells) {
        return Ok(Told::TakesMore);
    }
    let mut overview = Overview {
        programme,
        visibility: Visibility::try_from_value(visibility)?,
        public_level,
        rows: Vec::with_capacity(found.len()),
    };
    for (face, _, figures) in found {
        let (Some(face), Some((measures, targets))) = (face.face()?, figures) else { return Ok(Told::TakesMore) };
        overview.rows.push(OverviewRow { face, measures, targets });
    }
    Ok(Told::Overview(overview))
}

impl When<'_> {
    fn is_now(self) -> bool {
        matches!(self, When::Now(_))
    }
}

/// How the figures are found: FROM, given what stands before; whether there is more; their columns.
struct Found {
    from: String,
    more: String,
    columns: String,
}

/// `figures` finds those of the unit `x` in the programme `p`.
fn statement(
    store: &Store,
    viewer: Viewer,
    of: &OverviewOf<'_>,
    sight: Sight,
    figures: impl FnOnce(&mut Sql, (String, String)) -> Found,
) -> Sql {
    let mut sql = Sql::new(store.dialect, "");
    let below = of.below.map(|(order, limit)| (order, limit, sight));
    let units = unit::face_and_below(&mut sql, viewer, of.unit, below);
    let programme = programme::terms_by_code(&mut sql, viewer, of.programme);
    let Found { from, more, columns } = figures(&mut sql, (units, programme));
    let once = ["p.id", "p.visibility", "p.public_level", &more];
    let once = once.map(|one| format!("CASE WHEN x.place = 0 THEN {one} END")).join(", ");
    sql.push(&format!("SELECT {}, x.place, {once}, {columns} FROM {from}", FaceRow::columns("x")));
    sql
}

fn present(sql: &mut Sql, targets: &[TargetKind], (units, programme): (String, String)) -> Found {
    let tally = Tally::COLUMNS.map(|column| format!("COALESCE(r.{column}, 0)")).join(", ");
    let (targets, settings) = settings(targets);
    let queued = match sql.dialect.queues_deltas() {
        true => "(SELECT COUNT(*) FROM (SELECT 1 FROM rollup_delta LIMIT 1) d)",
        false => "0",
    };
    Found {
        from: format!(
            "{units} x CROSS JOIN {programme} p LEFT JOIN rollup_cell r ON r.unit_id = x.id AND r.programme_id = p.id \
             AND r.phase_id = 0 AND r.group_id = 0 AND r.bloc = ''{settings}"
        ),
        more: queued.to_owned(),
        columns: format!("{tally}, COALESCE(r.participants, 0), {targets}"),
    }
}

fn past(sql: &mut Sql, clock: &Clock, at: i64, lens: Lens, (units, programme): (String, String)) -> Found {
    let (at, now) = (sql.key(at), sql.now(clock));
    let reported = history::through_reported(lens, "u.id");
    let once = sql.dialect.row_by_row();
    let outer = format!("(SELECT u.*, {reported} AS reported FROM {units} u{once}) x CROSS JOIN {programme} p");
    let asked = Instant { unit: "x.id", programme: "p.id", reported: "x.reported", at: &at };
    let kept = history::is_kept("x.id", "x.reported");
    Found {
        from: sql.along_if_any(&outer, "rollup_history", "h", &asked.tells()),
        more: format!("CASE WHEN {at} <= {now} AND {} THEN 0 ELSE 1 END", history::is_told(sql.dialect, &at)),
        columns: format!("{kept} AS kept, {}", history::instant_columns(sql, &at)),
    }
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
