//! The ways to the initiatives of a list: down from the units that the viewer's rights stand on, along the list's order, by the words
//! that are searched for, and by authorship.

use entity::enums::InitiativeState;
use sea_orm::{ActiveEnum, Value};

use super::list::{InitiativeFilter, InitiativeOrder, Of, conditions};
use super::routes::{Part, Path, Route, Start};
use crate::access::{Viewer, authored, is_author};
use crate::error::Result;
use crate::page::ways::{Begin, Bounded, Rows, Way};
use crate::page::{Key, KeyKind};
use crate::store::{Spans, Sql, TITLES};
use crate::unit::Search;

/// What the parts of a list are made with.
pub(super) struct Maker<'a> {
    pub viewer: Viewer,
    pub filter: &'a InitiativeFilter,
    pub search: Option<Search>,
    /// The filter's phases, each with each of its groups.
    pub slices: Vec<[i64; 2]>,
    /// The cursor's instant, where the list is in the order of time; and whether it is read from its end.
    pub from: Option<i64>,
    pub backward: bool,
    common: Vec<String>,
    /// The bound placeholder of the least verified benefit, as its negative.
    over: Option<String>,
}

/// The tag of what is reached from a unit down.
pub(super) const BELOW: i64 = 0;

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
        Ok(Maker { viewer, filter, search, slices: Vec::new(), from: None, backward: false, common, over })
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

    /// The classes of the search, each of which comes in the list after the one before it.
    pub fn classes(&self) -> &'static [Option<i64>] {
        if self.search.is_some() { &[Some(0), Some(1)] } else { &[None] }
    }

    /// Those of them that a page which begins there has, in the order in which it is read.
    pub fn classes_from(&self, begins: Option<&[Value]>, backward: bool) -> Vec<Option<i64>> {
        let at = begins.and_then(|values| number(values.first()?));
        let has = |class: &i64| at.is_none_or(|at| if backward { *class <= at } else { *class >= at });
        let mut classes: Vec<Option<i64>> =
            self.classes().iter().copied().filter(|class| class.as_ref().is_none_or(has)).collect();
        if backward {
            classes.reverse();
        }
        classes
    }

    /// The instant at which a page that begins there begins in the class, in the order of time.
    pub fn instant(&self, class: Option<i64>, begins: Option<&[Value]>, backward: bool) -> Option<i64> {
        if !self.filter.is_by_time() {
            return None;
        }
        match begins {
            Some([at, instant, ..]) if class == number(at) => number(instant),
            _ => {
                let (from, to) = self.filter.slice.during?.instants(self.filter.zone);
                Some(if self.descends(backward) { to } else { from })
            }
        }
    }

    /// Whether the list, in the order of time, is read from the latest on.
    fn descends(&self, backward: bool) -> bool {
        (self.filter.order.unwrap_or_default() == InitiativeOrder::SubmittedAtDesc) != backward
    }

    /// Every way to what is of the class. Those that routes lead below have the tag [`BELOW`].
    pub fn ways(&self, sql: &mut Sql, class: Option<i64>, routes: &[Route], owners: &[i64]) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut paths: Vec<Path> = Vec::new();
        for route in routes.iter().filter(|route| route.start.here == 0) {
            if !paths.contains(&route.path) {
                paths.push(route.path);
            }
        }
        for path in paths {
            let on = routes.iter().filter(|route| route.start.here == 0 && route.path == path);
            let starts: Vec<&Start> = on.map(|route| &route.start).collect();
            ways.push(Way { tag: BELOW, ..self.below(sql, path, class, &starts) });
        }
        let here: Vec<&Start> = routes.iter().filter(|route| route.start.here == 1).map(|r| &r.start).collect();
        if !here.is_empty() {
            ways.push(self.here(sql, class, &here));
        }
        if self.viewer.may_author() && self.viewer.account().is_some() && self.filter.of != Of::AwaitingMe {
            ways.push(self.own(sql, class, owners));
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
        if let Path::Walk { lines, titles } = path {
            let inside = inside(sql, starts);
            return self.walk(sql, class, (rows, inside), lines, titles);
        }
        let from = match (path, class, &self.search) {
            (Path::Gather, ..) => sql.along("unit_closure w", "initiative", "i", "i.unit_id = w.descendant_id"),
            (Path::Found { spans }, Some(class), Some(search)) => {
                search.found(sql, class, (&TITLES, self.spans(spans)), ["initiative", "i"])
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

    /// The first spans of time of the page, in the order of which it is; or all.
    fn spans(&self, most: Option<i64>) -> Spans {
        Spans { descending: self.descends(self.backward), from: self.from, most }
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

    /// Along the order, past so many lines of its index at most, and so many titles.
    fn walk(
        &self,
        sql: &mut Sql,
        class: Option<i64>,
        (starts, inside): (Vec<Begin>, String),
        lines: usize,
        titles: usize,
    ) -> Way {
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
        let mut closer = None;
        if let (Some(class), Some(search)) = (class, &self.search) {
            let text = search.class(sql, class, TEXT_BESIDE);
            let text = format!("(SELECT {text} FROM initiative t WHERE t.id = i.id)");
            closer = Some((std::mem::replace(&mut conditions, vec![text]), titles));
        }
        let bounded = Some(Bounded { columns: WALKED_COLUMNS, conditions: before, rows: lines, closer });
        Way { starts, from: String::new(), conditions, keys: self.keys(class, false), class, bounded, tag: BELOW }
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

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::BigInt(number) => *number,
        _ => None,
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
