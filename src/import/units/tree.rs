//! Whether the new units of a file stand rightly, below each other and below those that are there. Pure.

use std::collections::{HashMap, HashSet};

use entity::enums::UnitKind;
use sea_orm::{ActiveEnum, Iterable};

use super::existing::Existing;
use super::{CODE, COORDINATOR, KIND, PARENT};
use crate::error::clip;
use crate::import::fault::{Fault, Faults};
use crate::import::lines::named;
use crate::import::order::parents_first;
use crate::import::sheet::Line;
use crate::unit::{legal_coordinator, legal_parent, parents_in_words};

/// Where a line puts its unit, whatever else is wrong with it.
pub struct Link<'a> {
    line: u64,
    code: &'a str,
    parent: Option<&'a str>,
    coordinator: Option<&'a str>,
    /// None: the line names none.
    kind: Option<UnitKind>,
}

impl<'a> Link<'a> {
    pub fn of(line: Line<'a>) -> Link<'a> {
        Link {
            line: line.number,
            code: line.cell(CODE),
            parent: line.given(PARENT),
            coordinator: line.given(COORDINATOR),
            kind: named(line.cell(KIND)).ok(),
        }
    }
}

/// Notes what is wrong, and answers the order in which parents come first.
pub fn checked(faults: &mut Faults, known: &HashMap<String, Existing>, links: &[Link<'_>]) -> Vec<usize> {
    let fresh: HashMap<&str, usize> = links.iter().enumerate().map(|(i, link)| (link.code, i)).collect();
    root(faults, known, links);
    let parents: Vec<Option<usize>> =
        links.iter().map(|link| link.parent.and_then(|code| fresh.get(code).copied())).collect();
    let (order, circles) = match parents_first(&parents) {
        Ok(order) => (order, Vec::new()),
        Err(circles) => (Vec::new(), circles),
    };
    for circle in &circles {
        note_circle(faults, links, circle);
    }
    let in_circles: HashSet<usize> = circles.into_iter().flatten().collect();
    let tree = Tree { known, links, fresh };
    for (i, link) in links.iter().enumerate() {
        if !in_circles.contains(&i) {
            tree.check(faults, link);
        }
    }
    order
}

/// There is one root: the database's, or the one line without a parent.
fn root(faults: &mut Faults, known: &HashMap<String, Existing>, links: &[Link<'_>]) {
    let mut roots = links.iter().filter(|link| link.parent.is_none());
    let standing = known.values().find(|unit| unit.parent.is_none()).map(|root| root.code.as_str());
    let standing = standing.or_else(|| {
        let first = roots.next()?;
        if let Some(kind) = first.kind.filter(|kind| UnitKind::iter().any(|above| legal_parent(*kind, above))) {
            let (name, legal) = (kind.to_value(), parents_in_words(kind));
            faults.add(first.line, "parent", format!("a {name} is no root; it may stand below: {legal}"));
        }
        Some(first.code)
    });
    match standing {
        Some(root) => {
            for other in roots {
                faults.add(other.line, "parent", format!("the tree has one root, and {root} is it: name a parent"));
            }
        }
        None if !links.is_empty() => {
            let reason = "no line is without a parent, and the database has no root yet: the tree needs one";
            faults.push(Fault::of_file(reason));
        }
        None => {}
    }
}

fn note_circle(faults: &mut Faults, links: &[Link<'_>], circle: &[usize]) {
    let Some(first) = circle.first().map(|i| &links[*i]) else { return };
    let mut way: Vec<&str> = circle.iter().take(10).map(|i| links[*i].code).collect();
    if way.len() < circle.len() {
        way.push("…");
    }
    way.push(first.code);
    faults.add(first.line, "parent", format!("the parents go round in a circle: {}", way.join(" below ")));
}

/// The units of the database and of the file together.
struct Tree<'a> {
    known: &'a HashMap<String, Existing>,
    links: &'a [Link<'a>],
    fresh: HashMap<&'a str, usize>,
}

impl Tree<'_> {
    /// Whether parent and coordinator are there and may be what they are said to be.
    fn check(&self, faults: &mut Faults, link: &Link<'_>) {
        let found = link.parent.map(|code| self.above(code, link.kind, legal_parent));
        if let Some(Err(reason)) = found {
            let reason = reason.in_words(link, "stand below", || {
                link.kind.map_or(String::new(), |kind| format!("; it may stand below: {}", parents_in_words(kind)))
            });
            faults.add(link.line, "parent", reason);
        }
        let found = link.coordinator.map(|code| self.above(code, link.kind, legal_coordinator));
        if let Some(Err(reason)) = found {
            faults.add(link.line, "coordinator", reason.in_words(link, "be coordinated by", String::new));
        }
    }

    /// Whether the unit with the code lives and is of a kind that is legal for this one.
    fn above<'c>(
        &self,
        code: &'c str,
        kind: Option<UnitKind>,
        legal: fn(UnitKind, UnitKind) -> bool,
    ) -> Result<(), Wrong<'c>> {
        let above = match (self.fresh.get(code), self.known.get(code)) {
            (Some(i), _) => self.links[*i].kind,
            (None, Some(Existing { dissolved_on: Some(day), .. })) => return Err(Wrong::Dissolved(code, *day)),
            (None, Some(unit)) => Some(unit.kind),
            (None, None) => return Err(Wrong::Unknown(code)),
        };
        // A line without a kind is wrong by itself.
        match (kind, above) {
            (Some(kind), Some(above)) if !legal(kind, above) => Err(Wrong::Kind(code, above)),
            _ => Ok(()),
        }
    }
}

/// Why a unit cannot stand above another one.
enum Wrong<'a> {
    Unknown(&'a str),
    Dissolved(&'a str, chrono::NaiveDate),
    Kind(&'a str, UnitKind),
}

impl Wrong<'_> {
    fn in_words(self, link: &Link<'_>, verb: &str, advice: impl Fn() -> String) -> String {
        match self {
            Wrong::Unknown(code) => format!("no unit has the code \"{}\"", clip(code)),
            Wrong::Dissolved(code, day) => format!("the unit {code} was dissolved on {day}"),
            Wrong::Kind(code, above) => {
                let kind = link.kind.map_or_else(String::new, |kind| kind.to_value());
                format!("a {kind} cannot {verb} {code} ({}){}", above.to_value(), advice())
            }
        }
    }
}
