//! Lists of initiatives that a viewer may read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::enums::InitiativeState;
use entity::initiative::Model;
use sea_orm::ActiveEnum;

use super::hunt::Hunt;
use super::reach::Class;
use super::routes::{Asked, Path, are_large, are_parts, looks_through};
use super::starts::{period, slices, starts};
use super::ways::{BELOW, Maker};
use crate::access::Viewer;
use crate::error::Result;
use crate::page::ways::{Gathered, Way, begins, count, gather, walk_ends};
use crate::page::{Page, PageArgs};
use crate::programme::{Days, Slice};
use crate::store::{Sql, Tx};
use crate::unit::not_empty;

/// Which initiatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// All that may be read; the owner is not looked at.
    All,
    /// Of the owner, a unit, and everything below it.
    Unit,
    /// Those of which the viewer is an author.
    Mine,
    /// Those that the viewer may decide on; with an owner above 0, in that unit and below.
    AwaitingMe,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InitiativeOrder {
    #[default]
    SubmittedAtDesc,
    SubmittedAtAsc,
    ClaimedBenefitDesc,
    VerifiedBenefitDesc,
    TitleAsc,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InitiativeFilter {
    pub of: Of,
    /// A programme's id.
    pub programme: Option<i64>,
    pub slice: Slice,
    /// Whose days the slice means.
    pub zone: Tz,
    pub states: Option<Vec<InitiativeState>>,
    pub search: Option<String>,
    /// VND; APPROVED with more than this.
    pub verified_over: Option<i64>,
    pub order: Option<InitiativeOrder>,
}

impl InitiativeFilter {
    /// Everything of a kind.
    pub fn of(of: Of) -> InitiativeFilter {
        InitiativeFilter {
            of,
            programme: None,
            slice: Slice::default(),
            zone: Tz::UTC,
            states: None,
            search: None,
            verified_over: None,
            order: None,
        }
    }
}

/// A page for each owner; two statements, one more for phases and groups, and more where the first ways pass over too much.
pub async fn pages(
    tx: &Tx,
    viewer: Viewer,
    filter: &InitiativeFilter,
    owners: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Arc<Model>>>> {
    let (limit, backward) = args.limit()?;
    // What cannot be asked is refused before anything is read.
    let mut asked = Maker::new(&mut tx.sql(""), viewer, filter)?;
    let begins = begins(&asked.rows(), args)?;
    let starts = starts(tx, viewer, filter, owners).await?;
    let slices = slices(tx, filter, &starts).await?;
    if slices.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Gathered::<Model>::default().pages(owners, args)?.into_iter().map(shared).collect());
    }
    let hunt = match &asked.search {
        Some(search) if are_large(&starts) => Some(Hunt::of(tx, search).await?),
        _ => None,
    };
    let period = period(tx, filter, &starts).await?;
    (asked.hunt, asked.backward, asked.period) = (hunt.as_ref(), backward, period);
    let (mut found, mut looked) = (Gathered::default(), 0);
    for class in asked.classes_from(begins.as_deref(), backward) {
        let about = match (class, &hunt, &asked.search) {
            (Class::One(class @ 0..2), Some(hunt), Some(search))
                if !looks_through(&starts) && (!filter.is_by_time() || are_parts(&starts)) =>
            {
                Some(hunt.about(tx, class, search).await?)
            }
            _ => None,
        };
        asked.from = asked.instant(class, begins.as_deref());
        let (spans, most) = (asked.spans(class), asked.search.as_ref().map_or(0, |s| Asked::spans_left(s, looked)));
        let mut choice = Asked {
            filter,
            class,
            hunt: hunt.as_ref(),
            about,
            words: asked.search.as_ref().map_or(0, |search| search.words.len()),
            sliced: slices.is_some(),
            spans: spans.len(),
            most,
            far: 0,
        };
        let mut routes = choice.routes(&starts);
        let part = loop {
            let mut sql = tx.sql("");
            let mut maker = Maker::new(&mut sql, viewer, filter)?;
            maker.slices = slices.clone().unwrap_or_default();
            (maker.hunt, maker.backward, maker.period, maker.from) = (asked.hunt, backward, period, asked.from);
            let ways = maker.ways(&mut sql, class, &routes, owners);
            // What lies beyond is told by no way, or what lies between would be missing.
            let until = if choice.is_far() {
                match ways.iter().find(|way| way.bounded.is_some()) {
                    Some(way) => walk_ends(tx, sql.clone(), &maker.rows(), way, args).await?,
                    None => None,
                }
            } else {
                let far = routes.iter().map(|route| route.path.spans()).max().unwrap_or(0);
                let last = far.checked_sub(1).and_then(|last| spans.get(last));
                last.map(|span| maker.after_span(class, *span))
            };
            let part = gather::<Model>(tx, sql, &maker.rows(), &ways, args, until).await?;
            let mut on = false;
            for route in &mut routes {
                let given = part.given.get(&(route.start.owner, route.start.top, BELOW)).copied().unwrap_or(0);
                if given > limit {
                    continue;
                }
                if let (Class::One(class @ 0..2), Some(hunt), Some(search), None) =
                    (class, &hunt, &asked.search, choice.about)
                    && route.follows_words()
                {
                    choice.about = Some(hunt.about(tx, class, search).await?);
                }
                on |= route.goes_on(&choice, (given, limit + 1));
            }
            if !on {
                break part;
            }
            // What is merged is looked for equally far.
            let far = routes.iter().map(|route| route.path.spans()).max().unwrap_or(0);
            for route in routes.iter_mut().filter(|route| route.path.spans() > 0) {
                route.path = Path::Found { spans: far };
            }
        };
        looked += routes.iter().map(|route| route.path.spans()).max().unwrap_or(0).min(spans.len());
        found.append(part);
        if found.until.is_some() || found.fills(owners, limit + 1) {
            break;
        }
    }
    Ok(found.pages(owners, args)?.into_iter().map(shared).collect())
}

fn shared((owner, page): (i64, Page<Model>)) -> (i64, Page<Arc<Model>>) {
    (owner, page.map(Arc::new))
}

/// How many initiatives each owner's list has; two statements, and two more for a search of much.
pub async fn counts(tx: &Tx, viewer: Viewer, filter: &InitiativeFilter, owners: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut sql = tx.sql("");
    let mut maker = Maker::new(&mut sql, viewer, filter)?;
    let starts = starts(tx, viewer, filter, owners).await?;
    let hunt = match &maker.search {
        Some(search) if are_large(&starts) => Some(Hunt::of(tx, search).await?),
        _ => None,
    };
    maker.hunt = hunt.as_ref();
    let ways: Vec<Way> = maker
        .classes_from(None, false)
        .into_iter()
        .flat_map(|class| {
            let (about, sliced, spans, most) = (None, false, usize::MAX, usize::MAX);
            let hunt = hunt.as_ref();
            let mut choice = Asked { filter, class, hunt, about, words: 0, sliced, spans, most, far: 0 };
            let mut routes = choice.routes(&starts);
            // Where little stands below, nothing is faster than to look at it.
            for route in &mut routes {
                route.path = match (route.path, class) {
                    (path @ (Path::None | Path::Gather | Path::Coded), _) => path,
                    (_, Class::One(0 | 1)) => Path::Found { spans: usize::MAX },
                    (_, Class::One(_)) => Path::On,
                    _ => Path::Gather,
                };
            }
            maker.ways(&mut sql, class, &routes, owners)
        })
        .collect();
    count(tx, sql, &maker.rows(), &ways, owners).await
}

/// What the filter asks of a row, the search and whose it is apart.
pub(super) fn conditions(sql: &mut Sql, filter: &InitiativeFilter) -> Result<Vec<String>> {
    filter.slice.check()?;
    let mut conditions = Vec::new();
    if let Some(programme) = filter.programme {
        let id = sql.bind(programme);
        conditions.push(format!("i.programme_id = {id}"));
    }
    slice_conditions(sql, &filter.slice, filter.zone, &mut conditions);
    if let Some(states) = &filter.states {
        not_empty("state", states)?;
        // By their names: which index serves, a bound value would not tell.
        let states: Vec<String> = states.iter().map(|state| format!("'{}'", state.to_value())).collect();
        conditions.push(format!("i.state IN ({})", states.join(", ")));
    }
    if filter.verified_over.is_some() {
        conditions.push(format!("i.state = '{}'", InitiativeState::Approved.to_value()));
    }
    Ok(conditions)
}

fn slice_conditions(sql: &mut Sql, slice: &Slice, zone: Tz, conditions: &mut Vec<String>) {
    if let Some(days) = slice.during.filter(|days| *days != Days::default()) {
        let (from, to) = days.instants(zone);
        conditions.push(format!("i.submitted_at >= {} AND i.submitted_at < {}", sql.bind(from), sql.bind(to)));
    }
    if let Some(phases) = &slice.phase {
        let these = sql.any_text("f.code", phases);
        conditions.push(format!("i.phase_id IN (SELECT f.id FROM phase f WHERE {these})"));
    }
    if let Some(groups) = &slice.group {
        let these = sql.any_text("f.code", groups);
        conditions.push(format!("i.group_id IN (SELECT f.id FROM participant_group f WHERE {these})"));
    }
    if let Some(blocs) = &slice.bloc {
        conditions.push(sql.any_text("(SELECT f.bloc FROM unit f WHERE f.id = i.unit_id)", blocs));
    }
    if let Some(kinds) = &slice.kind {
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        conditions.push(sql.any_text("(SELECT f.kind FROM unit f WHERE f.id = i.unit_id)", &kinds));
    }
}
