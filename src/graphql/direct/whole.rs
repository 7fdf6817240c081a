//! Reading all of a plan by one statement, where it is one of the most frequent: units by their codes, the first of their direct units,
//! and of all of them the same present roll-up with measures and targets. Whatever else is selected is read level by level
//! ([`super::gather`]), and so is a plan of which some unit is not found: it may have had another code before.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;

use super::gather::{FacePage, Found, FoundList, plainly};
use super::plan::{Plan, Rollup, Units};
use super::rollups::{self, Read, Wanted};
use crate::access::Viewer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::graphql::batches::ProgrammeKey;
use crate::programme::{self, Definition};
use crate::rollup::{self, View};
use crate::store::ListRow;
use crate::unit::{self, Face, UnitOrder};

/// Everything of the plan, and how many statements it took; none where it is to be read level by level.
pub async fn gather(app: &App, viewer: Viewer, plan: &Plan) -> Result<Option<(Found, u32)>> {
    let Some(shape) = Shape::of(plan) else { return Ok(None) };
    let zone = app.config.time_zone;
    let programmes = match shape.rollup {
        Some(rollup) => programme::known_by_code(app, viewer, &rollup.programme).await?,
        None => HashMap::new(),
    };
    let definition = shape.rollup.and_then(|rollup| programmes.get(&rollup.programme));
    if shape.rollup.is_some() && definition.is_none() {
        return Ok(None);
    }
    let asked = match (shape.rollup, definition) {
        (Some(rollup), Some(definition)) => Some(Asked::of(rollup, definition, zone)?.needing(shape.rollups())),
        _ => None,
    };
    let Some(answers) = shape.read(app, viewer, asked.as_ref()).await? else { return Ok(None) };
    let (mut found, all) = shape.found(&answers.faces);
    let wanted = all.iter().flat_map(|(unit, selected)| {
        selected.rollups.iter().enumerate().map(|(slot, rollup)| Wanted { unit: *unit, slot, rollup })
    });
    let wanted: Vec<Wanted<'_>> = wanted.collect();
    if let Some(asked) = asked {
        let read = Read::of(asked.key, answers.measures, answers.targets);
        rollups::place(viewer, zone, &mut found, &wanted, &programmes, &read)?;
    }
    Ok(Some((found, 1 + u32::from(shape.rollup.is_some()))))
}

/// A plan that one statement reads.
struct Shape<'p> {
    plan: &'p Plan,
    /// The list of each root, if it has one: its order, and how many units are asked for.
    lists: Vec<Option<(UnitOrder, usize)>>,
    /// The one roll-up that is selected, wherever it is.
    rollup: Option<&'p Rollup>,
}

/// The question to the roll-ups.
struct Asked {
    key: (ProgrammeKey, View),
    additive: bool,
    persons: bool,
    targets: bool,
}

struct Answers {
    /// Of each root its face, and those below it.
    faces: Vec<(Arc<Face>, Vec<Arc<Face>>)>,
    measures: HashMap<i64, rollup::Measures>,
    targets: HashMap<i64, rollup::TargetValues>,
}

impl<'p> Shape<'p> {
    fn of(plan: &'p Plan) -> Option<Shape<'p>> {
        let mut rollups: Vec<&Rollup> = Vec::new();
        let mut lists = Vec::with_capacity(plan.units.len());
        for (code, root) in &plan.units {
            rollups.extend(&root.rollups);
            let list = match root.lists.as_slice() {
                _ if code.contains('\0') => return None,
                [] => None,
                [list] if !list.counted && list.nodes.iter().all(|below| below.lists.is_empty()) => {
                    rollups.extend(list.nodes.iter().flat_map(|below| &below.rollups));
                    Some((list.filter.order.unwrap_or_default(), plainly(list)?))
                }
                _ => return None,
            };
            lists.push(list);
        }
        let first = rollups.first().copied();
        let alike = |other: &&Rollup| {
            let plain = other.breakdowns.is_empty() && other.overs.is_empty() && !other.needs.registered_below;
            plain && first.is_some_and(|first| first.programme == other.programme && first.slice == other.slice)
        };
        (!plan.units.is_empty() && rollups.iter().all(alike)).then_some(Shape { plan, lists, rollup: first })
    }

    fn rollups(&self) -> impl Iterator<Item = &'p Rollup> {
        self.plan.units.iter().flat_map(|(_, root)| {
            let below = root.lists.iter().flat_map(|list| list.nodes.iter().flat_map(|below| &below.rollups));
            root.rollups.iter().chain(below)
        })
    }

    /// Reads it; none where a root is not found, or stored cells do not answer.
    async fn read(&self, app: &App, viewer: Viewer, asked: Option<&Asked>) -> Result<Option<Answers>> {
        let mut lists = app.store.several();
        let mut tables = Vec::new();
        for (n, ((code, _), list)) in self.plan.units.iter().zip(&self.lists).enumerate() {
            let table = format!("root_{n}");
            let text = unit::face_table_by_code(&mut lists.sql, viewer, code);
            lists.table(&table, &text);
            unit::face_list(&mut lists, &table, None);
            if let Some((order, limit)) = list {
                let below = format!("below_{n}");
                let text = unit::face_table_below(&mut lists.sql, viewer, &table, *order, limit + 1);
                lists.table(&below, &text);
                unit::face_list(&mut lists, &below, Some(*order));
                tables.push(below);
            }
            tables.push(table);
        }
        let needs = match asked {
            Some(asked) => {
                let all: Vec<String> =
                    tables.iter().map(|table| format!("SELECT id, has_cells FROM {table}")).collect();
                lists.table("asked", &all.join(" UNION ALL "));
                lists.table("leaves", "SELECT id FROM asked WHERE NOT has_cells");
                let Asked { key: (programme, view), .. } = asked;
                let id = programme.0.row.id;
                let measures = asked.additive || asked.persons;
                let readable = !measures || rollup::list(&mut lists, id, view, ("asked", "leaves"), asked.persons);
                if !readable || (asked.persons && view.leaves_persons_out()) {
                    return Ok(None);
                }
                let targets = asked.targets && rollup::target_list(&mut lists, id, view, "asked");
                (measures, targets)
            }
            None => (false, false),
        };
        let mut rows = app.store.lists(lists).await?.into_iter();
        self.answers(&mut rows, needs)
    }

    fn answers(
        &self,
        rows: &mut impl Iterator<Item = Vec<ListRow>>,
        (measures, targets): (bool, bool),
    ) -> Result<Option<Answers>> {
        let mut next = || rows.next().ok_or_else(|| Error::Internal("a list is missing".to_owned()));
        let mut faces = Vec::with_capacity(self.lists.len());
        for list in &self.lists {
            let root = unit::listed_faces(next()?)?.into_iter().next();
            let below = if list.is_some() { unit::listed_faces(next()?)? } else { Vec::new() };
            match root {
                Some(root) => faces.push((root, below)),
                None => return Ok(None),
            }
        }
        let measures = if measures { rollup::listed(next()?)? } else { HashMap::new() };
        let targets = if targets { rollup::listed_targets(next()?)? } else { HashMap::new() };
        Ok(Some(Answers { faces, measures, targets }))
    }

    /// The units in their places, and what is selected of each.
    fn found(&self, faces: &[(Arc<Face>, Vec<Arc<Face>>)]) -> (Found, Vec<(usize, &'p Units)>) {
        let (mut found, mut all) = (Found::default(), Vec::new());
        for (((_, selected), list), (root, below)) in self.plan.units.iter().zip(&self.lists).zip(faces) {
            let place = found.add(root.clone(), selected);
            found.roots.push(Some(place));
            all.push((place, selected));
            let (Some((_, limit)), Some(of)) = (list, selected.lists.first()) else { continue };
            let has_next = below.len() > *limit;
            let faces = below[..below.len().min(*limit)].to_vec();
            let mut nodes = Vec::with_capacity(of.nodes.len());
            for selected in &of.nodes {
                let units: Vec<usize> = faces.iter().map(|face| found.add(face.clone(), selected)).collect();
                all.extend(units.iter().map(|unit| (*unit, selected)));
                nodes.push(units);
            }
            let page = FacePage { faces, has_next, ..FacePage::default() };
            found.units[place].lists.push(FoundList { nodes, total: 0, page });
        }
        (found, all)
    }
}

impl Asked {
    fn of(rollup: &Rollup, programme: &Arc<Definition>, zone: Tz) -> Result<Asked> {
        let view = View::present(rollup.slice.resolve(programme, zone)?, zone);
        Ok(Asked { key: (ProgrammeKey(programme.clone()), view), additive: false, persons: false, targets: false })
    }

    fn needing<'p>(self, rollups: impl Iterator<Item = &'p Rollup>) -> Asked {
        rollups.fold(self, |asked, Rollup { needs, .. }| Asked {
            additive: asked.additive || needs.additive,
            persons: asked.persons || needs.participants,
            targets: asked.targets || needs.targets,
            ..asked
        })
    }
}
