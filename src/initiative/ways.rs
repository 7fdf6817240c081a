//! The ways to the initiatives of a list: down from the units that the viewer's rights stand on, along the list's order, by the words
//! that are searched for, and by authorship.

use entity::enums::{Action, InitiativeState};
use sea_orm::{ActiveEnum, FromQueryResult};

use super::list::{InitiativeFilter, InitiativeOrder, Of, conditions};
use crate::access::{Right, Viewer, authored, is_author, tops};
use crate::error::Result;
use crate::ledger::size::about;
use crate::page::ways::{Bounded, Rows, Way};
use crate::page::{Key, KeyKind};
use crate::store::{Sql, Tx};
use crate::unit::Search;

/// How the rows below a unit are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// All of them are looked at, and put into order.
    Gather,
    /// So many rows are looked at along the order, whosever they are.
    Walk(usize),
    /// Those that have the words that are searched for.
    Found,
    /// Along the order until there are enough.
    On,
}

/// A unit that the viewer's right stands on, inside an owner.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Start {
    pub owner: i64,
    pub top: i64,
    /// Is it the unit alone, and its approved initiatives?
    pub here: i32,
    /// Is it the root?
    pub whole: i32,
    pub size: i64,
}

/// A start, and a path for each class of the search (one where nothing is searched for).
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub start: Start,
    pub paths: [Path; 2],
}

/// As many rows may be gathered, or walked along, for one page.
const GATHERED: usize = 20_000;
const WALKED: usize = 50_000;
/// The same where each row must be read, and not its line in an index alone.
const READ: usize = 3_000;

/// Where the viewer's rights stand; one statement, or none.
pub(super) async fn starts(tx: &Tx, viewer: Viewer, of: Of, owners: &[i64]) -> Result<Vec<Start>> {
    let (right, places) = match of {
        Of::Mine => return Ok(Vec::new()),
        Of::All => (Right::ReadRecords, &[0][..]),
        Of::Unit => (Right::ReadRecords, owners),
        Of::AwaitingMe => (Right::Do(Action::Approve), owners),
    };
    if viewer.account().is_none() {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql("");
    let below = tops(&mut sql, viewer, right, places);
    let mut text = format!(
        "SELECT t.owner, t.top, 0 AS here, (SELECT CASE WHEN u.parent_id IS NULL THEN 1 ELSE 0 END FROM unit u WHERE u.id = t.top) AS whole, \
         {} AS size FROM {below} t",
        about("t.top")
    );
    if of != Of::AwaitingMe {
        let here = tops(&mut sql, viewer, Right::ReadApproved, places);
        text.push_str(&format!(
            " UNION ALL SELECT t.owner, t.top, 1 AS here, 0 AS whole, CAST(0 AS BIGINT) AS size FROM {here} t"
        ));
    }
    sql.push(&text);
    let starts: Vec<Start> = tx.all(sql).await?;
    if of != Of::All {
        return Ok(starts);
    }
    let each = owners.iter().flat_map(|owner| starts.iter().map(|start| Start { owner: *owner, ..start.clone() }));
    Ok(each.collect())
}

/// The first choice of paths: what is small is gathered, what is large is walked along.
pub(super) fn routes(filter: &InitiativeFilter, starts: Vec<Start>) -> Vec<Route> {
    let below = starts.iter().filter(|start| start.here == 0).count().max(1);
    let reads = filter.search.is_some() || filter.order == Some(InitiativeOrder::TitleAsc);
    let gathered = if reads { READ } else { GATHERED } / below;
    let walked = if filter.search.is_some() { READ } else { WALKED } / below;
    let path = |start: &Start| match usize::try_from(start.size) {
        Ok(size) if size > gathered.max(200) => Path::Walk(walked.max(500)),
        _ => Path::Gather,
    };
    starts.into_iter().map(|start| Route { paths: [path(&start); 2], start }).collect()
}

/// What the parts of a list are made with.
pub(super) struct Maker<'a> {
    pub viewer: Viewer,
    pub filter: &'a InitiativeFilter,
    pub search: Option<Search>,
    common: Vec<String>,
    /// The bound placeholder of the least verified benefit, as its negative.
    over: Option<String>,
}

/// What the index of every order has.
const WALKED_COLUMNS: &str = "i.id, i.code, i.unit_id, i.programme_id, i.phase_id, i.group_id, i.state, i.submitted_at";

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
        Ok(Maker { viewer, filter, search, common, over })
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

    fn way(&self, sql: &mut Sql, class: Option<i64>, starts: Vec<[i64; 3]>, from: String, drafts: bool) -> Way {
        let mut conditions = self.common.clone();
        conditions.extend(self.over("i"));
        if let (Some(class), Some(search)) = (class, &self.search) {
            conditions.push(search.class(sql, class, TEXT));
        }
        Way { starts, from, conditions, keys: self.keys(class, drafts), class, bounded: None, tag: -1 }
    }

    /// Submitted ones in the units below the starts.
    fn below(&self, sql: &mut Sql, path: Path, class: Option<i64>, starts: &[&Start]) -> Way {
        let rows = starts.iter().map(|start| [start.owner, start.top, start.whole.into()]).collect();
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
            _ => "initiative i".to_owned(),
        };
        let mut way = self.way(sql, class, rows, from, false);
        way.conditions.push(submitted);
        way.conditions.push(match path {
            Path::Gather => "w.ancestor_id = o.top".to_owned(),
            _ => inside(sql, starts),
        });
        way
    }

    /// Along the order, past so many rows at most.
    fn walk(&self, sql: &mut Sql, class: Option<i64>, starts: Vec<[i64; 3]>, inside: String, rows: usize) -> Way {
        let mut before = vec!["i.submitted_at IS NOT NULL".to_owned()];
        before.extend(self.walked_state());
        let mut conditions = vec![inside];
        // Days bound an order by time.
        let days = |condition: &&String| self.is_by_time() && condition.starts_with("i.submitted_at");
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

    fn is_by_time(&self) -> bool {
        let order = self.filter.order.unwrap_or_default();
        matches!(order, InitiativeOrder::SubmittedAtDesc | InitiativeOrder::SubmittedAtAsc)
    }

    /// The one state whose index the walk can go along.
    fn walked_state(&self) -> Option<String> {
        let state = match (self.filter.of, self.filter.states.as_deref()) {
            (Of::AwaitingMe, None) => InitiativeState::Submitted,
            (_, Some([one])) if !matches!(one, InitiativeState::Draft | InitiativeState::Approved) => *one,
            _ => return None,
        };
        // In the words of the index's own condition: SQLite proves nothing.
        self.is_by_time().then(|| format!("i.state = '{}' AND i.state NOT IN ('DRAFT', 'APPROVED')", state.to_value()))
    }

    /// Approved ones of units that the viewer is a member of.
    fn here(&self, sql: &mut Sql, class: Option<i64>, starts: &[&Start]) -> Way {
        let rows = starts.iter().map(|start| [start.owner, start.top, 0]).collect();
        let mut way = self.way(sql, class, rows, "initiative i".to_owned(), false);
        let approved = format!("i.state = '{}'", InitiativeState::Approved.to_value());
        way.conditions.extend(["i.unit_id = o.top".to_owned(), approved]);
        way
    }

    /// The viewer's own, drafts too.
    fn own(&self, sql: &mut Sql, class: Option<i64>, owners: &[i64]) -> Way {
        let everything = matches!(self.filter.of, Of::All | Of::Mine);
        let rows = owners.iter().map(|owner| [*owner, 0, everything.into()]).collect();
        let me = sql.bind(self.viewer.id_or_zero());
        let mine = format!("(SELECT a.initiative_id AS id FROM initiative_author a WHERE a.account_id = {me}) p");
        let from = sql.along(&mine, "initiative", "i", "i.id = p.id");
        let mut way = self.way(sql, class, rows, from, true);
        way.conditions.push(authored(sql, self.viewer, "i"));
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
