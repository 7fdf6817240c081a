//! Lists of units: within a unit, directly below it, or all of one's scope.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::UnitKind;
use sea_orm::ActiveEnum;

use super::find::{SeenUnit, SightRow};
use crate::access::{Right, Viewer, above_scope, covered, face_level, sight_columns};
use crate::error::{Error, Result};
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::Tx;
use crate::text::{self, message};

/// What a list is of; the owners are units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Within {
    /// Every unit of one's scope; the owner is not looked at.
    Scope,
    /// The owner, where it is in scope, and everything below it that is.
    Unit,
    /// Everything below the owner that is in scope.
    Below,
    /// What stands directly below the owner and shows, faces included.
    Children,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnitOrder {
    #[default]
    NameAsc,
    NameDesc,
    CodeAsc,
    CodeDesc,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitFilter {
    pub within: Within,
    pub kinds: Option<Vec<UnitKind>>,
    pub search: Option<String>,
    pub order: Option<UnitOrder>,
}

/// A page for each owner; one statement.
pub async fn pages(
    tx: &Tx,
    viewer: Viewer,
    filter: &UnitFilter,
    owners: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Arc<SeenUnit>>>> {
    let pages = listing(tx, viewer, filter)?.pages::<SightRow>(tx, owners, args).await?;
    pages.into_iter().map(|(owner, page)| Ok((owner, visible(page)?))).collect()
}

/// How many units each owner's list has; one statement.
pub async fn counts(tx: &Tx, viewer: Viewer, filter: &UnitFilter, owners: &[i64]) -> Result<HashMap<i64, i64>> {
    listing(tx, viewer, filter)?.counts(tx, owners).await
}

fn visible(page: Page<SightRow>) -> Result<Page<Arc<SeenUnit>>> {
    let mut invisible = false;
    let page = page.map(|row| {
        let seen = row.seen();
        invisible |= seen.is_none();
        seen
    });
    if invisible {
        return Err(Error::Internal("a list of units holds one that the viewer does not see".to_owned()));
    }
    let mut edges = Vec::with_capacity(page.edges.len());
    for edge in page.edges {
        edges.extend(edge.node.map(|node| crate::page::Edge { cursor: edge.cursor, node }));
    }
    Ok(Page { edges, has_next: page.has_next, has_previous: page.has_previous })
}

fn listing(tx: &Tx, viewer: Viewer, filter: &UnitFilter) -> Result<Listing> {
    let mut sql = tx.sql("");
    let mut conditions = Vec::new();
    let below = "EXISTS (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = o.id AND w.descendant_id = u.id";
    match filter.within {
        Within::Scope => {}
        Within::Unit => conditions.push(format!("{below})")),
        Within::Below => conditions.push(format!("{below} AND w.distance > 0)")),
        Within::Children => conditions.push("u.parent_id = o.id".to_owned()),
    }
    let in_scope = covered(&mut sql, viewer, Right::ReadAggregates, "u.id");
    conditions.push(match filter.within {
        Within::Children => {
            let above = above_scope(&mut sql, viewer, "u.id");
            let face = face_level(viewer);
            format!("({in_scope} OR u.depth <= {face} OR {above})")
        }
        _ => in_scope,
    });
    if let Some(kinds) = &filter.kinds {
        not_empty("kind", kinds)?;
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        conditions.push(sql.any_text("u.kind", &kinds));
    }
    let mut keys = Vec::new();
    let search = Search::of(filter.search.as_deref())?;
    if let Some(found) = &search {
        let exact = sql.bind(text::like_anywhere(&found.exact));
        let code = sql.bind(text::like_anywhere(&found.exact));
        let words = found.words.iter().map(|word| {
            let word = sql.bind(text::like_word(word));
            format!("' ' || u.name_folded LIKE {word} ESCAPE '\\'")
        });
        let words: Vec<String> = words.collect();
        let words = if words.is_empty() { "FALSE".to_owned() } else { words.join(" AND ") };
        conditions.push(format!("(({words}) OR lower(u.code) LIKE {code} ESCAPE '\\')"));
        keys.push(Key::asc(
            format!("(CASE WHEN u.name_lower LIKE {exact} ESCAPE '\\' THEN 0 ELSE 1 END)"),
            KeyKind::Int,
        ));
    }
    let order = filter.order.unwrap_or_default();
    keys.extend(match order {
        UnitOrder::NameAsc => vec![Key::asc("u.name_sort", KeyKind::Bytes), Key::asc("u.code", KeyKind::Text)],
        UnitOrder::NameDesc => vec![Key::desc("u.name_sort", KeyKind::Bytes), Key::desc("u.code", KeyKind::Text)],
        UnitOrder::CodeAsc => vec![Key::asc("u.code", KeyKind::Text)],
        UnitOrder::CodeDesc => vec![Key::desc("u.code", KeyKind::Text)],
    });
    let sight = sight_columns(&mut sql, viewer, "u");
    let order = format!("unit.{order:?}{}", if search.is_some() { ".search" } else { "" });
    Ok(Listing {
        sql,
        columns: format!("u.*, {sight}"),
        from: "unit u".to_owned(),
        id: "u.id",
        conditions,
        order,
        keys,
    })
}

/// A list that names nothing could mean all or none; it is refused.
pub fn not_empty<T>(argument: &str, list: &[T]) -> Result<()> {
    if list.is_empty() {
        return Err(Error::BadInput(message!(
            "{argument} is an empty list: leave it out, or name one at least",
            argument
        )));
    }
    Ok(())
}

/// What a search text looks for: every word's beginning, in any diacritics; the text as it stands ranks first.
pub struct Search {
    pub exact: String,
    pub words: Vec<String>,
}

impl Search {
    /// None for a blank text, which looks for nothing in particular.
    pub fn of(search: Option<&str>) -> Result<Option<Search>> {
        let Some(search) = search.filter(|search| !search.trim().is_empty()) else { return Ok(None) };
        if search.chars().count() > 200 {
            return Err(Error::BadInput(message!("search is longer than 200 characters")));
        }
        if search.contains('\0') {
            return Err(Error::BadInput(message!("search has a NUL character")));
        }
        let exact = text::lower(search.trim());
        let words = text::fold(search).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Ok(Some(Search { exact, words }))
    }
}
