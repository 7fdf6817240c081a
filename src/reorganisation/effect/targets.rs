//! Targets that pass to successors: added up, or by shares. What a unit had stays among its own past.

use std::collections::HashMap;

use entity::enums::Bound;
use entity::target::Model;

use super::Deed;
use crate::error::{Error, ErrorCode, Result};
use crate::programme::target;
use crate::reorganisation::carry::WHOLE;
use crate::reorganisation::sketch::{Cell, Passing, Sketch};
use crate::reorganisation::step::Targets;
use crate::text::message;
use crate::unit::restructure::Moment;

/// What is added to a cell, and the bound of the sum.
#[derive(Clone, Copy)]
struct Sum {
    value: i64,
    at_least: bool,
}

/// Answers how many cells were set or taken away.
pub async fn pass(deed: &Deed<'_>, sketch: &Sketch, moment: Moment) -> Result<u64> {
    let passing: Vec<&Passing> = sketch.passing.iter().filter(|one| one.targets == Targets::AddUp).collect();
    let mut units: Vec<i64> = passing.iter().flat_map(|one| [one.from, one.to]).collect();
    units.extend(sketch.settings.iter().map(|setting| setting.unit));
    units.sort_unstable();
    units.dedup();
    let mut sql = deed.tx.sql("SELECT * FROM target WHERE ");
    let these = sql.any_id("unit_id", &units);
    sql.push(&these);
    let mut held: HashMap<i64, Vec<Model>> = HashMap::new();
    for target in deed.tx.all::<Model>(sql).await? {
        held.entry(target.unit_id).or_default().push(target);
    }
    let sums = sums(&passing, &held, |unit| sketch.get(unit).is_some_and(|unit| unit.is.ended));
    let mut wanted: HashMap<(i64, Cell), Option<(i32, Bound)>> = HashMap::with_capacity(sums.len());
    for (key, sum) in sums {
        let value = i32::try_from(sum.value).map_err(|_| {
            let message = message!("targets would add up to {sum}, more than {max}", sum = sum.value, max = i32::MAX);
            Error::user(ErrorCode::OutOfRange, "steps", message)
        })?;
        let bound = if sum.at_least { Bound::AtLeast } else { Bound::Exact };
        wanted.insert(key, Some((value, bound)));
    }
    // What is restated is so whatever passes.
    wanted.extend(sketch.settings.iter().map(|one| ((one.unit, one.cell.clone()), one.value)));
    let (mut sets, mut gone) = (Vec::new(), Vec::new());
    for ((unit_id, cell), value) in wanted {
        let stands = held.get(&unit_id).into_iter().flatten().find(|target| Cell::of(target) == cell);
        let Cell { programme: programme_id, kind, phase: phase_id, bloc } = cell;
        match (value, stands) {
            (Some((value, bound)), _) => {
                let (id, set_at) = (deed.app.new_id(), moment.recorded);
                sets.push(Model { id, unit_id, programme_id, kind, phase_id, bloc, value, bound, set_at });
            }
            (None, Some(target)) => gone.push(target.clone()),
            (None, None) => {}
        }
    }
    let by = Some(deed.by);
    let set = target::write(deed.tx, &sets, by, || deed.app.new_id()).await?;
    target::clear(deed.tx, &gone, moment.recorded, by, || deed.app.new_id()).await?;
    Ok((set.len() + gone.len()) as u64)
}

/// Pure: the cells that change, each with its new value.
fn sums(
    passing: &[&Passing],
    held: &HashMap<i64, Vec<Model>>,
    ended: impl Fn(i64) -> bool,
) -> HashMap<(i64, Cell), Sum> {
    let mut sums: HashMap<(i64, Cell), Sum> = HashMap::new();
    let mut given: HashMap<(i64, Cell), i64> = HashMap::new();
    let own = |unit: i64| held.get(&unit).map(Vec::as_slice).unwrap_or_default();
    let start = |sums: &mut HashMap<(i64, Cell), Sum>, unit: i64, target: &Model| {
        let mine = own(unit).iter().find(|mine| Cell::of(mine) == Cell::of(target));
        let value = mine.map_or(0, |mine| i64::from(mine.value));
        let at_least = mine.is_some_and(|mine| mine.bound == Bound::AtLeast);
        sums.entry((unit, Cell::of(target))).or_insert(Sum { value, at_least });
    };
    for (i, one) in passing.iter().enumerate() {
        let last = !passing[i + 1..].iter().any(|later| later.from == one.from);
        let shared: i32 = passing.iter().filter(|other| other.from == one.from).map(|other| other.share).sum();
        for target in own(one.from) {
            let before = given.entry((one.from, Cell::of(target))).or_default();
            // Who comes last gets what rounding left, where all of it is given away.
            let share = match last && shared == WHOLE {
                true => i64::from(target.value) - *before,
                false => i64::from(target.value) * i64::from(one.share) / i64::from(WHOLE),
            };
            *before += share;
            start(&mut sums, one.to, target);
            if let Some(sum) = sums.get_mut(&(one.to, Cell::of(target))) {
                sum.value += share;
                sum.at_least |= target.bound == Bound::AtLeast;
            }
        }
    }
    for ((unit, cell_of), gone) in given.into_iter().filter(|((unit, _), _)| !ended(*unit)) {
        if let Some(target) = own(unit).iter().find(|target| Cell::of(target) == cell_of) {
            start(&mut sums, unit, target);
            if let Some(sum) = sums.get_mut(&(unit, cell_of)) {
                sum.value -= gone;
            }
        }
    }
    sums.retain(|_, sum| sum.value > 0);
    sums
}

#[cfg(test)]
mod tests {
    use entity::enums::TargetKind;

    use super::*;

    fn target(unit_id: i64, value: i32) -> Model {
        let (kind, bound) = (TargetKind::Guideline, Bound::Exact);
        Model { id: unit_id, unit_id, programme_id: 1, kind, phase_id: 0, bloc: String::new(), value, bound, set_at: 0 }
    }

    fn of(unit: i64, sums: &HashMap<(i64, Cell), Sum>) -> Option<i64> {
        sums.iter().find(|((of, _), _)| *of == unit).map(|(_, sum)| sum.value)
    }

    #[test]
    fn targets_add_up_and_shares_lose_nothing() {
        let held = HashMap::from([(1, vec![target(1, 100)]), (2, vec![target(2, 7)]), (3, vec![target(3, 5)])]);
        let all = |from, to| Passing { from, to, targets: Targets::AddUp, share: WHOLE };
        let found = sums(&[&all(1, 9), &all(2, 9)], &held, |_| true);
        assert_eq!(of(9, &found), Some(107));
        // A third each of 100, the last with the rest; one of them had 5.
        let third = |to, share| Passing { from: 1, to, targets: Targets::AddUp, share };
        let found = sums(&[&third(3, 3_333), &third(8, 3_333), &third(9, 3_334)], &held, |_| true);
        assert_eq!((of(3, &found), of(8, &found), of(9, &found)), (Some(38), Some(33), Some(34)));
        // Who goes on keeps what is not given away.
        let found = sums(&[&third(9, 2_500)], &held, |_| false);
        assert_eq!((of(1, &found), of(9, &found)), (Some(75), Some(25)));
    }
}
