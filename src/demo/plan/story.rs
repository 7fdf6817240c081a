//! The plan piece by piece, in bounded memory: the tree, then people, then initiatives one by one, then targets.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::initiatives::{Matter, Writing};
use super::people::{self, Members};
use super::predecessor::{self, Predecessor};
use super::scale::Scale;
use super::schedule::{self, Slot};
use super::units::{self, Ground};
use super::{PlanInitiative, PlanPerson, PlanTarget, PlanUnit, targets};

/// A plan that is being told. Iterating it gives the initiatives of the million: what counts in the order of submission, then what is
/// taken back. Those of 2021 are asked for beside them.
pub struct Story {
    scale: Scale,
    rng: ChaCha8Rng,
    ground: Ground,
    members: Members,
    slots: Vec<Slot>,
    writing: Writing,
    predecessor: Predecessor,
}

impl Story {
    /// The plan of a seed at a scale.
    pub fn new(seed: u64, scale: Scale) -> Result<Story, String> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let ground = units::ground(&mut rng, scale)?;
        let slots = schedule::slots(&mut rng, &ground, scale)?;
        let members = people::members(&mut rng, &ground, &slots, scale)?;
        let of = Matter { ground: &ground, members: &members, slots: &slots };
        let writing = Writing::new(&mut rng, of, scale);
        let predecessor = Predecessor::new(seed, &ground, &members, scale)?;
        Ok(Story { scale, rng, ground, members, slots, writing, predecessor })
    }

    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Units, every parent before its children; the first is the national root.
    pub fn units(&self) -> &[PlanUnit] {
        &self.ground.units
    }

    pub(super) fn into_units(self) -> Vec<PlanUnit> {
        self.ground.units
    }

    /// Index of the direct unit above a unit, or its own; the root's is its own.
    pub fn direct(&self, unit: usize) -> usize {
        self.ground.direct[unit]
    }

    /// How many members there are, numbered in the order of their units.
    pub fn people(&self) -> usize {
        self.members.0.len()
    }

    pub fn person(&self, index: usize) -> PlanPerson {
        self.members.person(index)
    }

    /// Index of a member's unit.
    pub fn home(&self, index: usize) -> usize {
        self.members.0[index].unit()
    }

    /// How many initiatives will have been told, give or take none.
    pub fn initiatives(&self) -> usize {
        self.slots.len() + self.scale.of(super::quotas::WITHDRAWN)
    }

    /// The next initiative of the programme of 2021, in the order of submission.
    pub fn earlier(&mut self) -> Option<PlanInitiative> {
        self.predecessor.next(&self.ground, &self.members)
    }

    /// How many of them there are in all.
    pub fn earlier_initiatives(&self) -> usize {
        predecessor::initiatives(self.scale)
    }

    /// Targets of the programme of 2021.
    pub fn earlier_targets(&self) -> Vec<PlanTarget> {
        predecessor::targets(self.scale)
    }

    /// Targets of the programme, no cell twice; to be asked for once, after the initiatives.
    pub fn targets(&mut self) -> Result<Vec<PlanTarget>, String> {
        targets::set(&mut self.rng, &self.ground, &self.members, &self.slots, self.scale)
    }
}

impl Iterator for Story {
    type Item = PlanInitiative;

    fn next(&mut self) -> Option<PlanInitiative> {
        let of = Matter { ground: &self.ground, members: &self.members, slots: &self.slots };
        self.writing.next(&mut self.rng, of)
    }
}
