//! Lists of units: within a unit, directly below it, or all of one's scope.

use std::collections::HashMap;
use std::sync::Arc;

use entity::enums::UnitKind;
use sea_orm::ActiveEnum;

use super::find::{SeenUnit, SightRow};
use super::then;
use super::ways::{Maker, Path, Route, routes, starts};
use crate::access::{Viewer, shows, sight_columns};
use crate::error::{Error, Result};
use crate::page::ways::{Rows, count, gather};
use crate::page::{Listing, Page, PageArgs};
use crate::store::Tx;
use crate::text::message;

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
    /// The tree of this instant, as known today, milliseconds since the epoch; none: the tree now.
    pub as_of: Option<i64>,
}

/// A page for each owner. Direct units take one statement, all others two, and one more where the first way passes over too much.
pub async fn pages(
    tx: &Tx,
    viewer: Viewer,
    filter: &UnitFilter,
    owners: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Arc<SeenUnit>>>> {
    let pages = match filter.within {
        _ if filter.as_of.is_some() => then::listing(tx, viewer, filter)?.pages::<SightRow>(tx, owners, args).await?,
        Within::Children => children(tx, viewer, filter)?.pages::<SightRow>(tx, owners, args).await?,
        _ => reached(tx, viewer, filter, owners, args).await?,
    };
    pages.into_iter().map(|(owner, page)| Ok((owner, visible(page)?))).collect()
}

async fn reached(
    tx: &Tx,
    viewer: Viewer,
    filter: &UnitFilter,
    owners: &[i64],
    args: &PageArgs,
) -> Result<HashMap<i64, Page<SightRow>>> {
    let (limit, _) = args.limit()?;
    let maker = Maker::new(filter)?;
    let mut routes = routes(starts(tx, viewer, filter.within, owners).await?);
    loop {
        let mut sql = tx.sql("");
        let rows = maker.rows(&mut sql, viewer);
        let ways = maker.ways(&mut sql, &routes);
        let found = gather::<SightRow>(tx, sql, &rows, &ways, args, None).await?;
        let mut again = false;
        for route in &mut routes {
            for class in maker.classes() {
                let class = class.unwrap_or(0);
                let given = found.given.get(&(route.start.owner, route.start.top, class)).copied().unwrap_or(0);
                if given > limit {
                    // The first class fills the page.
                    break;
                }
                if matches!(route.paths[class as usize], Path::Walk(_)) {
                    route.goes_on(class, maker.search.is_some());
                    again = true;
                }
            }
        }
        if !again {
            return found.pages(owners, args);
        }
    }
}

/// How many units each owner's list has; one statement or two.
pub async fn counts(tx: &Tx, viewer: Viewer, filter: &UnitFilter, owners: &[i64]) -> Result<HashMap<i64, i64>> {
    if filter.as_of.is_some() {
        return then::listing(tx, viewer, filter)?.counts(tx, owners).await;
    }
    if filter.within == Within::Children {
        return children(tx, viewer, filter)?.counts(tx, owners).await;
    }
    let maker = Maker::new(filter)?;
    let path = if maker.search.is_some() { Path::Found } else { Path::Gather };
    let routes = routes(starts(tx, viewer, filter.within, owners).await?).into_iter();
    // Where little stands below, nothing is faster than to look at it.
    let routes: Vec<Route> = routes
        .map(|route| if route.paths[0] == Path::Gather { route } else { Route { paths: [path; 3], ..route } })
        .collect();
    let mut sql = tx.sql("");
    let ways = maker.ways(&mut sql, &routes);
    let rows = Rows { columns: String::new(), from: "unit u", id: "u.id", order: String::new(), keys: Vec::new() };
    count(tx, sql, &rows, &ways, owners).await
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
    Ok(Page { edges, has_next: page.has_next, has_previous: page.has_previous, until: page.until })
}

/// What stands directly below the owner and shows.
fn children(tx: &Tx, viewer: Viewer, filter: &UnitFilter) -> Result<Listing> {
    let mut sql = tx.sql("");
    let mut conditions = vec!["u.parent_id = o.id AND u.ended_at IS NULL".to_owned(), shows(&mut sql, viewer, "u")];
    if let Some(kinds) = &filter.kinds {
        not_empty("kind", kinds)?;
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
        conditions.push(sql.any_text("u.kind", &kinds));
    }
    let keys = Maker::new(filter)?.keys(None);
    let sight = sight_columns(&mut sql, viewer, "u");
    let order = format!("unit.{:?}", filter.order.unwrap_or_default());
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
