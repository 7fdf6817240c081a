//! Comparing units: amounts, and ratios by cross-multiplication. Pure.

use std::cmp::Ordering;

/// What a unit is ranked by.
#[derive(Clone, Copy, Debug)]
pub enum Score {
    /// A count, or VND.
    Amount(i64),
    /// Reached against target; the target is above 0.
    Ratio { reached: i64, target: i64 },
}

impl Score {
    fn fraction(self) -> (i128, i128) {
        match self {
            Score::Amount(amount) => (i128::from(amount), 1),
            Score::Ratio { reached, target } => (i128::from(reached), i128::from(target)),
        }
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((a, b), (c, d)) = (self.fraction(), other.fraction());
        (a * d).cmp(&(c * b))
    }
}

/// Ranks (1, 2, 2, 4) of scores that stand best first; without a score there is no rank.
pub fn ranks(scores: &[Option<Score>]) -> Vec<Option<usize>> {
    let mut ranks = Vec::with_capacity(scores.len());
    for (i, score) in scores.iter().enumerate() {
        let tied = i > 0 && scores[i - 1] == *score;
        ranks.push(score.map(|_| if tied { ranks[i - 1] } else { Some(i + 1) }).flatten());
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_a_rank_and_the_next_is_left_out() {
        let scores =
            [Some(Score::Amount(9)), Some(Score::Amount(7)), Some(Score::Amount(7)), Some(Score::Amount(1)), None];
        assert_eq!(ranks(&scores), [Some(1), Some(2), Some(2), Some(4), None]);
    }

    #[test]
    fn ratios_compare_exactly() {
        let ratio = |reached, target| Score::Ratio { reached, target };
        assert!(ratio(1, 3) == ratio(3_000_000_000_000, 9_000_000_000_000));
        assert!(ratio(1_000_000_007, 3) > ratio(2_000_000_013, 6));
    }
}
