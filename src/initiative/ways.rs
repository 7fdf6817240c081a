//! The ways to the initiatives of a list: down from the units that the viewer's rights stand on, along the list's order, by the words
//! that are searched for, and by authorship.

use entity::enums::InitiativeState;
use sea_orm::ActiveEnum;

use super::list::{InitiativeFilter, InitiativeOrder, Of, conditions};
use super::routes::{Part, Path, Route, Start};
use crate::access::{Viewer, authored, is_author};
use crate::error::Result;
use crate::page::ways::{Begin, Bounded, Rows, Way};
use crate::page::{Key, KeyKind};
use crate::store::Sql;
use crate::unit::Search;

/// What the parts of a list are made with.
pub(super) struct Maker<'a> {
    pub viewer: Viewer,
    pub filter: &'a InitiativeFilter,
    pub search: Option<Search>,
    /// The filter's phases, each with each of its groups.
    pub slices: Vec<[i64; 2]>,
    common: Vec<String>,
    /// The bound placeholder of the least verified benefit, as its negative.
    over: Option<String>,
}

/// What the index of every order has.
const WALKED_COLUMNS: &str = "i.id, i.code, i.unit_id, i.programme_id, i.phase_id, i.group_id, i.state, i.submitted_at";

/// The row is of the slice that the way begins at.
const OF_SLICE: &str = "i.phase_id = o.phase AND i.group_id = o.part";

/// The condition of the index of what is open, in its own words: SQLite proves nothing.
const OPEN: &str = "i.state NOT IN ('DRAFT', 'APPROVED')";

const TEXT: [&str; 3] = ["i.title_lower", "i.title_folded", "i.code"];
/// Of the row itself, where the index that is walked along does not have the text.
const TEXT_BESIDE: [&str; 3] = ["t.title_lower", "t.title_folded", "t.code"];

impl<'a> Maker<'a> {
    pub fn new(sql: &mut Sql, viewer: Viewer, filter: &'a InitiativeFilter) -> Result<Maker<'a>> {
        let search = Search::of(filter.search.as_deref())?;
        let mut common = conditions(sql, filter)?;
        if filter.of == Of::AwaitingMe {
            common.push(format!("i.state = '{}'", InitiativeState::Submitted.to_value()));
            common.push(format!("NOT {}", is_author(sql, viewer, "i")));
        }
        let over = filter.verified_over.map(|over| sql.bind(over.checked_neg().unwrap_or(i64::MAX)));
        Ok(Maker { viewer, filter, search, slices: Vec::new(), common, over })
    }

    /// Whether a row has more verified benefit than is asked for; the state is asked apart.
    fn over(&self, alias: &str) -> Option<String> {
        let over = self.over.as_ref()?;
        Some(format!("-COALESCE({alias}.verified_benefit, -1) < {over}"))
    }

    pub fn rows(&self) -> Rows {
        let (order, search) =
            (self.filter.order.unwrap_or_default(), if self.search.is_some() { ".search" } else { "" });
        let keys = self.keys(self.classes()[0], false);
        Rows {
            columns: "i.*".to_owned(),
            from: "initiative i",
            id: "i.id",
            order: format!("initiatives.{order:?}{search}"),
            keys,
        }
    }

    /// The classes of the search.
    pub fn classes(&self) -> &'static [Option<i64>] {
        if self.search.is_some() { &[Some(0), Some(1)] } else { &[None] }
    }

    /// Every way of the list. A walk's tag is its class.
    pub fn ways(&self, sql: &mut Sql, routes: &[Route], owners: &[i64]) -> Vec<Way> {
        let mut ways = Vec::new();
        for class in self.classes() {
            let nth = class.unwrap_or(0) as usize;
            let mut paths: Vec<Path> = Vec::new();
            for route in routes.iter().filter(|route| route.start.here == 0) {
                if !paths.contains(&route.paths[nth]) {
                    paths.push(route.paths[nth]);
                }
            }
            for path in paths {
                let on = routes.iter().filter(|route| route.start.here == 0 && route.paths[nth] == path);
                let starts: Vec<&Start> = on.map(|route| &route.start).collect();
                ways.push(self.below(sql, path, *class, &starts));
            }
            let here: Vec<&Start> = routes.iter().filter(|route| route.start.here == 1).map(|r| &r.start).collect();
            if !here.is_empty() {
                ways.push(self.here(sql, *class, &here));
            }
            if self.viewer.may_author() && self.viewer.account().is_some() && self.filter.of != Of::AwaitingMe {
                ways.push(self.own(sql, *class, owners));
            }
        }
        ways
    }

    fn way(&self, sql: &mut Sql, class: Option<i64>, starts: Vec<Begin>, from: String, drafts: bool) -> Way {
        let mut conditions = self.common.clone();
        conditions.extend(self.over("i"));
        if let (Some(class), Some(search)) = (class, &self.search) {
            conditions.push(search.class(sql, class, TEXT));
        }
        Way { starts, from, conditions, keys: self.keys(class, drafts), class, bounded: None, tag: -1 }
    }

    /// Submitted ones in the units below the starts.
    fn below(&self, sql: &mut Sql, path: Path, class: Option<i64>, starts: &[&Start]) -> Way {
        let mut rows: Vec<Begin> =
            starts.iter().map(|start| [start.owner, start.top, start.whole.into(), 0, 0]).collect();
        if matches!(path, Path::Slices | Path::Part(Part::Slices)) {
            let slice = |[owner, top, whole, ..]: Begin| {
                self.slices.iter().map(move |[phase, part]| [owner, top, whole, *phase, *part])
            };
            rows = rows.into_iter().flat_map(slice).collect();
        }
        let submitted = "i.submitted_at IS NOT NULL".to_owned();
        if let Path::Walk(most) = path {
            let inside = inside(sql, starts);
            return self.walk(sql, class, rows, inside, most);
        }
        let from = match (path, class, &self.search) {
            (Path::Gather, ..) => sql.along("unit_closure w", "initiative", "i", "i.unit_id = w.descendant_id"),
            (Path::Found, Some(class), Some(search)) => {
                let found = search.found(sql, class, "initiative_text");
                sql.along(&format!("{found} p"), "initiative", "i", "i.id = p.id")
            }
            (Path::Part(part), ..) => self.part(sql, part),
            _ => "initiative i".to_owned(),
        };
        let mut way = self.way(sql, class, rows, from, false);
        way.conditions.push(submitted);
        match path {
            Path::Slices | Path::Part(Part::Slices) => way.conditions.push(OF_SLICE.to_owned()),
            Path::Part(Part::Open) => way.conditions.push(OPEN.to_owned()),
            _ => {}
        }
        way.conditions.push(match path {
            Path::Gather => "w.ancestor_id = o.top".to_owned(),
            _ => inside(sql, starts),
        });
        way
    }

    /// What an index finds by the filter.
    fn part(&self, sql: &Sql, part: Part) -> String {
        let (index, conditions) = match part {
            Part::Slices => ("initiative_slice", OF_SLICE.to_owned()),
            Part::Over => ("initiative_verified", self.over("i").unwrap_or_else(|| "FALSE".to_owned())),
            Part::Open => {
                let states = self.filter.states.iter().flatten().map(|state| format!("'{}'", state.to_value()));
                let states: Vec<String> = states.collect();
                ("initiative_open", format!("i.state IN ({}) AND {OPEN}", states.join(", ")))
            }
        };
        sql.by_index("initiative", "i", index, &conditions)
    }

    /// Along the order, past so many rows at most.
    fn walk(&self, sql: &mut Sql, class: Option<i64>, starts: Vec<Begin>, inside: String, rows: usize) -> Way {
        let mut before = vec!["i.submitted_at IS NOT NULL".to_owned()];
        before.extend(self.walked_state());
        let mut conditions = vec![inside];
        // Days bound an order by time.
        let days = |condition: &&String| self.filter.is_by_time() && condition.starts_with("i.submitted_at");
        before.extend(self.common.iter().filter(days).cloned());
        conditions.extend(self.common.iter().filter(|condition| !days(condition)).cloned());
        if self.filter.order == Some(InitiativeOrder::VerifiedBenefitDesc) {
            before.extend(self.over("i"));
        } else {
            let over = self.over("t");
            conditions.extend(over.map(|over| format!("(SELECT {over} FROM initiative t WHERE t.id = i.id)")));
        }
        if let (Some(class), Some(search)) = (class, &self.search) {
            let text = search.class(sql, class, TEXT_BESIDE);
            conditions.push(format!("(SELECT {text} FROM initiative t WHERE t.id = i.id)"));
        }
        let bounded = Some(Bounded { columns: WALKED_COLUMNS, conditions: before, rows });
        Way {
            starts,
            from: String::new(),
            conditions,
            keys: self.keys(class, false),
            class,
            bounded,
            tag: class.unwrap_or(0),
        }
    }

    /// The one state whose index the walk can go along.
    fn walked_state(&self) -> Option<String> {
        let state = match (self.filter.of, self.filter.states.as_deref()) {
            (Of::AwaitingMe, None) => InitiativeState::Submitted,
            (_, Some([one])) if !matches!(one, InitiativeState::Draft | InitiativeState::Approved) => *one,
            _ => return None,
        };
        self.filter.is_by_time().then(|| format!("i.state = '{}' AND {OPEN}", state.to_value()))
    }

    /// Approved ones of units that the viewer is a member of.
    fn here(&self, sql: &mut Sql, class: Option<i64>, starts: &[&Start]) -> Way {
        let rows = starts.iter().map(|start| [start.owner, start.top, 0, 0, 0]).collect();
        let mut way = self.way(sql, class, rows, "initiative i".to_owned(), false);
        let approved = format!("i.state = '{}'", InitiativeState::Approved.to_value());
        way.conditions.extend(["i.unit_id = o.top".to_owned(), approved]);
        way
    }

    /// The viewer's own, drafts too.
    fn own(&self, sql: &mut Sql, class: Option<i64>, owners: &[i64]) -> Way {
        let everything = matches!(self.filter.of, Of::All | Of::Mine);
        let rows = owners.iter().map(|owner| [*owner, 0, everything.into(), 0, 0]).collect();
        let me = sql.bind(self.viewer.id_or_zero());
        let mine = format!("(SELECT a.initiative_id AS id FROM initiative_author a WHERE a.account_id = {me}) p");
        let from = sql.along(&mine, "initiative", "i", "i.id = p.id");
        let mut way = self.way(sql, class, rows, from, true);
        way.conditions.push(authored(sql, self.viewer, "i", ""));
        way.conditions.push(
            "(o.whole = 1 OR (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = o.owner AND w.descendant_id = i.unit_id) IS NOT NULL)"
                .to_owned(),
        );
        way
    }

    fn keys(&self, class: Option<i64>, drafts: bool) -> Vec<Key> {
        let at = if drafts { "COALESCE(i.submitted_at, i.created_at)" } else { "i.submitted_at" };
        let order = match self.filter.order.unwrap_or_default() {
            InitiativeOrder::SubmittedAtDesc => Key::desc(at, KeyKind::Int),
            InitiativeOrder::SubmittedAtAsc => Key::asc(at, KeyKind::Int),
            InitiativeOrder::ClaimedBenefitDesc => Key::asc("-COALESCE(i.claimed_benefit, -1)", KeyKind::Int),
            InitiativeOrder::VerifiedBenefitDesc => Key::asc("-COALESCE(i.verified_benefit, -1)", KeyKind::Int),
            InitiativeOrder::TitleAsc => Key::asc("i.title_sort", KeyKind::Bytes),
        };
        class.map(Key::same).into_iter().chain([order, Key::asc("i.code", KeyKind::Text)]).collect()
    }
}

/// A condition: the row is of a unit below the start.
fn inside(sql: &mut Sql, starts: &[&Start]) -> String {
    match starts {
        [one] if one.whole == 1 => "TRUE".to_owned(),
        // Told apart from what a row says, it is read once; and IS TRUE keeps it a question to each row, in their order.
        [one] => {
            let top = sql.bind(one.top);
            format!("(i.unit_id IN (SELECT w.descendant_id FROM unit_closure w WHERE w.ancestor_id = {top})) IS TRUE")
        }
        _ => "(o.whole = 1 OR (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = o.top AND w.descendant_id = i.unit_id) IS NOT NULL)"
            .to_owned(),
    }
}
