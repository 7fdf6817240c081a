//! When a person begins and ceases to count in a cell. Pure.

use std::collections::BTreeMap;

/// The instants at which somebody who counts in these periods, half-open and perhaps overlapping, begins (1) or ceases (-1) to
/// count at all.
pub fn turns(periods: &[(i64, Option<i64>)]) -> Vec<(i64, i64)> {
    let mut steps: BTreeMap<i64, i64> = BTreeMap::new();
    for (from, to) in periods {
        *steps.entry(*from).or_default() += 1;
        if let Some(to) = to {
            *steps.entry(*to).or_default() -= 1;
        }
    }
    let mut n = 0;
    let mut turns = Vec::new();
    for (at, step) in steps {
        let before = n;
        n += step;
        match (before > 0, n > 0) {
            (false, true) => turns.push((at, 1)),
            (true, false) => turns.push((at, -1)),
            _ => {}
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::turns;

    #[test]
    fn a_person_counts_once_however_many_initiatives_he_has() {
        assert_eq!(turns(&[(5, None), (7, Some(9)), (2, Some(5))]), [(2, 1)]);
        assert_eq!(turns(&[(2, Some(5)), (7, Some(9)), (8, Some(10))]), [(2, 1), (5, -1), (7, 1), (10, -1)]);
        assert_eq!(turns(&[(3, Some(3))]), []);
    }
}
