//! Lists of initiatives that a viewer may read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::enums::{Action, InitiativeState};
use entity::initiative::Model;
use sea_orm::ActiveEnum;

use crate::access::{Right, Viewer, authored, covered, is_author, readable_initiative};
use crate::error::Result;
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::programme::{Days, Slice};
use crate::store::Tx;
use crate::text;
use crate::unit::{Search, not_empty};

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

/// A page for each owner; one statement.
pub async fn pages(
    tx: &Tx,
    viewer: Viewer,
    filter: &InitiativeFilter,
    owners: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Arc<Model>>>> {
    let pages = listing(tx, viewer, filter)?.pages::<Model>(tx, owners, args).await?;
    Ok(pages.into_iter().map(|(owner, page)| (owner, page.map(Arc::new))).collect())
}

/// How many initiatives each owner's list has; one statement.
pub async fn counts(tx: &Tx, viewer: Viewer, filter: &InitiativeFilter, owners: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx, viewer, filter)?.counts(tx, owners).await
}

fn listing(tx: &Tx, viewer: Viewer, filter: &InitiativeFilter) -> Result<Listing> {
    filter.slice.check()?;
    let mut sql = tx.sql("");
    let mut conditions = Vec::new();
    let within = "i.unit_id IN (SELECT w.descendant_id FROM unit_closure w WHERE w.ancestor_id = o.id)";
    match filter.of {
        Of::All => conditions.push(readable_initiative(&mut sql, viewer, "i")),
        Of::Unit => {
            conditions.push(within.to_owned());
            conditions.push(readable_initiative(&mut sql, viewer, "i"));
        }
        Of::Mine => conditions.push(authored(&mut sql, viewer, "i")),
        Of::AwaitingMe => {
            conditions.push(format!("(o.id = 0 OR {within})"));
            conditions.push(format!("i.state = '{}'", InitiativeState::Submitted.to_value()));
            conditions.push(covered(&mut sql, viewer, Right::Do(Action::Approve), "i.unit_id"));
            conditions.push(format!("NOT {}", is_author(&mut sql, viewer, "i")));
        }
    }
    if let Some(programme) = filter.programme {
        let id = sql.bind(programme);
        conditions.push(format!("i.programme_id = {id}"));
    }
    slice_conditions(&mut sql, &filter.slice, filter.zone, &mut conditions);
    if let Some(states) = &filter.states {
        not_empty("state", states)?;
        let states: Vec<String> = states.iter().map(|state| state.to_value()).collect();
        conditions.push(sql.any_text("i.state", &states));
    }
    if let Some(over) = filter.verified_over {
        let over = sql.bind(over);
        conditions
            .push(format!("i.state = '{}' AND i.verified_benefit > {over}", InitiativeState::Approved.to_value()));
    }
    let mut keys = Vec::new();
    let search = Search::of(filter.search.as_deref())?;
    if let Some(found) = &search {
        let exact = sql.bind(text::like_anywhere(&found.exact));
        let words = found.words.iter().map(|word| {
            let word = sql.bind(text::like_word(word));
            format!("' ' || i.title_folded LIKE {word} ESCAPE '\\'")
        });
        let words: Vec<String> = words.collect();
        let words = if words.is_empty() { "FALSE".to_owned() } else { words.join(" AND ") };
        conditions.push(format!("(({words}) OR lower(i.code) LIKE {exact} ESCAPE '\\')"));
        keys.push(Key::asc(
            format!("(CASE WHEN i.title_lower LIKE {exact} ESCAPE '\\' THEN 0 ELSE 1 END)"),
            KeyKind::Int,
        ));
    }
    let order = filter.order.unwrap_or_default();
    keys.push(match order {
        InitiativeOrder::SubmittedAtDesc => Key::desc("COALESCE(i.submitted_at, i.created_at)", KeyKind::Int),
        InitiativeOrder::SubmittedAtAsc => Key::asc("COALESCE(i.submitted_at, i.created_at)", KeyKind::Int),
        InitiativeOrder::ClaimedBenefitDesc => Key::desc("COALESCE(i.claimed_benefit, -1)", KeyKind::Int),
        InitiativeOrder::VerifiedBenefitDesc => Key::desc("COALESCE(i.verified_benefit, -1)", KeyKind::Int),
        InitiativeOrder::TitleAsc => Key::asc("i.title_sort", KeyKind::Bytes),
    });
    keys.push(Key::asc("i.code", KeyKind::Text));
    let order = format!("initiative.{order:?}{}", if search.is_some() { ".search" } else { "" });
    let (columns, from) = ("i.*".to_owned(), "initiative i".to_owned());
    Ok(Listing { sql, columns, from, id: "i.id", conditions, order, keys })
}

fn slice_conditions(sql: &mut crate::store::Sql, slice: &Slice, zone: Tz, conditions: &mut Vec<String>) {
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
        let these = sql.any_text("f.bloc", blocs);
        conditions.push(format!("i.unit_id IN (SELECT f.id FROM unit f WHERE {these})"));
    }
    if let Some(kinds) = &slice.kind {
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        let these = sql.any_text("f.kind", &kinds);
        conditions.push(format!("i.unit_id IN (SELECT f.id FROM unit f WHERE {these})"));
    }
}
