//! The ways to the units of a list: down from where the viewer's grants stand, along the order, and by the words that are searched for.

use entity::enums::UnitKind;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::list::{UnitFilter, UnitOrder, Within};
use super::search::Search;
use crate::access::{Right, Viewer, sight_columns, tops};
use crate::error::Result;
use crate::page::ways::{Bounded, Rows, Way};
use crate::page::{Key, KeyKind};
use crate::store::{NAMES, Sql, Tx, Wanted};

/// How the units below a start are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Gather,
    Walk(usize),
    Found,
    On,
}

/// A unit that a grant of the viewer stands on, inside an owner.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Start {
    pub owner: i64,
    pub top: i64,
    /// Is it the root?
    pub whole: i32,
    /// How many stand below it, up to a little more than are ever gathered.
    pub size: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Route {
    pub start: Start,
    /// By class; of what is gathered, the first is all.
    pub paths: [Path; 3],
}

/// As many units may be gathered, or walked along, for one page.
const GATHERED: usize = 3_000;
const WALKED: usize = 4_000;
/// As many are gathered where a walk did not lead far enough.
const GATHERED_THEN: usize = 20_000;

/// Where the viewer's grants stand; one statement, or none.
pub(super) async fn starts(tx: &Tx, viewer: Viewer, within: Within, owners: &[i64]) -> Result<Vec<Start>> {
    if viewer.account().is_none() {
        return Ok(Vec::new());
    }
    let places = if within == Within::Scope { &[0][..] } else { owners };
    let mut sql = tx.sql("");
    let below = tops(&mut sql, viewer, Right::ReadAggregates, places);
    sql.push(&format!(
        "SELECT t.owner, t.top, (SELECT CASE WHEN u.parent_id IS NULL THEN 1 ELSE 0 END FROM unit u WHERE u.id = t.top) AS whole, \
         (SELECT COUNT(*) FROM (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = t.top LIMIT {}) x) AS size FROM {below} t",
        GATHERED_THEN + 1
    ));
    let starts: Vec<Start> = tx.all(sql).await?;
    if within != Within::Scope {
        return Ok(starts);
    }
    let each = owners.iter().flat_map(|owner| starts.iter().map(|start| Start { owner: *owner, ..start.clone() }));
    Ok(each.collect())
}

/// The first choice of paths.
pub(super) fn routes(starts: Vec<Start>) -> Vec<Route> {
    let n = starts.len().max(1);
    let (gathered, walked) = ((GATHERED / n).max(100), (WALKED / n).max(300));
    let path = |start: &Start| match usize::try_from(start.size) {
        Ok(size) if size > gathered => Path::Walk(walked),
        _ => Path::Gather,
    };
    starts.into_iter().map(|start| Route { paths: [path(&start); 3], start }).collect()
}

impl Route {
    /// Takes the path that leads further than the walk for a class did.
    pub fn goes_on(&mut self, class: i64, searches: bool) {
        if usize::try_from(self.start.size).is_ok_and(|size| size <= GATHERED_THEN) {
            self.paths = [Path::Gather; 3];
        } else if let Some(path) = usize::try_from(class).ok().and_then(|class| self.paths.get_mut(class)) {
            *path = if searches { Path::Found } else { Path::On };
        }
    }
}

/// What the parts of a list are made with.
pub(super) struct Maker<'a> {
    filter: &'a UnitFilter,
    pub search: Option<Search>,
    kinds: Option<Vec<UnitKind>>,
}

const TEXT: [&str; 3] = ["u.name_lower", "u.name_folded", "u.code"];

impl<'a> Maker<'a> {
    pub fn new(filter: &'a UnitFilter) -> Result<Maker<'a>> {
        if let Some(kinds) = &filter.kinds {
            super::list::not_empty("kind", kinds)?;
        }
        Ok(Maker { filter, search: Search::of(filter.search.as_deref())?, kinds: filter.kinds.clone() })
    }

    pub fn rows(&self, sql: &mut Sql, viewer: Viewer) -> Rows {
        let order = self.filter.order.unwrap_or_default();
        let search = if self.search.is_some() { ".search" } else { "" };
        let sight = sight_columns(sql, viewer, "u");
        Rows {
            columns: format!("u.*, {sight}"),
            from: "unit u",
            id: "u.id",
            order: format!("unit.{order:?}{search}"),
            keys: self.keys(self.classes()[0]),
        }
    }

    pub fn classes(&self) -> &'static [Option<i64>] {
        if self.search.is_some() { &[Some(0), Some(1), Some(2)] } else { &[None] }
    }

    /// Every way of the list. A walk's tag is its class.
    pub fn ways(&self, sql: &mut Sql, routes: &[Route]) -> Vec<Way> {
        let mut ways = Vec::new();
        let gathered: Vec<&Start> = routes.iter().filter(|r| r.paths[0] == Path::Gather).map(|r| &r.start).collect();
        if !gathered.is_empty() {
            ways.push(self.way(sql, Path::Gather, None, &gathered));
        }
        for class in self.classes() {
            let nth = class.unwrap_or(0) as usize;
            let mut paths: Vec<Path> = Vec::new();
            for route in routes {
                if route.paths[nth] != Path::Gather && !paths.contains(&route.paths[nth]) {
                    paths.push(route.paths[nth]);
                }
            }
            for path in paths {
                let on = routes.iter().filter(|route| route.paths[nth] == path);
                let starts: Vec<&Start> = on.map(|route| &route.start).collect();
                ways.push(self.way(sql, path, *class, &starts));
            }
        }
        ways
    }

    fn way(&self, sql: &mut Sql, path: Path, class: Option<i64>, starts: &[&Start]) -> Way {
        let rows = starts.iter().map(|start| [start.owner, start.top, start.whole.into(), 0, 0]).collect();
        let mut conditions = vec!["u.ended_at IS NULL".to_owned()];
        let from = match (path, class, &self.search) {
            (Path::Gather, ..) => {
                conditions.push("w.ancestor_id = o.top".to_owned());
                sql.along("unit_closure w", "unit", "u", "u.id = w.descendant_id")
            }
            (Path::Found, Some(class), Some(search)) => {
                let wanted = match class {
                    0 => Wanted::Spelled(&search.spelled),
                    1 => Wanted::Folded(&search.words, &[]),
                    _ => Wanted::Code(&search.words),
                };
                search.found(sql, wanted, (&NAMES, &[], "TRUE"), ["unit", "u"])
            }
            _ => "unit u".to_owned(),
        };
        if path != Path::Gather && !starts.iter().all(|start| start.whole == 1) {
            conditions.push(
                "(o.whole = 1 OR (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = o.top AND w.descendant_id = u.id) IS NOT NULL)"
                    .to_owned(),
            );
        }
        if self.filter.within == Within::Below {
            conditions.push("u.id <> o.owner".to_owned());
        }
        // By their names: which index serves, a bound value would not tell.
        let kinds = self.kinds.as_ref().map(|kinds| {
            let kinds: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.to_value())).collect();
            format!("u.kind IN ({})", kinds.join(", "))
        });
        let walked = matches!(path, Path::Walk(_)) && self.kinds.as_ref().is_some_and(|kinds| kinds.len() == 1);
        conditions.extend(kinds.clone().filter(|_| !walked));
        let mut keys = self.keys(class);
        match (class, &self.search) {
            (Some(class), Some(search)) => conditions.push(search.class(sql, class, TEXT)),
            (None, Some(search)) => {
                let (any, rank) = search.rank(sql, TEXT);
                conditions.push(any);
                keys.insert(0, Key::asc(rank, KeyKind::Int));
            }
            _ => {}
        }
        let bounded = match path {
            Path::Walk(rows) => {
                let conditions = kinds.filter(|_| walked).into_iter().collect();
                Some(Bounded { columns: "u.*", conditions, rows, closer: None })
            }
            _ => None,
        };
        let tag = if bounded.is_some() { class.unwrap_or(0) } else { -1 };
        Way { starts: rows, from, conditions, keys, class, bounded, tag }
    }

    pub fn keys(&self, class: Option<i64>) -> Vec<Key> {
        let (name, code) = ("u.name_sort", "u.code");
        let order = match self.filter.order.unwrap_or_default() {
            UnitOrder::NameAsc => vec![Key::asc(name, KeyKind::Bytes), Key::asc(code, KeyKind::Text)],
            UnitOrder::NameDesc => vec![Key::desc(name, KeyKind::Bytes), Key::desc(code, KeyKind::Text)],
            UnitOrder::CodeAsc => vec![Key::asc(code, KeyKind::Text)],
            UnitOrder::CodeDesc => vec![Key::desc(code, KeyKind::Text)],
        };
        class.map(Key::same).into_iter().chain(order).collect()
    }
}
