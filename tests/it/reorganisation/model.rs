//! The tree and its records as plain lists, through the three lenses. As obvious as can be, and slow.

use std::collections::BTreeSet;

use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Unit {
    pub code: String,
    pub kind: &'static str,
    pub parent: Option<usize>,
    /// Where its records are: itself while it lives.
    pub seat: usize,
    /// Not a unit, but records that a split took out of one.
    pub of: Option<usize>,
}

/// None: it did not exist.
pub type Tree = Vec<Option<Unit>>;

#[derive(Clone, Debug)]
pub struct Initiative {
    pub unit: usize,
    /// Where it was credited when it was sent in, lowest first.
    pub way: Vec<usize>,
    pub authors: BTreeSet<usize>,
    pub phase: &'static str,
    pub group: &'static str,
    pub claim: i64,
    pub approved: bool,
}

/// What the server answered at, with everything as it was.
#[derive(Clone)]
pub struct Past {
    pub at: String,
    pub initiatives: Vec<Initiative>,
    /// As known today.
    pub tree: Tree,
}

#[derive(Clone, Default)]
pub struct Model {
    pub tree: Tree,
    pub initiatives: Vec<Initiative>,
    /// Predecessor and successor.
    pub lineage: BTreeSet<(usize, usize)>,
}

/// By which tree.
#[derive(Clone, Copy)]
pub enum Lens<'a> {
    Current,
    Reported,
    At(&'a Tree),
}

/// The unit and everything above it, lowest first.
pub fn way_up(tree: &Tree, unit: usize) -> Vec<usize> {
    let mut way = vec![unit];
    while let Some(parent) = tree[way[way.len() - 1]].as_ref().and_then(|unit| unit.parent) {
        way.push(parent);
    }
    way
}

pub fn is_alive(tree: &Tree, unit: usize) -> bool {
    tree.get(unit).and_then(Option::as_ref).is_some_and(|of| of.seat == unit)
}

pub fn children(tree: &Tree, unit: usize) -> Vec<usize> {
    (0..tree.len())
        .filter(|child| is_alive(tree, *child) && tree[*child].as_ref().unwrap().parent == Some(unit))
        .collect()
}

impl Model {
    /// The unit where the records of a unit are in a tree: itself, who followed it, or what it came from.
    fn place(&self, tree: &Tree, unit: usize) -> usize {
        if let Some(of) = tree.get(unit).and_then(Option::as_ref) {
            return of.seat;
        }
        let from: Vec<usize> = self.lineage.iter().filter(|(_, to)| *to == unit).map(|(from, _)| *from).collect();
        let places: Vec<usize> = from.iter().map(|one| self.place(tree, *one)).collect();
        match places.as_slice() {
            [] => 0,
            [only] => *only,
            [first, others @ ..] => {
                let shared = |up: &usize| others.iter().all(|other| way_up(tree, *other).contains(up));
                way_up(tree, *first).into_iter().find(shared).unwrap()
            }
        }
    }

    pub fn credited(&self, initiative: &Initiative, lens: Lens<'_>) -> Vec<usize> {
        match lens {
            Lens::Reported => initiative.way.clone(),
            Lens::Current => way_up(&self.tree, self.place(&self.tree, initiative.unit)),
            Lens::At(tree) => way_up(tree, self.place(tree, initiative.unit)),
        }
    }

    /// Its place among those that stand beside it in the lens's tree, null where it does not live in it; none as reported.
    pub fn place_of(&self, initiatives: &[Initiative], unit: usize, lens: Lens<'_>) -> Option<Value> {
        let tree = match lens {
            Lens::Current => &self.tree,
            Lens::At(tree) => tree,
            Lens::Reported => return None,
        };
        if !is_alive(tree, unit) {
            return Some(Value::Null);
        }
        let amount = |unit: usize| initiatives.iter().filter(|one| self.credited(one, lens).contains(&unit)).count();
        let parent = tree[unit].as_ref().unwrap().parent;
        let beside = parent.map_or_else(|| vec![unit], |parent| children(tree, parent));
        let own = amount(unit);
        let rank = 1 + beside.iter().filter(|other| amount(**other) > own).count();
        Some(json!({ "rank": rank, "of": beside.len(), "amount": own.to_string() }))
    }

    /// What the API answers for a unit.
    pub fn measures(
        &self,
        initiatives: &[Initiative],
        unit: usize,
        lens: Lens<'_>,
        so: impl Fn(&Initiative) -> bool,
    ) -> Value {
        let of: Vec<&Initiative> =
            initiatives.iter().filter(|one| so(one) && self.credited(one, lens).contains(&unit)).collect();
        sums(&of)
    }

    /// The parts by direct unit, those without anything left out: code or none, measures.
    pub fn children(&self, initiatives: &[Initiative], unit: usize, lens: Lens<'_>) -> Vec<(Option<String>, Value)> {
        let mut parts: Vec<(Option<usize>, Vec<&Initiative>)> = Vec::new();
        for initiative in initiatives {
            let way = self.credited(initiative, lens);
            let Some(place) = way.iter().position(|up| *up == unit) else { continue };
            let key = place.checked_sub(1).map(|below| way[below]);
            match parts.iter_mut().find(|(known, _)| *known == key) {
                Some((_, of)) => of.push(initiative),
                None => parts.push((key, vec![initiative])),
            }
        }
        let code = |unit: usize| self.tree[unit].as_ref().unwrap().code.clone();
        let mut parts: Vec<_> = parts.iter().map(|(key, of)| (key.map(code), sums(of))).collect();
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        parts
    }
}

fn sums(of: &[&Initiative]) -> Value {
    let persons: BTreeSet<usize> = of.iter().flat_map(|one| one.authors.iter().copied()).collect();
    let approved = of.iter().filter(|one| one.approved).count();
    json!({
        "submitted": of.len(), "approved": approved, "participants": persons.len(),
        "claimedBenefit": of.iter().map(|one| one.claim).sum::<i64>().to_string(),
        "verifiedBenefit": of.iter().filter(|one| one.approved).map(|one| one.claim).sum::<i64>().to_string(),
    })
}
