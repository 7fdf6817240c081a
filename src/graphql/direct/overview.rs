//! Plans that one statement answers where nothing is known beforehand: a unit with a page of its first direct units, and the totals of one
//! programme, of now or of an instant, all of them without slices and breakdowns.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::TargetKind;

use super::gather::{Frame, of_overview, plainly};
use super::plan::{List, Plan, Rollup, RollupField, Units};
use super::rollups::Figures;
use crate::error::Result;
use crate::graphql::operation::Operation;
use crate::programme::Slice;
use crate::rollup::{Lens, OverviewOf, Overviewed, When, overview};

/// The plan's frame and figures by a single statement; none where it is no such plan, or takes more.
pub async fn read(operation: &Operation, plan: &Plan) -> Result<Option<(Arc<Frame>, Figures)>> {
    let Some(shape) = Shape::of(plan).filter(|_| !plan.takes_more.get()) else { return Ok(None) };
    let of = OverviewOf {
        clock: &operation.app.clock,
        unit: shape.unit,
        programme: shape.programme,
        below: shape.list.and_then(|list| Some((list.filter.order.unwrap_or_default(), plainly(list)? + 1))),
        when: match shape.instant {
            None => When::Now(&shape.targets),
            Some((at, lens)) => When::At(at, lens),
        },
    };
    let (found, statements) = overview(&operation.app.store, operation.viewer, &of).await?;
    operation.read_beside(statements);
    let overview = match found {
        Overviewed::Overview(overview) => overview,
        Overviewed::NotNow => return Ok(None),
        Overviewed::TakesMore => {
            plan.takes_more.set(true);
            return Ok(None);
        }
    };
    let measures = overview.rows.iter().map(|row| (row.face.id, row.measures)).collect::<HashMap<_, _>>();
    let frame = of_overview(plan, operation.viewer, overview);
    Ok(Some((Arc::new(frame), Figures::of_measures(measures))))
}

/// What is selected, where it is such a plan.
struct Shape<'p> {
    unit: &'p str,
    programme: &'p str,
    list: Option<&'p List>,
    instant: Option<(i64, Lens)>,
    targets: Vec<TargetKind>,
}

impl Shape<'_> {
    fn of(plan: &Plan) -> Option<Shape<'_>> {
        let [(unit, selected)] = plan.units.as_slice() else { return None };
        let list = match selected.lists.as_slice() {
            [] => None,
            [list] if !list.counted && plainly(list).is_some() => Some(list),
            _ => return None,
        };
        let below: &[Units] = list.map_or(&[], |list| &list.nodes);
        if below.iter().any(|units| !units.lists.is_empty()) {
            return None;
        }
        let rollups: Vec<&Rollup> =
            [selected].into_iter().chain(below).flat_map(|units| units.rollups.iter().map(Arc::as_ref)).collect();
        let first = rollups.first()?;
        let (programme, instant) = (&first.programme, first.as_of.map(|at| (at, first.lens)));
        let same = |rollup: &Rollup| (rollup.as_of, rollup.lens) == (first.as_of, first.lens);
        let alike = rollups.iter().all(|rollup| rollup.programme == *programme && same(rollup) && is_plain(rollup));
        let asked: Vec<TargetKind> = rollups.iter().flat_map(|rollup| kinds(rollup)).collect();
        let targets = [TargetKind::Guideline, TargetKind::Registered, TargetKind::Planned].into_iter();
        let targets = targets.filter(|kind| asked.contains(kind)).collect();
        alike.then_some(Shape { unit, programme, list, instant, targets })
    }
}

/// Totals and targets, and nothing else.
fn is_plain(rollup: &Rollup) -> bool {
    rollup.slice == Slice::default()
        && rollup.breakdowns.is_empty()
        && rollup.overs.is_empty()
        && !rollup.needs.registered_below
        && match rollup.as_of {
            None => rollup.lens == Lens::Current,
            Some(_) => !rollup.needs.targets,
        }
}

/// The kinds of target that are told or compared with.
fn kinds(rollup: &Rollup) -> Vec<TargetKind> {
    let of = |field: &RollupField| match field {
        RollupField::Target(kind) | RollupField::Completion(_, Some(kind), _) => vec![*kind],
        RollupField::Completion(_, None, _) => vec![TargetKind::Guideline, TargetKind::Registered],
        _ => Vec::new(),
    };
    rollup.fields.iter().flat_map(|(_, field)| of(field)).collect()
}
