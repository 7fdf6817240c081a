//! Reading what a plan selects, but for the figures: units level by level, then what says which roll-ups are asked of all of them
//! together. How many statements it takes depends on the plan alone.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;

use super::plan::{List, Plan, Rollup, Units};
use super::rollups::{self, Drawn, Wanted};
use crate::access::Viewer;
use crate::error::Result;
use crate::graphql::connection::int;
use crate::page::{Page, PageArgs};
use crate::rollup::Overview;
use crate::store::Tx;
use crate::unit::{self, Face, SeenUnit, UnitFilter};

/// Everything but figures: what [`Topic::Definitions`](crate::store::Topic) covers, and nothing else. Units and roll-ups stand for
/// themselves, and are named by their places.
pub struct Frame {
    pub units: Vec<FoundUnit>,
    /// For each of [`Plan::units`] its unit.
    pub roots: Vec<Option<usize>>,
    pub rollups: Drawn,
}

#[derive(Default)]
struct Found {
    units: Vec<FoundUnit>,
    roots: Vec<Option<usize>>,
}

pub struct FoundUnit {
    pub face: Arc<Face>,
    /// For each of [`Units::lists`].
    pub lists: Vec<FoundList>,
    /// For each of [`Units::rollups`] its place among [`Drawn::shown`].
    pub rollups: Vec<Option<usize>>,
}

pub struct FoundList {
    pub page: FacePage,
    /// For each of [`List::nodes`] the units, in order.
    pub nodes: Vec<Vec<usize>>,
    pub total: i32,
}

/// A page of units; without cursors where none is selected.
#[derive(Clone, Default)]
pub struct FacePage {
    pub faces: Vec<Arc<Face>>,
    pub cursors: Vec<String>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl Found {
    fn add(&mut self, face: Arc<Face>, selected: &Units) -> usize {
        let rollups = vec![None; selected.rollups.len()];
        self.units.push(FoundUnit { face, lists: Vec::with_capacity(selected.lists.len()), rollups });
        self.units.len() - 1
    }
}

/// A unit, and what is selected of it.
type Selected<'p> = (usize, &'p Units);

pub async fn gather(tx: &Tx, viewer: Viewer, zone: Tz, plan: &Plan) -> Result<Frame> {
    let mut found = Found::default();
    let mut codes: Vec<String> = plan.units.iter().map(|(code, _)| code.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let faces = unit::faces_by_code(tx, viewer, &codes).await?;
    let mut level: Vec<Selected<'_>> = Vec::new();
    for (code, selected) in &plan.units {
        let face = faces.iter().find(|(asked, _)| asked == code);
        let place = face.map(|(_, face)| found.add(face.clone(), selected));
        level.extend(place.map(|place| (place, selected)));
        found.roots.push(place);
    }
    let mut all = Vec::new();
    while !level.is_empty() {
        let below = lists(tx, viewer, &mut found, &level).await?;
        all.append(&mut level);
        level = below;
    }
    let mut wanted = Vec::new();
    all.iter().for_each(|(unit, selected)| want(&mut wanted, *unit, selected));
    let rollups = rollups::draw(tx, viewer, zone, &mut found.units, &wanted).await?;
    Ok(Frame { units: found.units, roots: found.roots, rollups })
}

/// The frame of a plan that an overview answers: one unit, and one list at most.
pub fn of_overview(plan: &Plan, viewer: Viewer, overview: Overview) -> Frame {
    let mut found = Found::default();
    let (mut wanted, mut targets) = (Vec::new(), HashMap::new());
    let terms = (overview.programme, overview.visibility, overview.public_level);
    let mut faces = Vec::with_capacity(overview.rows.len());
    for row in overview.rows {
        targets.insert(row.face.id, row.targets);
        faces.push(row.face);
    }
    for (_, selected) in &plan.units {
        let Some((face, below)) = faces.split_first() else { continue };
        let unit = found.add(face.clone(), selected);
        found.roots.push(Some(unit));
        want(&mut wanted, unit, selected);
        for list in &selected.lists {
            let limit = plainly(list).unwrap_or(0);
            let page = FacePage {
                faces: below.iter().take(limit).cloned().collect(),
                has_next: below.len() > limit,
                ..FacePage::default()
            };
            let mut nodes = Vec::with_capacity(list.nodes.len());
            for selected in &list.nodes {
                let units: Vec<usize> = page.faces.iter().map(|face| found.add(face.clone(), selected)).collect();
                units.iter().for_each(|unit| want(&mut wanted, *unit, selected));
                nodes.push(units);
            }
            found.units[unit].lists.push(FoundList { nodes, total: 0, page });
        }
    }
    let rollups = rollups::of_terms(viewer, terms, &targets, &mut found.units, &wanted);
    Frame { units: found.units, roots: found.roots, rollups }
}

/// Adds the roll-ups that are selected of the unit.
fn want(wanted: &mut Vec<Wanted>, unit: usize, selected: &Units) {
    let of = |(slot, rollup): (usize, &Arc<Rollup>)| Wanted { unit, slot, rollup: rollup.clone() };
    wanted.extend(selected.rollups.iter().enumerate().map(of));
}

impl Frame {
    /// How much memory it takes, about, bytes.
    pub fn bytes(&self) -> usize {
        let unit = |unit: &FoundUnit| {
            let face = &unit.face;
            let texts = face.code.len() + face.name.len() + face.name_en.as_ref().map_or(0, String::len);
            let list = |list: &FoundList| {
                let cursors: usize = list.page.cursors.iter().map(|cursor| cursor.len() + size_of::<String>()).sum();
                let nodes: usize = list.nodes.iter().map(|nodes| nodes.len() * size_of::<usize>()).sum();
                size_of::<FoundList>() + cursors + nodes + list.page.faces.len() * size_of::<usize>()
            };
            let lists: usize = unit.lists.iter().map(list).sum();
            size_of::<FoundUnit>() + size_of::<Face>() + texts + lists + unit.rollups.len() * size_of::<Option<usize>>()
        };
        self.units.iter().map(unit).sum::<usize>() + self.rollups.bytes()
    }
}

/// Reads the lists of a level of units; answers the level below.
async fn lists<'p>(tx: &Tx, viewer: Viewer, found: &mut Found, level: &[Selected<'p>]) -> Result<Vec<Selected<'p>>> {
    let mut below = Vec::new();
    // Units of one list have the same selection: whatever is selected once is asked for once.
    let mut selections: Vec<&Units> = Vec::new();
    for (_, selected) in level {
        if !selections.iter().any(|known| std::ptr::eq(*known, *selected)) {
            selections.push(selected);
        }
    }
    for selected in selections {
        let owners: Vec<usize> =
            level.iter().filter(|(_, other)| std::ptr::eq(*other, selected)).map(|(unit, _)| *unit).collect();
        for list in &selected.lists {
            of_list(tx, viewer, found, list, &owners, &mut below).await?;
        }
    }
    Ok(below)
}

async fn of_list<'p>(
    tx: &Tx,
    viewer: Viewer,
    found: &mut Found,
    list: &'p List,
    owners: &[usize],
    below: &mut Vec<Selected<'p>>,
) -> Result<()> {
    let mut parents: Vec<Arc<Face>> = owners.iter().map(|owner| found.units[*owner].face.clone()).collect();
    parents.sort_by_key(|face| face.id);
    parents.dedup_by_key(|face| face.id);
    let ids: Vec<i64> = parents.iter().map(|face| face.id).collect();
    let pages = pages(tx, viewer, list, &parents, &ids).await?;
    let totals = match list.counted {
        true => unit::counts(tx, viewer, &list.filter, &ids).await?,
        false => HashMap::new(),
    };
    for owner in owners {
        let id = found.units[*owner].face.id;
        let total = int(totals.get(&id).copied().unwrap_or(0))?;
        let page = pages.get(&id).cloned().unwrap_or_default();
        let mut nodes = Vec::with_capacity(list.nodes.len());
        for selected in &list.nodes {
            let units: Vec<usize> = page.faces.iter().map(|face| found.add(face.clone(), selected)).collect();
            below.extend(units.iter().map(|unit| (*unit, selected)));
            nodes.push(units);
        }
        found.units[*owner].lists.push(FoundList { nodes, total, page });
    }
    Ok(())
}

/// A page of units for each of the parents; one statement.
async fn pages(
    tx: &Tx,
    viewer: Viewer,
    list: &List,
    parents: &[Arc<Face>],
    ids: &[i64],
) -> Result<HashMap<i64, FacePage>> {
    if let (Some(limit), [parent]) = (plainly(list), parents) {
        let order = list.filter.order.unwrap_or_default();
        let mut faces = unit::faces_below(tx, viewer, parent, order, limit + 1).await?;
        let has_next = faces.len() > limit;
        faces.truncate(limit);
        return Ok(HashMap::from([(parent.id, FacePage { faces, has_next, ..FacePage::default() })]));
    }
    let pages = unit::pages(tx, viewer, &list.filter, ids, &list.page).await?;
    let lean = |page: Page<Arc<SeenUnit>>| {
        let (has_next, has_previous) = (page.has_next, page.has_previous);
        let (cursors, faces) =
            page.edges.into_iter().map(|edge| (edge.cursor, Arc::new(Face::from(edge.node.as_ref())))).unzip();
        FacePage { faces, cursors, has_next, has_previous }
    };
    Ok(pages.into_iter().map(|(parent, page)| (parent, lean(page))).collect())
}

/// How many of the first units are asked for, where nothing else is.
pub fn plainly(list: &List) -> Option<usize> {
    let PageArgs { first, after: None, last: None, before: None } = &list.page else { return None };
    let UnitFilter { kinds: None, search: None, as_of: None, .. } = &list.filter else { return None };
    let (limit, _) = list.page.limit().ok().filter(|_| first.is_some() && !list.placed)?;
    Some(limit)
}
