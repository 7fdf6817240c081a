//! What must become of a step: the design's sections 3 and 6 as one function that predicts, and one that applies.

use std::collections::BTreeSet;

use entity::enums::Role;

use super::model::{Initiative, Model, Said, Submission, Unit, kinds};
use super::step::{Act, Claim, Deed, Draft, Edit, Step};
use crate::support::{Outcome, Reply};

pub const CEILING: i64 = 10_000_000_000_000;

const VISIBLE: [Role; 3] = [Role::Reviewer, Role::Analyst, Role::Admin];

/// Why a step stops: at the door, or for what is wrong with it.
type Verdict = Result<Vec<&'static str>, &'static str>;

impl Model {
    pub fn predict(&self, step: &Step) -> Outcome {
        match self.verdict(step) {
            Err(code) => Outcome::failed(code),
            Ok(faults) if faults.is_empty() => Outcome::Done,
            Ok(faults) => Outcome::refused(&faults),
        }
    }

    fn verdict(&self, step: &Step) -> Verdict {
        let by = step.by;
        match &step.deed {
            Deed::Found { code, kind, parent, .. } => {
                self.door(by, *parent, self.holds_over(by, *parent, &[Role::Admin]))?;
                let taken = self.units.iter().any(|unit| unit.code == *code);
                let illegal = !legal(kind, &self.units[*parent].kind);
                Ok(faults([(taken, "CODE_NOT_AVAILABLE"), (illegal, "ILLEGAL_PARENT")]))
            }
            Deed::Move { unit, parent } => self.may_move(by, *unit, *parent),
            Deed::SetTarget { cell: (unit, _, kind, ..), value } => {
                self.door(by, *unit, self.may_set(by, *unit, kind))?;
                Ok(faults([(*value < 1, "OUT_OF_RANGE")]))
            }
            Deed::ClearTarget { id } => {
                let found = self.targets.iter().find(|(_, (_, known))| known == id);
                let ((unit, programme, kind, ..), _) = found.ok_or("NOT_FOUND")?;
                // A unit may show its face alone, and so none of its targets.
                if !self.sees_aggregates(by, *unit, *programme) {
                    return Err("NOT_FOUND");
                }
                self.door(by, *unit, self.may_set(by, *unit, kind))?;
                Ok(Vec::new())
            }
            Deed::Draft(draft) => {
                self.door(by, draft.unit, self.holds_over(by, draft.unit, &[Role::Member]))?;
                Ok([self.claim(draft.claim.amount, draft.claim.opaque), others(by, &draft.others)].concat())
            }
            Deed::Act { what, version, act } => self.may_act(by, &self.initiatives[*what], *version, act),
        }
    }

    fn may_move(&self, by: usize, unit: usize, parent: usize) -> Verdict {
        if !self.sees(by, unit) || !self.sees(by, parent) {
            return Err("NOT_FOUND");
        }
        let old = self.units[unit].parent.ok_or("FORBIDDEN")?;
        let new = self.way_up(parent);
        let common = self.way_up(old).into_iter().find(|up| new.contains(up)).unwrap();
        if !self.holds_over(by, common, &[Role::Admin]) {
            return Err("FORBIDDEN");
        }
        let illegal = !legal(&self.units[unit].kind, &self.units[parent].kind);
        Ok(faults([(illegal, "ILLEGAL_PARENT"), (new.contains(&unit), "CYCLE")]))
    }

    fn may_act(&self, by: usize, initiative: &Initiative, version: i64, act: &Act) -> Verdict {
        if !self.reads(by, initiative) {
            return Err("NOT_FOUND");
        }
        let first = initiative.now.authors[0] == by;
        let unit = initiative.unit;
        let (allowed, decides) = match act {
            Act::Edit(_) | Act::Withdraw => (first, false),
            Act::Submit => (first && self.holds_over(by, unit, &[Role::Member]), false),
            Act::Return | Act::Approve(_) | Act::Reject { .. } => (self.holds_over(by, unit, &[Role::Reviewer]), true),
            Act::Revoke => (self.holds_above(by, unit, &[Role::Reviewer]), true),
        };
        if !allowed {
            return Err("FORBIDDEN");
        }
        if decides && initiative.now.authors.contains(&by) {
            return Ok(vec!["OWN_INITIATIVE"]);
        }
        if initiative.version != version {
            return Ok(vec!["STALE_VERSION"]);
        }
        let possible = match act {
            Act::Edit(_) | Act::Submit => ["DRAFT", "RETURNED"].contains(&initiative.state),
            Act::Withdraw => ["SUBMITTED", "RETURNED"].contains(&initiative.state),
            Act::Return | Act::Approve(_) | Act::Reject { .. } => initiative.state == "SUBMITTED",
            Act::Revoke => initiative.state == "APPROVED",
        };
        if !possible {
            return Ok(vec!["ILLEGAL_STATE"]);
        }
        match act {
            Act::Edit(edit) => self.may_edit(by, initiative, edit),
            Act::Submit => Ok(self.complete(initiative)),
            Act::Approve(verified) => {
                let opaque = initiative.counted.as_ref().unwrap().opaque;
                let wrong = verified.is_some_and(|verified| !(0..=CEILING).contains(&verified));
                Ok(faults([
                    (opaque && verified.is_some(), "INVALID"),
                    (!opaque && verified.is_none(), "REQUIRED"),
                    (!opaque && wrong, "OUT_OF_RANGE"),
                ]))
            }
            Act::Reject { other, note } => Ok(faults([(*other && !note, "REQUIRED")])),
            Act::Withdraw | Act::Return | Act::Revoke => Ok(Vec::new()),
        }
    }

    fn may_edit(&self, by: usize, initiative: &Initiative, edit: &Edit) -> Verdict {
        let mut wrong = Vec::new();
        if initiative.state == "DRAFT" {
            if let Some(unit) = edit.unit {
                self.door(by, unit, self.holds_over(by, unit, &[Role::Member]))?;
            }
        } else if edit.unit.is_some() || edit.phase.is_some() || edit.group.is_some() {
            wrong.push("ILLEGAL_STATE");
        }
        let now = &initiative.now;
        let (amount, opaque) =
            edit.claim.as_ref().map_or((now.claim, now.opaque), |claim| (claim.amount, claim.opaque));
        wrong.extend(self.claim(amount, opaque));
        wrong.extend(edit.others.iter().flat_map(|named| others(by, named)));
        Ok(wrong)
    }

    /// What is missing for sending it in: a whole claim, and the first time the right days.
    fn complete(&self, initiative: &Initiative) -> Vec<&'static str> {
        let now = &initiative.now;
        let missing = if now.opaque { !now.note } else { now.claim.is_none() };
        let phases = &self.programmes[initiative.programme].phases;
        let phase = phases.iter().find(|phase| phase.code == initiative.phase).unwrap();
        let inside = |day: &str, period: [&str; 2]| period[0] <= day && day <= period[1];
        let early = initiative.counted.is_none()
            && !(inside(self.today, phase.entered) && inside(initiative.applied_on, phase.applied));
        faults([(missing, "REQUIRED"), (early, "OUT_OF_PERIOD")])
    }

    fn claim(&self, amount: Option<i64>, opaque: bool) -> Vec<&'static str> {
        let Some(amount) = amount else { return Vec::new() };
        faults([(!(0..=CEILING).contains(&amount), "OUT_OF_RANGE"), (opaque, "INVALID")])
    }

    /// Invisible is NOT_FOUND, visible but not allowed is FORBIDDEN.
    fn door(&self, by: usize, unit: usize, allowed: bool) -> Result<(), &'static str> {
        match (allowed, self.sees(by, unit)) {
            (true, _) => Ok(()),
            (false, true) => Err("FORBIDDEN"),
            (false, false) => Err("NOT_FOUND"),
        }
    }

    /// A grant of one of the roles at the unit or above.
    pub fn holds_over(&self, by: usize, unit: usize, roles: &[Role]) -> bool {
        self.people[by].grants.iter().any(|(at, role)| roles.contains(role) && self.is_in(unit, *at))
    }

    fn holds_above(&self, by: usize, unit: usize, roles: &[Role]) -> bool {
        let grants = &self.people[by].grants;
        grants.iter().any(|(at, role)| roles.contains(role) && *at != unit && self.is_in(unit, *at))
    }

    fn may_set(&self, by: usize, unit: usize, kind: &str) -> bool {
        match (kind, self.units[unit].parent) {
            ("GUIDELINE", None) => self.people[by].grants.contains(&(unit, Role::Operator)),
            ("GUIDELINE", Some(_)) => self.holds_above(by, unit, &[Role::Admin]),
            _ => self.holds_over(by, unit, &[Role::Admin]),
        }
    }

    /// Units in one's scope, those above it, and those that the public programme shows: the root and what is directly below it.
    pub fn sees(&self, by: usize, unit: usize) -> bool {
        let grants = &self.people[by].grants;
        self.way_up(unit).len() <= 2 || grants.iter().any(|(at, _)| self.is_in(unit, *at) || self.is_in(*at, unit))
    }

    /// Of units in one's scope, and of those that the public programme shows, its own alone.
    fn sees_aggregates(&self, by: usize, unit: usize, programme: usize) -> bool {
        let public = self.programmes[programme].code == "SK" && self.way_up(unit).len() <= 2;
        public || self.people[by].grants.iter().any(|(at, _)| self.is_in(unit, *at))
    }

    pub fn reads(&self, by: usize, initiative: &Initiative) -> bool {
        let member = self.people[by].grants.contains(&(initiative.unit, Role::Member));
        initiative.now.authors.contains(&by)
            || (initiative.counted.is_some() && self.holds_over(by, initiative.unit, &VISIBLE))
            || (initiative.state == "APPROVED" && member)
    }

    /// What a step that was done changes. `reply`: for the ids that the server gave.
    pub fn apply(&mut self, step: &Step, reply: &Reply) {
        match &step.deed {
            Deed::Found { .. } | Deed::Move { .. } => self.reshape(&step.deed),
            Deed::SetTarget { cell, value } => {
                self.targets.insert(*cell, (*value, reply.text("/targetSet/target/id").to_owned()));
            }
            Deed::ClearTarget { id } => self.targets.retain(|_, (_, known)| known != id),
            Deed::Draft(draft) => {
                let id = reply.text("/initiativeDraft/initiative/id").to_owned();
                self.initiatives.push(drafted(step.by, draft, id));
            }
            Deed::Act { what, act, .. } => {
                let done = match act {
                    Act::Submit if self.initiatives[*what].submitted.is_none() => {
                        let way = self.way_up(self.initiatives[*what].unit);
                        self.initiatives[*what].submitted = Some(Submission { day: self.today, way });
                        Some("submitted")
                    }
                    Act::Submit | Act::Edit(_) => None,
                    Act::Withdraw => Some("withdrawn"),
                    Act::Return => Some("returned"),
                    Act::Approve(_) => Some("approved"),
                    Act::Reject { .. } => Some("rejected"),
                    Act::Revoke => Some("revoked"),
                };
                self.log.extend(done.map(|done| (self.today, done, *what)));
                self.initiatives[*what].become_after(act);
            }
        }
    }

    /// What a deed does to the tree; other deeds do nothing to it.
    pub fn reshape(&mut self, deed: &Deed) {
        match deed {
            Deed::Found { code, kind, parent, bloc, sector, .. } => self.units.push(Unit {
                code: code.clone(),
                kind: kind.clone(),
                parent: Some(*parent),
                bloc: bloc.clone(),
                sector: sector.clone(),
            }),
            Deed::Move { unit, parent } => self.units[*unit].parent = Some(*parent),
            _ => {}
        }
    }
}

impl Initiative {
    fn become_after(&mut self, act: &Act) {
        self.version += 1;
        match act {
            Act::Edit(edit) => {
                self.unit = edit.unit.unwrap_or(self.unit);
                self.phase = edit.phase.unwrap_or(self.phase);
                self.group = edit.group.unwrap_or(self.group);
                self.applied_on = edit.applied_on.unwrap_or(self.applied_on);
                if let Some(Claim { amount, opaque, note }) = edit.claim {
                    (self.now.claim, self.now.opaque, self.now.note) = (amount, opaque, note);
                }
                if let Some(others) = &edit.others {
                    self.now.authors.truncate(1);
                    self.now.authors.extend(others);
                }
            }
            Act::Submit => {
                self.state = "SUBMITTED";
                self.counted = Some(self.now.clone());
            }
            Act::Withdraw => self.state = "WITHDRAWN",
            Act::Return => self.state = "RETURNED",
            Act::Approve(verified) => {
                self.state = "APPROVED";
                self.verified = *verified;
            }
            Act::Reject { .. } => self.state = "REJECTED",
            Act::Revoke => self.state = "REVOKED",
        }
    }
}

fn drafted(by: usize, draft: &Draft, id: String) -> Initiative {
    let Claim { amount, opaque, note } = draft.claim;
    let authors = std::iter::once(by).chain(draft.others.iter().copied()).collect();
    Initiative {
        id,
        unit: draft.unit,
        programme: draft.programme,
        phase: draft.phase,
        group: draft.group,
        applied_on: draft.applied_on,
        state: "DRAFT",
        version: 1,
        now: Said { claim: amount, opaque, note, authors },
        counted: None,
        verified: None,
        submitted: None,
    }
}

pub fn legal(kind: &str, parent: &str) -> bool {
    kinds().iter().any(|rule| rule.code == kind && rule.parents.iter().any(|legal| legal == parent))
}

/// Co-authors are named once each, and without the first author.
fn others(first: usize, named: &[usize]) -> Vec<&'static str> {
    let once: BTreeSet<&usize> = named.iter().collect();
    faults([(named.contains(&first) || once.len() < named.len(), "INVALID")])
}

fn faults<const N: usize>(all: [(bool, &'static str); N]) -> Vec<&'static str> {
    all.into_iter().filter(|(wrong, _)| *wrong).map(|(_, code)| code).collect()
}
