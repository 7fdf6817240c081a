//! Random histories: who might do what next. Mostly what is allowed, and a part of it not.

use entity::enums::Role;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand::{Rng, SeedableRng};

use super::model::{Model, kinds};
use super::rules::{CEILING, legal};
use super::step::{Act, Claim, Deed, Draft, Edit, Step};
use crate::support::Outcome;

/// Draws steps that fit a model.
pub struct Dice {
    pub rng: StdRng,
    next_code: u32,
    /// Ids of targets that were set once, cleared or not.
    pub known_targets: Vec<String>,
}

const DAYS: [&str; 4] = ["2025-03-01", "2025-09-09", "2026-01-31", "2026-02-02"];
const SECTORS: [&str; 3] = ["DET-MAY", "Y-TE", "GIAO-DUC"];
const BLOCS: [&str; 3] = ["ENTERPRISE", "PUBLIC", "COOP"];
const ROLES: [(Role, u32); 4] = [(Role::Member, 3), (Role::Reviewer, 4), (Role::Admin, 2), (Role::Analyst, 1)];

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice { rng: StdRng::seed_from_u64(seed), next_code: 0, known_targets: Vec::new() }
    }

    pub fn one<T: Copy>(&mut self, list: &[T]) -> T {
        *list.choose(&mut self.rng).unwrap()
    }

    pub fn index(&mut self, length: usize) -> usize {
        self.rng.random_range(0..length)
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// Grants of a new person: a member somewhere, and perhaps more than that elsewhere.
    pub fn grants(&mut self, model: &Model) -> Vec<(usize, Role)> {
        let n = self.rng.random_range(0..=2);
        let role = |dice: &mut Dice| ROLES.choose_weighted(&mut dice.rng, |(_, weight)| *weight).unwrap().0;
        let mut grants: Vec<_> = (0..n).map(|_| (self.unit(model), role(self))).collect();
        grants.push((self.unit(model), Role::Member));
        grants.sort();
        grants.dedup();
        grants
    }

    fn unit(&mut self, model: &Model) -> usize {
        self.rng.random_range(0..model.units.len())
    }

    /// Somebody, rather one of those who satisfy.
    fn somebody(&mut self, model: &Model, wanted: impl Fn(usize) -> bool) -> usize {
        let fitting = (0..model.people.len()).filter(|person| wanted(*person)).choose(&mut self.rng);
        match fitting {
            Some(person) if !self.chance(15) => person,
            _ => self.rng.random_range(0..model.people.len()),
        }
    }

    /// A step that is expected to be done, or, once in a while or where none is found, any.
    pub fn step(&mut self, model: &Model) -> Step {
        let any = self.chance(20);
        let mut step = self.any_step(model);
        for _ in 0..40 {
            if any || model.predict(&step) == Outcome::Done {
                return step;
            }
            step = self.any_step(model);
        }
        step
    }

    fn any_step(&mut self, model: &Model) -> Step {
        match self.rng.random_range(0..100) {
            0..2 => self.found(model),
            2..7 => self.relocate(model),
            7..14 => self.target(model),
            14..16 => self.clear(model),
            16..36 => self.draft(model),
            _ if model.initiatives.is_empty() => self.draft(model),
            _ => self.act(model),
        }
    }

    /// A new unit below one that may bear it, mostly.
    pub fn found(&mut self, model: &Model) -> Step {
        let parent = self.unit(model);
        let bearing = |kind: &&super::model::Kind| legal(&kind.code, &model.units[parent].kind);
        let kind = kinds().iter().filter(bearing).choose(&mut self.rng);
        let kind = match kind {
            Some(kind) if !self.chance(5) => kind.code.clone(),
            _ => kinds()[self.rng.random_range(1..kinds().len())].code.clone(),
        };
        self.next_code += 1;
        let code = if self.chance(4) { model.units[parent].code.clone() } else { format!("U{:02}", self.next_code) };
        let central = (0..model.units.len()).find(|unit| model.units[*unit].kind == "CENTRAL_SECTOR_UNION");
        let deed = Deed::Found {
            code,
            coordinator: central.filter(|_| kind == "LOCAL_SECTOR_UNION"),
            kind,
            parent,
            bloc: self.chance(75).then(|| self.one(&BLOCS).to_owned()),
            sector: self.chance(60).then(|| self.one(&SECTORS).to_owned()),
        };
        Step { by: if self.chance(60) { 0 } else { self.somebody(model, |_| true) }, deed }
    }

    /// Any unit, rather one high up, under any other.
    pub fn relocate(&mut self, model: &Model) -> Step {
        let unit = self.unit(model);
        let new = self.unit(model);
        let by = self.somebody(model, |person| model.holds_over(person, unit, &[Role::Admin]));
        Step { by: if self.chance(50) { 0 } else { by }, deed: Deed::Move { unit, parent: new } }
    }

    fn target(&mut self, model: &Model) -> Step {
        let unit = self.unit(model);
        let programme = self.rng.random_range(0..model.programmes.len());
        let definition = &model.programmes[programme];
        let kind = self.one(&["GUIDELINE", "GUIDELINE", "REGISTERED", "REGISTERED", "PLANNED"]);
        let phase = self.chance(40).then(|| self.one(&definition.phases.iter().map(|p| p.code).collect::<Vec<_>>()));
        let bloc = self.chance(30).then(|| self.one(&definition.blocs));
        let by = self.somebody(model, |person| model.holds_over(person, unit, &[Role::Admin]));
        // Small, so that some are reached, some passed, and some exactly met.
        let value = self.rng.random_range(0..=6);
        Step { by, deed: Deed::SetTarget { cell: (unit, programme, kind, phase, bloc), value } }
    }

    fn clear(&mut self, model: &Model) -> Step {
        let Some(id) = self.known_targets.choose(&mut self.rng).cloned() else { return self.target(model) };
        let by = if self.chance(60) { 0 } else { self.somebody(model, |_| true) };
        Step { by, deed: Deed::ClearTarget { id } }
    }

    fn claim(&mut self) -> Claim {
        let amount = match self.rng.random_range(0..20) {
            0 => CEILING,
            1 => 0,
            2 => CEILING + 1,
            3 => -1,
            _ => self.rng.random_range(1..2_000_000_000),
        };
        let opaque = self.chance(20);
        // Now and then neither amount nor reason, or both.
        let amount = (opaque == self.chance(6)).then_some(amount);
        Claim { amount, opaque, note: opaque != self.chance(8) }
    }

    fn others(&mut self, model: &Model) -> Vec<usize> {
        let n = self.one(&[0, 0, 0, 1, 1, 2, 3]);
        (0..n).map(|_| self.rng.random_range(0..model.people.len())).collect()
    }

    fn draft(&mut self, model: &Model) -> Step {
        let unit = self.unit(model);
        let programme = usize::from(self.chance(20));
        let definition = &model.programmes[programme];
        let phases: Vec<_> = definition.phases.iter().map(|phase| phase.code).collect();
        let by = self.somebody(model, |person| model.holds_over(person, unit, &[Role::Member]));
        let draft = Draft {
            unit,
            programme,
            phase: self.one(&phases),
            group: self.one(&definition.groups),
            applied_on: self.one(&DAYS),
            claim: self.claim(),
            others: self.others(model),
        };
        Step { by, deed: Deed::Draft(draft) }
    }

    /// Something done to some initiative, mostly by somebody who may and in its present version.
    pub fn act(&mut self, model: &Model) -> Step {
        // What can still become something else, mostly.
        let open = |what: &usize| ["DRAFT", "SUBMITTED", "RETURNED"].contains(&model.initiatives[*what].state);
        let what = (0..model.initiatives.len()).filter(open).choose(&mut self.rng);
        let what =
            what.filter(|_| !self.chance(15)).unwrap_or_else(|| self.rng.random_range(0..model.initiatives.len()));
        let initiative = &model.initiatives[what];
        let act = match (initiative.state, self.rng.random_range(0..10)) {
            ("DRAFT", 0..8) => Act::Submit,
            ("DRAFT" | "RETURNED", 8..9) => Act::Edit(self.edit(model, initiative.state == "DRAFT")),
            ("RETURNED", 0..4) => Act::Edit(self.edit(model, false)),
            ("RETURNED", 4..7) => Act::Submit,
            ("RETURNED" | "SUBMITTED", 7) if self.chance(50) => Act::Withdraw,
            ("SUBMITTED", 0) => Act::Return,
            ("SUBMITTED", 1..6) => {
                let opaque = initiative.counted.as_ref().unwrap().opaque;
                Act::Approve((opaque == self.chance(5)).then(|| self.rng.random_range(0..3_000_000_000)))
            }
            ("SUBMITTED", 6) => Act::Reject { other: self.chance(30), note: self.chance(80) },
            ("APPROVED", 0) => Act::Revoke,
            _ => self.any_act(model),
        };
        let first = initiative.now.authors[0];
        let by = match act {
            Act::Edit(_) | Act::Submit | Act::Withdraw => self.somebody(model, |person| person == first),
            _ => self.somebody(model, |person| {
                !initiative.now.authors.contains(&person)
                    && model.holds_over(person, initiative.unit, &[Role::Reviewer])
            }),
        };
        let version = initiative.version - i64::from(self.chance(4));
        Step { by, deed: Deed::Act { what, version, act } }
    }

    fn any_act(&mut self, model: &Model) -> Act {
        match self.rng.random_range(0..7) {
            0 => Act::Submit,
            1 => Act::Withdraw,
            2 => Act::Return,
            3 => Act::Approve(Some(1_000_000)),
            4 => Act::Reject { other: false, note: false },
            5 => Act::Revoke,
            _ => Act::Edit(self.edit(model, true)),
        }
    }

    fn edit(&mut self, model: &Model, placed: bool) -> Edit {
        let unit = self.unit(model);
        Edit {
            unit: (placed && self.chance(30)).then_some(unit),
            // Every programme of a history has these.
            phase: (placed && self.chance(30)).then(|| self.one(&["1", "2"])),
            group: (placed && self.chance(30)).then_some("A"),
            applied_on: self.chance(30).then(|| self.one(&DAYS)),
            claim: self.chance(70).then(|| self.claim()),
            others: self.chance(40).then(|| self.others(model)),
        }
    }
}
