//! How many grassroots unions stand below each unit at full scale: 126,000 in all (F079).

use rand::Rng;

use super::PlanUnit;
use super::units::Ground;

/// Grassroots unions of the whole federation.
pub(super) const GRASSROOTS: usize = 126_000;

/// For each of the parents how many; `communes` tells districts, and is 0 for those that have one union and no communes.
pub(super) fn over(
    rng: &mut impl Rng,
    ground: &Ground,
    parents: &[usize],
    communes: &impl Fn(&PlanUnit) -> Option<u32>,
) -> Result<Vec<usize>, String> {
    let mut counts = vec![0; parents.len()];
    // Districts share what the others leave, by their communes and something of their own.
    let mut weights = vec![0; parents.len()];
    for (place, &parent) in parents.iter().enumerate() {
        let unit = &ground.units[parent];
        match communes(unit) {
            Some(0) => counts[place] = 1,
            Some(communes) => weights[place] = u64::from(communes) * rng.random_range(70..=130),
            None => {
                counts[place] = match (unit.kind, unit.sector) {
                    ("CENTRAL_SECTOR_UNION", _) => rng.random_range(900..=1_500),
                    ("CORPORATION_UNION", _) => rng.random_range(200..=400),
                    ("ZONE_UNION", _) => rng.random_range(250..=600),
                    (_, Some("EDUCATION")) => rng.random_range(35..=60),
                    _ => rng.random_range(20..=40),
                }
            }
        }
    }
    let left = GRASSROOTS.checked_sub(counts.iter().sum());
    let left = left.ok_or_else(|| "the districts are left without grassroots unions".to_owned())?;
    let whole: u64 = weights.iter().sum();
    let mut given = 0;
    for (count, weight) in counts.iter_mut().zip(&weights).filter(|(_, weight)| **weight > 0) {
        let share = usize::try_from(u64::try_from(left).unwrap_or(0) * weight / whole.max(1)).unwrap_or(0);
        *count = share;
        given += share;
    }
    // What rounding left goes to the first ones.
    for (count, _) in counts.iter_mut().zip(&weights).filter(|(_, weight)| **weight > 0).take(left - given) {
        *count += 1;
    }
    Ok(counts)
}
