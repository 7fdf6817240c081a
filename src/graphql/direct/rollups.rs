//! Reading the roll-ups of a plan: what is asked of several units, on whatever level they stand, is asked once.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::enums::TargetKind;

use super::gather::Found;
use super::plan::{Breakdown, Rollup};
use crate::access::{Aggregates, Viewer, aggregates};
use crate::error::Result;
use crate::graphql::batches::ProgrammeKey;
use crate::graphql::part::shows_parts;
use crate::programme::{self, Definition};
use crate::rollup::{self, Dimension, Measure, Measures, Part, TargetValues, UnitsOverTarget, View};
use crate::store::Tx;

/// A roll-up that is selected of a unit.
pub struct Wanted<'p> {
    pub unit: usize,
    /// Its place among the unit's roll-ups.
    pub slot: usize,
    pub rollup: &'p Rollup,
}

/// What was read of a roll-up; what was not asked for is empty.
pub struct FoundRollup {
    pub programme: i64,
    pub measures: Measures,
    pub participants: i64,
    pub targets: TargetValues,
    pub registered_below: Option<i64>,
    pub overs: Vec<UnitsOverTarget>,
    pub breakdowns: Vec<Vec<Part>>,
}

/// A programme, and what of it is asked for.
type Asked = (ProgrammeKey, View);

/// Questions with the units that they are asked of, and then their answers.
struct Questions<Q>(HashMap<Q, Vec<i64>>);

impl<Q: Eq + Hash> Questions<Q> {
    fn new() -> Self {
        Questions(HashMap::new())
    }

    fn ask(&mut self, question: Q, unit: i64) {
        self.0.entry(question).or_default().push(unit);
    }

    /// Each question with its units, every one once.
    fn all(&mut self) -> impl Iterator<Item = (&Q, &[i64])> {
        self.0.iter_mut().map(|(question, units)| {
            units.sort_unstable();
            units.dedup();
            (question, units.as_slice())
        })
    }
}

type Answers<Q, V> = HashMap<Q, HashMap<i64, V>>;

struct Reading {
    /// Units that keep no cells.
    leaves: HashSet<i64>,
    /// Whether anybody asks for distinct persons.
    counts_persons: bool,
    measures: Questions<Asked>,
    additive: Questions<Asked>,
    persons: Questions<Asked>,
    targets: Questions<Asked>,
    registered: Questions<Asked>,
    overs: Questions<(Asked, Measure, Option<TargetKind>)>,
    parts: Questions<(Asked, Vec<Dimension>, bool)>,
}

/// One of the roll-ups that show.
struct Shown<'p> {
    wanted: &'p Wanted<'p>,
    id: i64,
    /// It keeps no cells.
    leaf: bool,
    asked: Asked,
    /// For each of the breakdowns whether it shows.
    parts: Vec<bool>,
}

/// Reads the roll-ups and puts each of those that show in its unit's place.
pub async fn read(tx: &Tx, viewer: Viewer, zone: Tz, found: &mut Found, wanted: &[Wanted<'_>]) -> Result<()> {
    let mut codes: Vec<String> = wanted.iter().map(|wanted| wanted.rollup.programme.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let programmes = programme::by_code(tx, viewer, &codes).await?;
    let shown = shown(viewer, zone, found, wanted, &programmes)?;
    let mut reading = Reading::of(&shown);
    let answers = reading.read(tx).await?;
    for one in shown {
        let rollup = answers.take(&one);
        found.rollups.push(rollup);
        found.units[one.wanted.unit].rollups[one.wanted.slot] = Some(found.rollups.len() - 1);
    }
    Ok(())
}

fn shown<'p>(
    viewer: Viewer,
    zone: Tz,
    found: &Found,
    wanted: &'p [Wanted<'p>],
    programmes: &HashMap<String, Arc<Definition>>,
) -> Result<Vec<Shown<'p>>> {
    let mut views: HashMap<*const Rollup, View> = HashMap::new();
    let mut shown = Vec::with_capacity(wanted.len());
    for one in wanted {
        let rollup = one.rollup;
        let Some(programme) = programmes.get(&rollup.programme) else { continue };
        let seen = &found.units[one.unit].face;
        let (visibility, level) = (programme.row.visibility, programme.row.public_level);
        let shows = aggregates(viewer, seen.in_scope(), seen.depth, visibility, level);
        if shows < Aggregates::Public {
            continue;
        }
        let view = match views.get(&std::ptr::from_ref(rollup)) {
            Some(view) => view.clone(),
            None => {
                let view = View::present(rollup.slice.resolve(programme, zone)?, zone);
                views.insert(std::ptr::from_ref(rollup), view.clone());
                view
            }
        };
        let parts =
            |breakdown: &Breakdown| shows_parts(viewer, (seen.in_scope(), seen.depth), programme, shows, &breakdown.by);
        shown.push(Shown {
            wanted: one,
            id: seen.id,
            leaf: !seen.has_cells,
            asked: (ProgrammeKey(programme.clone()), view),
            parts: rollup.breakdowns.iter().map(parts).collect(),
        });
    }
    Ok(shown)
}

impl Reading {
    fn of(shown: &[Shown<'_>]) -> Reading {
        let mut reading = Reading {
            leaves: shown.iter().filter(|one| one.leaf).map(|one| one.id).collect(),
            counts_persons: shown.iter().any(|one| one.wanted.rollup.needs.participants),
            measures: Questions::new(),
            additive: Questions::new(),
            persons: Questions::new(),
            targets: Questions::new(),
            registered: Questions::new(),
            overs: Questions::new(),
            parts: Questions::new(),
        };
        for one in shown {
            reading.add(one);
        }
        reading
    }

    fn add(&mut self, one: &Shown<'_>) {
        let (rollup, asked, id) = (one.wanted.rollup, || one.asked.clone(), one.id);
        let needs = rollup.needs;
        if one.asked.1.leaves_persons_out() {
            if needs.additive {
                self.additive.ask(asked(), id);
            }
            if needs.participants {
                self.persons.ask(asked(), id);
            }
        } else if needs.additive || needs.participants {
            self.measures.ask(asked(), id);
        }
        if needs.targets {
            self.targets.ask(asked(), id);
        }
        if needs.registered_below {
            self.registered.ask(asked(), id);
        }
        for (of, kind) in &rollup.overs {
            self.overs.ask((asked(), *of, *kind), id);
        }
        for (breakdown, _) in rollup.breakdowns.iter().zip(&one.parts).filter(|(_, shows)| **shows) {
            self.parts.ask((asked(), breakdown.by.clone(), breakdown.persons), id);
        }
    }

    async fn read(&mut self, tx: &Tx) -> Result<Read> {
        let mut read = Read::default();
        for (asked, units) in self.measures.all() {
            let leaves: Vec<i64> = units.iter().copied().filter(|unit| self.leaves.contains(unit)).collect();
            let (programme, persons) = (asked.0.0.row.id, self.counts_persons);
            let measures = rollup::seated(tx, programme, &asked.1, units, &leaves, persons).await?;
            read.measures.insert(asked.clone(), measures);
        }
        for (asked, units) in self.additive.all() {
            read.measures.insert(asked.clone(), rollup::additive(tx, asked.0.0.row.id, &asked.1, units).await?);
        }
        for (asked, units) in self.persons.all() {
            read.persons.insert(asked.clone(), rollup::participants(tx, asked.0.0.row.id, &asked.1, units).await?);
        }
        for (asked, units) in self.targets.all() {
            read.targets.insert(asked.clone(), rollup::target_values(tx, asked.0.0.row.id, &asked.1, units).await?);
        }
        for (asked, units) in self.registered.all() {
            let sums = rollup::registered_below(tx, asked.0.0.row.id, &asked.1, units).await?;
            read.registered.insert(asked.clone(), sums);
        }
        for (question, units) in self.overs.all() {
            let ((programme, view), of, kind) = question;
            let overs = rollup::units_over(tx, programme.0.row.id, view, units, *of, *kind).await?;
            read.overs.insert(question.clone(), overs);
        }
        for (question, units) in self.parts.all() {
            let ((programme, view), by, persons) = question;
            let parts = rollup::breakdown(tx, &programme.0, view, units, by, *persons).await?;
            read.parts.insert(question.clone(), parts);
        }
        Ok(read)
    }
}

#[derive(Default)]
struct Read {
    measures: Answers<Asked, Measures>,
    persons: Answers<Asked, i64>,
    targets: Answers<Asked, TargetValues>,
    registered: Answers<Asked, i64>,
    overs: Answers<(Asked, Measure, Option<TargetKind>), UnitsOverTarget>,
    parts: Answers<(Asked, Vec<Dimension>, bool), Vec<Part>>,
}

impl Read {
    fn take(&self, one: &Shown<'_>) -> FoundRollup {
        fn of<Q: Eq + Hash, V>(answers: &Answers<Q, V>, question: &Q, id: i64) -> Option<V>
        where
            V: Clone,
        {
            answers.get(question)?.get(&id).cloned()
        }
        let (rollup, asked, id) = (one.wanted.rollup, &one.asked, one.id);
        let measures = of(&self.measures, asked, id).unwrap_or_default();
        let participants = match asked.1.leaves_persons_out() {
            true => of(&self.persons, asked, id).unwrap_or(0),
            false => measures.participants,
        };
        let overs =
            rollup.overs.iter().map(|(by, kind)| of(&self.overs, &(asked.clone(), *by, *kind), id).unwrap_or_default());
        let breakdowns = rollup.breakdowns.iter().map(|breakdown| {
            of(&self.parts, &(asked.clone(), breakdown.by.clone(), breakdown.persons), id).unwrap_or_default()
        });
        FoundRollup {
            programme: asked.0.0.row.id,
            measures,
            participants,
            targets: of(&self.targets, asked, id).unwrap_or_default(),
            registered_below: of(&self.registered, asked, id),
            overs: overs.collect(),
            breakdowns: breakdowns.collect(),
        }
    }
}
