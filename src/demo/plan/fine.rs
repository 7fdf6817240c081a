//! What is published of small parts: there at full scale alone, where such parts have initiatives enough.

use rand::Rng;
use rand::seq::{SliceRandom, index};

use super::calendar::{WINDOWS, day, midnight, submission};
use super::programme::{ENTERPRISE_WORKER, PUBLIC_SERVICE_UNIT};
use super::quotas::{HA_NOI, fine as published};
use super::schedule::{Decided, Slot};
use super::units::Ground;

/// Sends in what Hà Nội has in the first window so late that at the given day it stands at the tenth place.
pub(super) fn climb(rng: &mut impl Rng, ground: &Ground, slots: &mut [Slot]) -> Result<(), String> {
    let ha_noi = ground.index_of(HA_NOI)?;
    let (year, month, date) = published::TENTH;
    let tenth = day(year, month, date);
    let mut by_then = vec![0_usize; ground.units.len()];
    for slot in slots.iter().filter(|slot| slot.at < midnight(tenth) && slot.direct() != ha_noi) {
        by_then[slot.direct()] += 1;
    }
    by_then.sort_unstable_by(|one, other| other.cmp(one));
    // As many as the best that are not to be better.
    let few = by_then.get(published::PLACE - 1).copied().unwrap_or(0);
    let mut own: Vec<&mut Slot> =
        slots.iter_mut().filter(|slot| slot.direct() == ha_noi && slot.window() == 0).collect();
    own.shuffle(rng);
    let window = &WINDOWS[0];
    let eve = tenth.pred_opt().unwrap_or(tenth);
    for (number, slot) in own.into_iter().enumerate() {
        let (first, last) = if number < few { (window.first, eve) } else { (tenth, window.last) };
        slot.at = submission(rng, first, last);
    }
    Ok(())
}

/// Leaves Hà Nội the published number of enterprise workers' initiatives in the first window; the others change groups with later
/// ones of the same phase.
pub(super) fn enterprises(rng: &mut impl Rng, ground: &Ground, slots: &mut [Slot]) -> Result<(), String> {
    let ha_noi = ground.index_of(HA_NOI)?;
    let here = |slot: &Slot| slot.direct() == ha_noi && slot.window() == 0;
    let mut many: Vec<usize> =
        (0..slots.len()).filter(|i| here(&slots[*i]) && slots[*i].group() == ENTERPRISE_WORKER).collect();
    many.shuffle(rng);
    let surplus = many.split_off(published::ENTERPRISE.min(many.len()));
    let later = |slot: &Slot| {
        let group = [ENTERPRISE_WORKER, super::programme::NEW_RURAL_MOVEMENT].contains(&slot.group());
        slot.phase() == 0 && slot.window() > 0 && slot.direct() == ha_noi && !group && slot.decided == Decided::Anytime
    };
    let partners: Vec<usize> = (0..slots.len()).filter(|i| later(&slots[*i])).collect();
    if partners.len() < surplus.len() {
        return Err("Hà Nội has too few initiatives to change groups with".to_owned());
    }
    for (one, other) in surplus.iter().zip(index::sample(rng, partners.len(), surplus.len())) {
        let (group, others) = (slots[*one].group(), slots[partners[other]].group());
        slots[*one].regroup(others);
        slots[partners[other]].regroup(group);
    }
    Ok(())
}

/// Marks the initiatives of the local union whose count is published: its members write them and no others.
pub(super) fn local_union(rng: &mut impl Rng, ground: &Ground, slots: &mut [Slot]) -> Result<(), String> {
    let above = ground.index_of(published::ABOVE_IT)?;
    let fits = |slot: &Slot| slot.direct() == above && slot.group() == PUBLIC_SERVICE_UNIT;
    let candidates: Vec<usize> = (0..slots.len()).filter(|i| fits(&slots[*i])).collect();
    if candidates.len() < published::SUBMITTED_THERE {
        return Err(format!("{} has too few initiatives", published::ABOVE_IT));
    }
    for place in index::sample(rng, candidates.len(), published::SUBMITTED_THERE) {
        slots[candidates[place]].local = true;
    }
    Ok(())
}
