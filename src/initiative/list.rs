//! Lists of initiatives that a viewer may read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::enums::InitiativeState;
use entity::initiative::Model;
use sea_orm::ActiveEnum;

use super::routes::{Path, routes, slices, starts};
use super::ways::{BELOW, Maker};
use crate::access::Viewer;
use crate::error::Result;
use crate::page::ways::{Gathered, begins, count, gather};
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
    let asked = Maker::new(&mut tx.sql(""), viewer, filter)?;
    let (search, begins) = (asked.search.is_some(), begins(&asked.rows(), args)?);
    let starts = starts(tx, viewer, filter, owners).await?;
    let slices = slices(tx, filter, &starts).await?;
    let mut found = Gathered::default();
    for class in asked.classes_from(begins.as_deref(), backward) {
        let mut routes = routes(filter, search, !slices.is_empty(), &starts);
        let part = loop {
            let mut sql = tx.sql("");
            let mut maker = Maker::new(&mut sql, viewer, filter)?;
            maker.slices.clone_from(&slices);
            (maker.from, maker.backward) = (asked.instant(class, begins.as_deref(), backward), backward);
            let ways = maker.ways(&mut sql, class, &routes, owners);
            let part = gather::<Model>(tx, sql, &maker.rows(), &ways, args).await?;
            let mut on = false;
            for route in &mut routes {
                let given = part.given.get(&(route.start.owner, route.start.top, BELOW)).copied().unwrap_or(0);
                on |= given <= limit && route.goes_on(filter, search, !slices.is_empty(), (given, limit));
            }
            if !on {
                break part;
            }
        };
        found.append(part);
        if found.fills(owners, limit + 1) {
            break;
        }
    }
    let pages = found.pages(owners, args)?;
    Ok(pages.into_iter().map(|(owner, page)| (owner, page.map(Arc::new))).collect())
}

/// How many initiatives each owner's list has; two statements.
pub async fn counts(tx: &Tx, viewer: Viewer, filter: &InitiativeFilter, owners: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut sql = tx.sql("");
    let maker = Maker::new(&mut sql, viewer, filter)?;
    let search = maker.search.is_some();
    let path = if search { Path::Found { spans: None } } else { Path::Gather };
    let mut routes = routes(filter, search, false, &starts(tx, viewer, filter, owners).await?);
    // Where little stands below, nothing is faster than to look at it.
    routes.iter_mut().filter(|route| route.path != Path::Gather).for_each(|route| route.path = path);
    let ways =
        maker.classes().iter().flat_map(|class| maker.ways(&mut sql, *class, &routes, owners)).collect::<Vec<_>>();
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
