//! What a check has found so far, and what would mend it. Bounded: however much is wrong, so much of it is told and held.

use super::mend::Mend;
use super::{Problem, Report};

/// Problems that are told.
const TOLD: usize = 10_000;

/// Mends that are held; the rest is mended by the next repair.
const HELD: usize = 200_000;

#[derive(Default)]
pub(super) struct Found {
    pub report: Report,
    pub mends: Vec<Mend>,
}

impl Found {
    /// Something that only people can mend.
    pub fn lasting(&mut self, place: String, expected: String, stored: String) {
        self.add(Problem { place, expected, stored, mendable: false });
    }

    /// Something that this mends.
    pub fn mendable(&mut self, place: String, expected: String, stored: String, mend: Mend) {
        self.add(Problem { place, expected, stored, mendable: true });
        if self.mends.len() < HELD {
            self.mends.push(mend);
        }
    }

    /// Nothing can be mended: what it would follow from contradicts itself.
    pub fn give_up_mending(&mut self) {
        self.mends.clear();
        self.report.mendable = 0;
        self.report.problems.iter_mut().for_each(|problem| problem.mendable = false);
    }

    fn add(&mut self, problem: Problem) {
        self.report.found += 1;
        self.report.mendable += usize::from(problem.mendable);
        if self.report.problems.len() < TOLD {
            self.report.problems.push(problem);
        }
    }
}
