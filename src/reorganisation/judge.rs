//! Whether a sketch is a legal tree, what it touches, and who may make it.

use std::collections::{BTreeMap, HashSet};

use entity::enums::{Action, Operation};
use sea_orm::{ActiveEnum, FromQueryResult};

use super::faults::PlanFaults;
use super::sketch::{Sketch, Sketched};
use super::step::Step;
use crate::error::{ErrorCode, Result};
use crate::store::Tx;
use crate::text::{Message, message};
use crate::unit::{legal_parent, parents_in_words};

/// Pure: parents that are legal for their kinds, and no cycles.
pub fn tree(sketch: &Sketch, faults: &mut PlanFaults) {
    let mut illegal: BTreeMap<(usize, &str, &str), Vec<&str>> = BTreeMap::new();
    let mut cycles: HashSet<usize> = HashSet::new();
    let mut units: Vec<_> = sketch.units.iter().filter(|(_, unit)| !unit.is.ended).collect();
    units.sort_by(|a, b| a.1.is.code.cmp(&b.1.is.code));
    let parents = units.iter().filter_map(|(_, unit)| Some((unit, sketch.get(unit.is.parent?)?)));
    for (unit, parent) in parents {
        let kind_before = unit.was.as_ref().map(|was| was.kind);
        let parent_kind_before = parent.was.as_ref().map(|was| was.kind);
        let same = kind_before == Some(unit.is.kind)
            && unit.was.as_ref().and_then(|was| was.parent) == unit.is.parent
            && parent_kind_before == Some(parent.is.kind);
        if !same && !legal_parent(unit.is.kind, parent.is.kind) {
            let step = if unit.step > 0 { unit.step } else { parent.step };
            illegal.entry((step, parent.is.code.as_str(), unit_kind(unit))).or_default().push(unit.is.code.as_str());
        }
    }
    for ((step, parent, kind), units) in illegal {
        let legal = units.first().and_then(|code| sketch.codes.get(*code)).and_then(|id| sketch.get(*id));
        let legal = legal.map(|unit| parents_in_words(unit.is.kind)).unwrap_or_default();
        let shown = units.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        let message = message!(
            "{n} unit(s) of kind {kind} would stand below {parent}, which is not legal: {shown}; they may stand below: {legal}; move them in a step of their own",
            n = units.len(),
            kind,
            parent,
            shown,
            legal
        );
        faults.add(step, "", ErrorCode::IllegalParent, message);
    }
    for (id, unit) in units {
        // Who stands below a cycle is not its cause, nor who stands in it as before.
        if unit.was.as_ref().is_some_and(|was| !was.ended && was.parent == unit.is.parent) {
            continue;
        }
        let way = sketch.way_up(*id, false);
        if way.last() != Some(&sketch.root) && unit.is.parent.is_some() && cycles.insert(unit.step) {
            let message = message!("{unit} would stand below itself", unit = &unit.is.code);
            faults.add(unit.step, "parent", ErrorCode::Cycle, message);
        }
    }
}

fn unit_kind(unit: &Sketched) -> &'static str {
    use std::sync::OnceLock;
    static NAMES: OnceLock<BTreeMap<entity::enums::UnitKind, String>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        use sea_orm::Iterable;
        entity::enums::UnitKind::iter().map(|kind| (kind, kind.to_value())).collect()
    });
    names.get(&unit.is.kind).map_or("", String::as_str)
}

#[derive(FromQueryResult)]
struct Counted {
    id: i64,
    bloc: Option<String>,
    n: i64,
}

/// What is left of units that nobody follows; and records whose bloc their new seat would change.
pub async fn records(tx: &Tx, sketch: &Sketch, steps: &[Step], faults: &mut PlanFaults) -> Result<()> {
    let ending = sketch.those(|unit| unit.ends());
    if ending.is_empty() {
        return Ok(());
    }
    // What is seated at them goes with them.
    let mut sql = tx.sql(
        "SELECT c.ancestor_id AS id, u.bloc, (SELECT COUNT(*) FROM initiative i WHERE i.unit_id = c.descendant_id) AS n \
         FROM unit_closure c JOIN unit u ON u.id = c.descendant_id WHERE c.distance = 0 AND NOT c.ended AND ",
    );
    let these = sql.any_id("c.ancestor_id", &ending);
    sql.push(&these);
    let held: Vec<Counted> = tx.all(sql).await?;
    for Counted { id, bloc, n } in held.into_iter().filter(|held| held.n > 0) {
        let Some(unit) = sketch.get(id) else { continue };
        let follows = sketch.lineage.range((id, i64::MIN)..=(id, i64::MAX)).next().is_some();
        if !follows {
            let message = message!(
                "{unit} has {n} initiative(s): name the unit that follows it in into",
                unit = &unit.is.code,
                n
            );
            faults.add(unit.step, "into", ErrorCode::IllegalState, message);
        } else if let Some(seat) = sketch.get(unit.is.seat).filter(|seat| seat.is.bloc != bloc) {
            let message = of_another_bloc(&unit.is.code, bloc.as_deref(), seat);
            faults.add(unit.step, "into", ErrorCode::Invalid, message);
        }
    }
    childless(sketch, steps, faults);
    Ok(())
}

/// Why records of the unit, which are of the bloc, cannot be seated there.
pub fn of_another_bloc(unit: &str, bloc: Option<&str>, seat: &Sketched) -> Message {
    message!(
        "the initiatives of {unit} are of bloc {bloc}, {seat} is of {other}: figures by bloc would change",
        unit,
        bloc = bloc.unwrap_or("-"),
        seat = &seat.is.code,
        other = seat.is.bloc.as_deref().unwrap_or("-")
    )
}

/// Units that nobody follows leave nothing below them.
fn childless(sketch: &Sketch, steps: &[Step], faults: &mut PlanFaults) {
    let alone = (1..)
        .zip(steps)
        .filter(|(_, step)| step.is_done() && step.operation == Operation::Dissolve && step.input.into.is_none());
    for (place, step) in alone {
        for id in step.input.units.iter().filter_map(|code| sketch.codes.get(code)) {
            let mut left: Vec<&str> =
                sketch.left.iter().filter(|(_, above)| above == id).map(|(unit, _)| sketch.code(*unit)).collect();
            left.sort_unstable();
            if let Some(first) = left.first() {
                let message = message!(
                    "{n} unit(s) stand below {unit}, such as {first}: move them, or name the unit that follows it in into",
                    n = left.len(),
                    unit = sketch.code(*id),
                    first
                );
                faults.add(place, "into", ErrorCode::IllegalState, message);
            }
        }
    }
}

#[derive(FromQueryResult)]
struct Latest {
    at: Option<i64>,
}

/// A change that takes effect at an instant must not contradict what has happened to these units since.
pub async fn since(tx: &Tx, sketch: &Sketch, at: i64, faults: &mut PlanFaults) -> Result<()> {
    for (id, unit) in sketch.changed().filter(|(_, unit)| !unit.is_made() && unit.began > at) {
        let message =
            message!("{unit} has existed since {began} only", unit = sketch.code(id), began = instant(unit.began));
        faults.add(unit.step, "", ErrorCode::OutOfPeriod, message);
    }
    let changed: Vec<i64> = sketch.changed().filter(|(_, unit)| !unit.is_made()).map(|(id, _)| id).collect();
    let mut ways: Vec<i64> = changed.clone();
    ways.extend(sketch.changed().flat_map(|(_, unit)| {
        {
            let was = unit.was.as_ref().and_then(|was| was.parent);
            [was, unit.is.parent, Some(unit.is.seat)]
        }
        .into_iter()
        .flatten()
    }));
    // What came to these units or their ways since, and what went from below them.
    let mut sql = tx.sql(
        "SELECT MAX(x.at) AS at FROM (SELECT COALESCE(holds_from, since) AS at FROM unit_closure WHERE NOT ended AND ",
    );
    let (up, down) = (sql.any_id("descendant_id", &ways), sql.any_id("ancestor_id", &changed));
    let gone = sql.any_id("ancestor_id", &changed);
    // Names that change, and kinds: what was known of them then would end before it began.
    let renamed = sketch.changed().filter(|(_, unit)| {
        unit.was.as_ref().is_some_and(|was| (&was.name, &was.name_en) != (&unit.is.name, &unit.is.name_en))
    });
    let renamed: Vec<i64> = renamed.map(|(id, _)| id).collect();
    let (named, placed) = (sql.any_id("unit_id", &renamed), sql.any_id("unit_id", &changed));
    sql.push(&format!(
        "{up} UNION ALL SELECT COALESCE(holds_from, since) FROM unit_closure WHERE NOT ended AND {down} \
         UNION ALL SELECT COALESCE(holds_to, until) FROM unit_closure_past WHERE {gone} \
         UNION ALL SELECT valid_from FROM unit_name WHERE valid_to IS NULL AND {named} \
         UNION ALL SELECT valid_from FROM unit_placement WHERE valid_to IS NULL AND superseded_at IS NULL AND {placed}) x"
    ));
    let latest: Option<Latest> = tx.one(sql).await?;
    if let Some(last) = latest.and_then(|latest| latest.at).filter(|last| *last > at) {
        let message =
            message!("units of this plan have moved at {last}: it cannot take effect before", last = instant(last));
        faults.add(0, "effectiveAt", ErrorCode::OutOfPeriod, message);
    }
    Ok(())
}

fn instant(at: i64) -> String {
    crate::clock::instant(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The lowest unit that stands at or above every parent that the plan touches, in today's tree.
pub fn common(sketch: &Sketch) -> i64 {
    let mut common: Option<Vec<i64>> = None;
    for (_, unit) in sketch.changed() {
        let was = unit.was.as_ref().and_then(|was| was.parent);
        let now = unit.is.parent;
        let seat = (unit.is.ended).then_some(unit.is.seat);
        for parent in [was, now, seat].into_iter().flatten() {
            // A unit that is only just made stands below one that is not.
            let way: Vec<i64> = sketch
                .way_up(parent, false)
                .into_iter()
                .find(|id| sketch.get(*id).is_some_and(|unit| !unit.is_made()))
                .map(|id| sketch.way_up(id, true))
                .unwrap_or_default();
            common = Some(match common {
                None => way,
                Some(common) => common.into_iter().filter(|id| way.contains(id)).collect(),
            });
        }
    }
    common.and_then(|common| common.first().copied()).unwrap_or(sketch.root)
}

/// What somebody needs who does this.
pub const NEEDED: Action = Action::Move;

/// Members who are sent elsewhere belong to the unit that is split.
pub async fn members(tx: &Tx, sketch: &Sketch, steps: &[Step], faults: &mut PlanFaults) -> Result<()> {
    for (place, step) in (1..).zip(steps).filter(|(_, step)| step.is_done() && step.operation == Operation::Split) {
        let Some(unit) = step.input.units.first().and_then(|code| sketch.codes.get(code)) else { continue };
        for (i, part) in step.input.parts.iter().enumerate() {
            let mut sql = tx.sql("SELECT id FROM account WHERE unit_id = ");
            let unit = sql.bind(*unit);
            let these = sql.any_id("id", &part.accounts);
            sql.push(&format!("{unit} AND {these}"));
            let found: HashSet<i64> = tx.ids(sql).await?.into_iter().collect();
            let missing = part.accounts.iter().filter(|account| !found.contains(account)).count();
            if missing > 0 {
                let message = message!("{n} of the accounts belong to another unit", n = missing);
                faults.add(place, &format!("parts.{i}.accounts"), ErrorCode::UnknownCode, message);
            }
        }
    }
    Ok(())
}
