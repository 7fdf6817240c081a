//! The roll-ups of a plan: what is asked of several units, on whatever level they stand, is asked once.
//!
//! What says what is asked, and all that is no figure, is drawn up once ([`Drawn`]); the figures are read of it as often as one likes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use chrono_tz::Tz;
use entity::enums::{TargetKind, Visibility};

use super::gather::FoundUnit;
use super::plan::{Breakdown, Rollup};
use crate::access::{Aggregates, Viewer, aggregates};
use crate::error::Result;
use crate::graphql::batches::ProgrammeKey;
use crate::graphql::part::shows_parts;
use crate::programme::{self, Definition};
use crate::rollup::{self, Alone, Dimension, Measure, Measures, Part, Present, TargetValues, UnitsOverTarget, View};
use crate::store::{Generation, Store, Tx};

/// A roll-up that is selected of a unit.
pub struct Wanted {
    pub unit: usize,
    /// Its place among the unit's roll-ups.
    pub slot: usize,
    pub rollup: Arc<Rollup>,
}

/// What was read of a roll-up; what was not asked for is empty.
pub struct FoundRollup {
    pub measures: Measures,
    pub participants: i64,
    pub overs: Vec<UnitsOverTarget>,
    pub breakdowns: Vec<Vec<Part>>,
}

/// A programme, and what of it is asked for.
type Asked = (ProgrammeKey, View);

/// Questions, each once, with the units that they are asked of.
struct Questions<Q>(Vec<(Q, Vec<i64>)>);

impl<Q: PartialEq> Questions<Q> {
    fn new() -> Self {
        Questions(Vec::new())
    }

    /// The question's place.
    fn ask(&mut self, question: Q, unit: i64) -> usize {
        let place = self.0.iter().position(|(known, _)| *known == question).unwrap_or_else(|| {
            self.0.push((question, Vec::new()));
            self.0.len() - 1
        });
        self.0[place].1.push(unit);
        place
    }

    /// Names every unit of a question once.
    fn sort(&mut self) {
        for (_, units) in &mut self.0 {
            units.sort_unstable();
            units.dedup();
        }
    }
}

/// By the places of their questions, what each unit's answer is.
type Answers<V> = Vec<HashMap<i64, V>>;

fn of<V: Clone>(answers: &Answers<V>, question: Option<usize>, unit: i64) -> Option<V> {
    answers.get(question?)?.get(&unit).cloned()
}

/// One of the roll-ups that show.
pub struct Shown {
    pub programme: i64,
    pub targets: TargetValues,
    pub registered_below: Option<i64>,
    unit: i64,
    /// Places of questions.
    measures: Option<usize>,
    additive: Option<usize>,
    persons: Option<usize>,
    overs: Vec<usize>,
    /// None where the breakdown does not show.
    parts: Vec<Option<usize>>,
}

/// The roll-ups that show, without their figures.
pub struct Drawn {
    pub shown: Vec<Shown>,
    /// Units that keep no cells.
    leaves: HashSet<i64>,
    /// Whether anybody asks for distinct persons.
    counts_persons: bool,
    measures: Questions<Asked>,
    /// Those whose persons are left to others, and who these are.
    additive: Questions<Asked>,
    persons: Questions<Asked>,
    overs: Questions<(Asked, Measure, Option<TargetKind>)>,
    parts: Questions<(Asked, Vec<Dimension>, bool)>,
    /// All of it as one statement, where one answers it.
    alone: OnceLock<Option<Alone>>,
}

/// Draws up the roll-ups, and gives each of those that show to its unit.
pub async fn draw(tx: &Tx, viewer: Viewer, zone: Tz, units: &mut [FoundUnit], wanted: &[Wanted]) -> Result<Drawn> {
    let mut codes: Vec<String> = wanted.iter().map(|wanted| wanted.rollup.programme.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let programmes = match codes.is_empty() {
        true => HashMap::new(),
        false => programme::by_code(tx, viewer, &codes).await?,
    };
    let mut drawing = Drawing::new(viewer, zone, wanted);
    for one in wanted {
        if let Some(programme) = programmes.get(&one.rollup.programme) {
            drawing.add(units, one, programme)?;
        }
    }
    drawing.finish(tx).await
}

/// What of a programme shows: its id, to whom, and how deep to everybody.
type Terms = (i64, Visibility, i32);

/// Roll-ups of a programme of which no more is known, whose figures are [`Figures::of_measures`]; with the targets of units.
pub fn of_terms(
    viewer: Viewer,
    (programme, visibility, level): Terms,
    targets: &HashMap<i64, TargetValues>,
    units: &mut [FoundUnit],
    wanted: &[Wanted],
) -> Drawn {
    let mut drawn = Drawn::new(wanted.len());
    for one in wanted {
        let unit = &mut units[one.unit];
        let (id, within, depth) = (unit.face.id, unit.face.in_scope(), unit.face.depth);
        if aggregates(viewer, within, depth, visibility, level) < Aggregates::Public {
            continue;
        }
        unit.rollups[one.slot] = Some(drawn.shown.len());
        drawn.shown.push(Shown {
            programme,
            targets: targets.get(&id).copied().unwrap_or_default(),
            registered_below: None,
            unit: id,
            measures: Some(0),
            additive: None,
            persons: None,
            overs: Vec::new(),
            parts: Vec::new(),
        });
    }
    drawn
}

struct Drawing {
    viewer: Viewer,
    zone: Tz,
    drawn: Drawn,
    /// By the selections that they come of.
    views: Vec<(Arc<Rollup>, View)>,
    targets: Questions<Asked>,
    registered: Questions<Asked>,
    /// For each of the shown, the places of those two.
    settings: Vec<(Option<usize>, Option<usize>)>,
}

impl Drawing {
    fn new(viewer: Viewer, zone: Tz, wanted: &[Wanted]) -> Drawing {
        let (targets, registered) = (Questions::new(), Questions::new());
        Drawing {
            viewer,
            zone,
            drawn: Drawn::new(wanted.len()),
            views: Vec::new(),
            targets,
            registered,
            settings: Vec::new(),
        }
    }

    /// Nothing, where the roll-up does not show.
    fn add(&mut self, units: &mut [FoundUnit], wanted: &Wanted, programme: &Arc<Definition>) -> Result<()> {
        let rollup = &wanted.rollup;
        let face = units[wanted.unit].face.clone();
        let (visibility, level) = (programme.row.visibility, programme.row.public_level);
        let shows = aggregates(self.viewer, face.in_scope(), face.depth, visibility, level);
        if shows < Aggregates::Public {
            return Ok(());
        }
        let view = match self.views.iter().find(|(known, _)| Arc::ptr_eq(known, rollup)) {
            Some((_, view)) => view.clone(),
            None => {
                let slice = rollup.slice.resolve(programme, self.zone)?;
                let view = View { slice, as_of: rollup.as_of, lens: rollup.lens, zone: self.zone };
                self.views.push((rollup.clone(), view.clone()));
                view
            }
        };
        let (id, needs) = (face.id, rollup.needs);
        let asked = || (ProgrammeKey(programme.clone()), view.clone());
        let drawn = &mut self.drawn;
        if !face.has_cells {
            drawn.leaves.insert(id);
        }
        drawn.counts_persons |= needs.participants;
        let (mut measures, mut additive, mut persons) = (None, None, None);
        if view.leaves_persons_out() {
            additive = needs.additive.then(|| drawn.additive.ask(asked(), id));
            persons = needs.participants.then(|| drawn.persons.ask(asked(), id));
        } else if needs.additive || needs.participants {
            measures = Some(drawn.measures.ask(asked(), id));
        }
        let overs = rollup.overs.iter().map(|(of, kind)| drawn.overs.ask((asked(), *of, *kind), id)).collect();
        let within = (face.in_scope(), face.depth);
        let mut part = |breakdown: &Breakdown| {
            let shows = shows_parts(self.viewer, within, programme, shows, &breakdown.by);
            shows.then(|| drawn.parts.ask((asked(), breakdown.by.clone(), breakdown.persons), id))
        };
        let parts = rollup.breakdowns.iter().map(&mut part).collect();
        let targets = needs.targets.then(|| self.targets.ask(asked(), id));
        let registered = needs.registered_below.then(|| self.registered.ask(asked(), id));
        self.settings.push((targets, registered));
        let (programme, unit) = (programme.row.id, id);
        let (targets, registered_below) = (TargetValues::default(), None);
        units[wanted.unit].rollups[wanted.slot] = Some(drawn.shown.len());
        drawn.shown.push(Shown {
            programme,
            targets,
            registered_below,
            unit,
            measures,
            additive,
            persons,
            overs,
            parts,
        });
        Ok(())
    }

    /// Reads what was set.
    async fn finish(mut self, tx: &Tx) -> Result<Drawn> {
        let (mut targets, mut registered) = (Vec::new(), Vec::new());
        self.targets.sort();
        for ((programme, view), units) in &self.targets.0 {
            targets.push(rollup::target_values(tx, programme.0.row.id, view, units).await?);
        }
        self.registered.sort();
        for ((programme, view), units) in &self.registered.0 {
            registered.push(rollup::registered_below(tx, programme.0.row.id, view, units).await?);
        }
        let mut drawn = self.drawn;
        for (shown, (target, below)) in drawn.shown.iter_mut().zip(self.settings) {
            shown.targets = of(&targets, target, shown.unit).unwrap_or_default();
            shown.registered_below = of(&registered, below, shown.unit);
        }
        drawn.measures.sort();
        drawn.additive.sort();
        drawn.persons.sort();
        drawn.overs.sort();
        drawn.parts.sort();
        Ok(drawn)
    }
}

/// The figures, by the places of their questions.
#[derive(Default)]
pub struct Figures {
    measures: Answers<Measures>,
    additive: Answers<Measures>,
    persons: Answers<i64>,
    overs: Answers<UnitsOverTarget>,
    parts: Answers<Vec<Part>>,
    /// How many statements were read beside a snapshot.
    pub statements: u32,
}

impl Figures {
    /// Of the one question that there is.
    pub fn of_measures(measures: HashMap<i64, Measures>) -> Figures {
        Figures { measures: vec![measures], ..Figures::default() }
    }
}

impl Drawn {
    fn new(shown: usize) -> Drawn {
        Drawn {
            shown: Vec::with_capacity(shown),
            leaves: HashSet::new(),
            counts_persons: false,
            measures: Questions::new(),
            additive: Questions::new(),
            persons: Questions::new(),
            overs: Questions::new(),
            parts: Questions::new(),
            alone: OnceLock::new(),
        }
    }

    /// How much memory it takes, about, bytes.
    pub fn bytes(&self) -> usize {
        // Two statements' texts, and the units that each of their parts is asked of.
        self.shown.len() * (size_of::<Shown>() + 300) + 12_000
    }

    /// All figures in the transaction's snapshot.
    pub async fn read(&self, tx: &Tx) -> Result<Figures> {
        let mut figures = Figures::default();
        for ((programme, view), units) in &self.measures.0 {
            let leaves = self.leaves(units);
            let (programme, persons) = (programme.0.row.id, self.counts_persons);
            figures.measures.push(rollup::seated(tx, programme, view, units, &leaves, persons).await?);
        }
        for ((programme, view), units) in &self.additive.0 {
            figures.additive.push(rollup::additive(tx, programme.0.row.id, view, units).await?);
        }
        for ((programme, view), units) in &self.persons.0 {
            figures.persons.push(rollup::participants(tx, programme.0.row.id, view, units).await?);
        }
        for (((programme, view), of, kind), units) in &self.overs.0 {
            figures.overs.push(rollup::units_over(tx, programme.0.row.id, view, units, *of, *kind).await?);
        }
        for (((programme, view), by, persons), units) in &self.parts.0 {
            figures.parts.push(rollup::breakdown(tx, &programme.0, view, units, by, *persons).await?);
        }
        Ok(figures)
    }

    /// All figures by a single statement, with the generation of definitions that it saw; none where it takes more than one.
    pub async fn read_alone(&self, store: &Store) -> Result<Option<(Generation, Figures)>> {
        let Some(alone) = self.alone.get_or_init(|| self.draw_alone(store)) else { return Ok(None) };
        let Some((generation, told)) = alone.read(store).await? else { return Ok(None) };
        // Measures first, then parts.
        let (measures, parts) = (self.measures.0.len(), self.parts.0.len());
        let figures = Figures {
            measures: (0..measures).map(|place| told.measures(place)).collect(),
            statements: told.statements,
            parts: (measures..measures + parts).map(|place| told.parts(alone, place)).collect::<Result<_>>()?,
            ..Figures::default()
        };
        Ok(Some((generation, figures)))
    }

    fn draw_alone(&self, store: &Store) -> Option<Alone> {
        let others = self.additive.0.len() + self.persons.0.len() + self.overs.0.len();
        if others > 0 {
            return None;
        }
        let question = |(programme, view): &Asked, by: Option<&[Dimension]>, persons, units: &[i64]| Present {
            programme: programme.0.clone(),
            view: view.clone(),
            by: by.map(<[Dimension]>::to_vec),
            units: units.to_vec(),
            leaves: self.leaves(units),
            persons,
        };
        let measures = self.measures.0.iter().map(|(asked, units)| question(asked, None, self.counts_persons, units));
        let parts = self.parts.0.iter().map(|((asked, by, persons), units)| question(asked, Some(by), *persons, units));
        Alone::of(store, measures.chain(parts).collect())
    }

    fn leaves(&self, units: &[i64]) -> Vec<i64> {
        units.iter().copied().filter(|unit| self.leaves.contains(unit)).collect()
    }

    /// For each of the shown its figures.
    pub fn found(&self, figures: &Figures) -> Vec<FoundRollup> {
        let found = |shown: &Shown| {
            let unit = shown.unit;
            let (measures, participants) = match of(&figures.measures, shown.measures, unit) {
                Some(measures) => (measures, measures.participants),
                None => (
                    of(&figures.additive, shown.additive, unit).unwrap_or_default(),
                    of(&figures.persons, shown.persons, unit).unwrap_or(0),
                ),
            };
            FoundRollup {
                measures,
                participants,
                overs: shown
                    .overs
                    .iter()
                    .map(|over| of(&figures.overs, Some(*over), unit).unwrap_or_default())
                    .collect(),
                breakdowns: shown
                    .parts
                    .iter()
                    .map(|part| of(&figures.parts, *part, unit).unwrap_or_default())
                    .collect(),
            }
        };
        self.shown.iter().map(found).collect()
    }
}
