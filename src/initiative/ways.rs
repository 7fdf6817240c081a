//! The ways to the initiatives of a list: down from the units that the viewer's rights stand on, along the list's order, by the words
//! that are searched for, and by authorship.

use entity::enums::InitiativeState;
use sea_orm::ActiveEnum;

use super::hunt::{Codes, Hunt};
use super::list::{InitiativeFilter, InitiativeOrder, Of, conditions};
use super::reach::Class;
use super::routes::{Part, Path, Route};
use super::starts::Start;
use crate::access::{Viewer, authored, is_author};
use crate::error::Result;
use crate::page::ways::{Begin, Rows, Way};
use crate::page::{Key, KeyKind};
use crate::store::{Sql, TEXT as TITLE, TITLES};
use crate::unit::Search;

/// What the parts of a list are made with.
pub(super) struct Maker<'a> {
    pub viewer: Viewer,
    pub filter: &'a InitiativeFilter,
    pub search: Option<Search>,
    /// Where the search may find something, if that was looked up.
    pub hunt: Option<&'a Hunt>,
    /// The filter's phases, each with each of its groups.
    pub slices: Vec<[i64; 2]>,
    /// The cursor's instant, where the list is in the order of time; and whether it is read from its end.
    pub from: Option<i64>,
    pub backward: bool,
    /// What is in the units was first sent in between these instants, the second left out.
    pub period: Option<(i64, i64)>,
    pub common: Vec<String>,
    /// The bound placeholder of the least verified benefit, as its negative.
    over: Option<String>,
}

/// The tag of what is reached from a unit down.
pub(super) const BELOW: i64 = 0;

/// The row is of the slice that the way begins at.
const OF_SLICE: &str = "i.phase_id = o.phase AND i.group_id = o.part";

/// The condition of the index of what is open, in its own words: SQLite proves nothing.
const OPEN: &str = "i.state NOT IN ('DRAFT', 'APPROVED')";

const TEXT: [&str; 3] = ["i.title_lower", "i.title_folded", "i.code"];
/// The same, where the index that is walked along does not have the text; and of titles in an index of their own.
pub(super) const TEXT_BESIDE: [&str; 3] = ["t.title_lower", "t.title_folded", "t.code"];

impl<'a> Maker<'a> {
    pub fn new(sql: &mut Sql, viewer: Viewer, filter: &'a InitiativeFilter) -> Result<Maker<'a>> {
        let search = Search::of(filter.search.as_deref())?;
        let mut common = conditions(sql, filter)?;
        if filter.of == Of::AwaitingMe {
            common.push(format!("i.state = '{}'", InitiativeState::Submitted.to_value()));
            common.push(format!("NOT {}", is_author(sql, viewer, "i")));
        }
        let over = filter.verified_over.map(|over| sql.bind(over.checked_neg().unwrap_or(i64::MAX)));
        Ok(Maker {
            viewer,
            filter,
            search,
            hunt: None,
            slices: Vec::new(),
            from: None,
            backward: false,
            period: None,
            common,
            over,
        })
    }

    /// Whether a row has more verified benefit than is asked for; the state is asked apart.
    pub(super) fn over(&self, alias: &str) -> Option<String> {
        let over = self.over.as_ref()?;
        Some(format!("-COALESCE({alias}.verified_benefit, -1) < {over}"))
    }

    pub fn rows(&self) -> Rows {
        let (order, search) =
            (self.filter.order.unwrap_or_default(), if self.search.is_some() { ".search" } else { "" });
        let keys = self.keys(self.search.as_ref().map(|_| Key::same(0)), false);
        Rows {
            columns: "i.*".to_owned(),
            from: "initiative i",
            id: "i.id",
            order: format!("initiatives.{order:?}{search}"),
            keys,
        }
    }

    /// Every way to what is of the class. Those that routes lead below have the tag [`BELOW`].
    pub fn ways(&self, sql: &mut Sql, class: Class, routes: &[Route], owners: &[i64]) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut paths: Vec<Path> = Vec::new();
        for route in routes.iter().filter(|route| route.start.here == 0) {
            if route.path != Path::None && !paths.contains(&route.path) {
                paths.push(route.path);
            }
        }
        for path in paths {
            let on = routes.iter().filter(|route| route.start.here == 0 && route.path == path);
            let starts: Vec<&Start> = on.map(|route| &route.start).collect();
            match path {
                // In one walk along all of them, none would be in order.
                Path::Open => {
                    for state in self.filter.open().unwrap_or_default() {
                        let mut way = Way { tag: BELOW, ..self.below(sql, path, class, &starts) };
                        way.conditions.push(of_state(state));
                        ways.push(way);
                    }
                }
                _ => ways.push(Way { tag: BELOW, ..self.below(sql, path, class, &starts) }),
            }
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

    fn way(&self, sql: &mut Sql, class: Class, starts: Vec<Begin>, from: String, drafts: bool) -> Way {
        let mut conditions = self.common.clone();
        conditions.extend(self.over("i"));
        let mut first = class.fixed().map(Key::same);
        match (class, &self.search) {
            // What stands in an index is asked first.
            (Class::One(2), Some(search)) => {
                conditions.push(search.in_code(sql, "i.code"));
                let text = search.class(sql, 2, TEXT_BESIDE);
                conditions.push(sql.title_beside(&text));
            }
            (Class::One(class), Some(search)) => conditions.push(search.class(sql, class, TEXT)),
            (Class::Each, Some(search)) => {
                let (any, rank) = search.rank(sql, TEXT);
                conditions.push(any);
                first = Some(Key::asc(rank, KeyKind::Int));
            }
            _ => {}
        }
        Way { starts, from, conditions, keys: self.keys(first, drafts), class: class.fixed(), bounded: None, tag: -1 }
    }

    /// Submitted ones in the units below the starts.
    fn below(&self, sql: &mut Sql, path: Path, class: Class, starts: &[&Start]) -> Way {
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
            let inside = inside(sql, starts, "i");
            return self.walk(sql, class, (rows, inside), lines, titles);
        }
        let from = match (path, class, &self.search, self.hunt) {
            (Path::Gather, class, Some(search), _) if class != Class::None => {
                let found = match class {
                    Class::One(class) => search.class(sql, class, TEXT_BESIDE),
                    _ => search.rank(sql, TEXT_BESIDE).0,
                };
                let titles = sql.titles_of("unit_closure w", "w.descendant_id", &found);
                sql.along(&titles, "initiative", "i", &format!("i.id = {TITLE}.id"))
            }
            (Path::Gather, ..) => sql.along("unit_closure w", "initiative", "i", "i.unit_id = w.descendant_id"),
            (Path::Found { spans: most }, Class::One(class), Some(search), Some(hunt)) => {
                let mut spans = self.spans(Class::One(class));
                spans.truncate(most);
                let within = inside(sql, starts, TITLE);
                search.found(sql, hunt.wanted(class, search), (&TITLES, &spans, &within), ["initiative", "i"])
            }
            (Path::Coded, _, _, Some(Hunt { codes: Codes::Few(word), .. })) => Codes::found(sql, word),
            (Path::Part(part), ..) => self.part(sql, part),
            _ => "initiative i".to_owned(),
        };
        let mut way = self.way(sql, class, rows, from, false);
        way.conditions.push(submitted);
        if path == Path::On {
            way.conditions.extend(self.in_period(sql));
        }
        match path {
            Path::Slices | Path::Part(Part::Slices) => way.conditions.push(OF_SLICE.to_owned()),
            _ => {}
        }
        way.conditions.push(match path {
            Path::Gather => "w.ancestor_id = o.top".to_owned(),
            _ => inside(sql, starts, "i"),
        });
        way
    }

    /// A condition that every row has, by which a walk along time knows where to begin and to end.
    pub(super) fn in_period(&self, sql: &mut Sql) -> Option<String> {
        let (from, to) = self.period?;
        Some(format!("i.submitted_at >= {} AND i.submitted_at < {}", sql.bind(from), sql.bind(to)))
    }

    /// What an index finds by the filter.
    fn part(&self, sql: &Sql, part: Part) -> String {
        let (index, conditions) = match part {
            Part::Slices => ("initiative_slice", OF_SLICE.to_owned()),
            Part::Over => ("initiative_verified", self.over("i").unwrap_or_else(|| "FALSE".to_owned())),
        };
        sql.by_index("initiative", "i", index, &conditions)
    }

    /// Approved ones of units that the viewer is a member of.
    fn here(&self, sql: &mut Sql, class: Class, starts: &[&Start]) -> Way {
        let rows = starts.iter().map(|start| [start.owner, start.top, 0, 0, 0]).collect();
        let mut way = self.way(sql, class, rows, "initiative i".to_owned(), false);
        let approved = format!("i.state = '{}'", InitiativeState::Approved.to_value());
        way.conditions.extend(["i.unit_id = o.top".to_owned(), approved]);
        way
    }

    /// The viewer's own, drafts too.
    fn own(&self, sql: &mut Sql, class: Class, owners: &[i64]) -> Way {
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

    /// The order, after what comes before it.
    pub(super) fn keys(&self, first: Option<Key>, drafts: bool) -> Vec<Key> {
        let at = if drafts { "COALESCE(i.submitted_at, i.created_at)" } else { "i.submitted_at" };
        let order = match self.filter.order.unwrap_or_default() {
            InitiativeOrder::SubmittedAtDesc => Key::desc(at, KeyKind::Int),
            InitiativeOrder::SubmittedAtAsc => Key::asc(at, KeyKind::Int),
            InitiativeOrder::ClaimedBenefitDesc => Key::asc("-COALESCE(i.claimed_benefit, -1)", KeyKind::Int),
            InitiativeOrder::VerifiedBenefitDesc => Key::asc("-COALESCE(i.verified_benefit, -1)", KeyKind::Int),
            InitiativeOrder::TitleAsc => Key::asc("i.title_sort", KeyKind::Bytes),
        };
        first.into_iter().chain([order, Key::asc("i.code", KeyKind::Text)]).collect()
    }
}

/// A condition: the row is of the state, which is neither draft nor approved.
pub(super) fn of_state(state: InitiativeState) -> String {
    format!("i.state = '{}' AND {OPEN}", state.to_value())
}

/// A condition: the row is of a unit below the start.
fn inside(sql: &mut Sql, starts: &[&Start], row: &str) -> String {
    match starts {
        [one] if one.whole == 1 => "TRUE".to_owned(),
        // Told apart from what a row says, it is read once; and IS TRUE keeps it a question to each row, in their order.
        [one] => {
            let top = sql.bind(one.top);
            format!(
                "({row}.unit_id IN (SELECT w.descendant_id FROM unit_closure w WHERE w.ancestor_id = {top})) IS TRUE"
            )
        }
        _ => format!(
            "(o.whole = 1 OR (SELECT 1 FROM unit_closure w WHERE w.ancestor_id = o.top AND w.descendant_id = {row}.unit_id) IS NOT NULL)"
        ),
    }
}
