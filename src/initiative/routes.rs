//! By which way a list is read first, and by which where that did not lead far enough: chosen by how much stands below the units that the
//! viewer's rights stand on.

use entity::enums::InitiativeState;

use super::hunt::{Codes, FEW, Hunt};
use super::list::{InitiativeFilter, InitiativeOrder, Of};
use super::reach::Class;
use super::starts::Start;
use crate::unit::Search;

/// How the rows below a unit are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// There are none.
    None,
    /// All of them are looked at, and put into order.
    Gather,
    /// So many lines of the order's index are looked at, whosever they are, and of what is searched for so many titles.
    Walk { lines: usize, titles: usize },
    /// Those that have the words that are searched for, in the first so many of the spans of time that may have some.
    Found { spans: usize },
    /// Those whose code begins with a word.
    Coded,
    /// Along the order of each phase and group until there are enough.
    Slices,
    /// Along the order of each of the filter's states, which are neither draft nor approved, until there are enough.
    Open,
    /// All that an index finds by the filter, whosever they are, put into order.
    Part(Part),
    /// Along the order until there are enough.
    On,
}

impl Path {
    /// How many spans of time it looks in.
    pub fn spans(self) -> usize {
        match self {
            Path::Found { spans } => spans,
            _ => 0,
        }
    }
}

/// What an index finds by the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Phases and groups.
    Slices,
    /// Verified benefit over an amount.
    Over,
}

/// What of a list its ways depend on.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub filter: &'a InitiativeFilter,
    pub class: Class,
    /// Where a search may find something, if it was looked up.
    pub hunt: Option<&'a Hunt>,
    /// About how many titles have the words, where that was asked: another order than time must know, and who looks further.
    pub about: Option<usize>,
    /// How many words are searched for.
    pub words: usize,
    /// Phases and groups have ways of their own.
    pub sliced: bool,
    /// In how many spans of time there may be something, and in how many of them is looked for one page.
    pub spans: usize,
    pub most: usize,
    /// So many lines a walk in another order goes.
    pub far: usize,
}

/// A start, and how what stands below it is reached.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub start: Start,
    pub path: Path,
}

/// As many rows may be gathered for one page, or lines walked along.
const GATHERED: usize = 20_000;
const WALKED: usize = 50_000;
/// As many lines are walked along for words, whose titles are looked at as well.
const WALKED_FOR_WORDS: usize = 12_000;
/// As many rows may be read for their titles.
const READ: usize = 3_000;
/// As many titles of units may be looked through, in the index that has them by unit.
const TITLES_BELOW: usize = 10_000;
/// To find a title by its words, wherever it is, costs what it costs to look through so many; and so does asking for one word in one span.
const FINDING: usize = 16;
const ASKING: usize = 75;
/// More are never looked through; in the order of time, where few are found for many.
const MOST_TITLES: usize = 40_000;
const MOST_TITLES_BY_TIME: usize = 30_000;
/// A search for the latest reads so many titles first; and then looks in up to so many spans of time, and in so many times as many.
const GLANCED: usize = 800;
/// Where a walk is known to fill the page with fewer lines than it may, it goes so many at least, and reads so many titles.
const LEAST_LINES: usize = 2_000;
const MANY_TITLES: usize = 2_000;
const FEW_SPANS: usize = 8;
const MORE_SPANS: usize = 16;
/// Words are asked of so many spans for one page, each word counted; of a few they are asked in any case.
const LOOKED: usize = 60;
/// What is in no more spans than this is not common.
const RARE: usize = 96;
const LEAST_SPANS: usize = 8;
/// About so many titles a walk in another order reads for one page, and so many lines at most.
const FAR_TITLES: i64 = 1_500;
const FAR_LINES: i64 = 12_000;
/// About so many titles are found by their words for one page, in the order of time.
const FOUND_TITLES: usize = 1_000;

/// Whether so much stands below the starts that it is worth while to ask first where the words are.
pub(super) fn are_large(starts: &[Start]) -> bool {
    usize::try_from(starts.iter().map(|start| start.size).sum::<i64>()).is_ok_and(|size| size > READ)
}

/// Whether what is searched for below each of the starts is looked for among their own titles.
pub(super) fn looks_through(starts: &[Start]) -> bool {
    let most = gathered(TITLES_BELOW, starts.iter().filter(|start| start.here == 0).count());
    starts.iter().all(|start| usize::try_from(start.size).map_or(true, |size| size <= most))
}

/// Whether each of the starts has a small part of all: along the order by time it matters then how many titles have the words.
pub(super) fn are_parts(starts: &[Start]) -> bool {
    starts.iter().filter(|start| start.here == 0).all(|start| start.size < start.in_all / 4)
}

/// How much may be gathered below each of so many starts.
fn gathered(of_all: usize, starts: usize) -> usize {
    (of_all / starts.max(1)).max(200)
}

impl Asked<'_> {
    /// Whether titles are met by walks in another order than time: the page ends where they do.
    pub fn is_far(&self) -> bool {
        matches!(self.class, Class::One(0 | 1)) && !self.filter.is_by_time() && self.about.unwrap_or(0) > FEW
    }

    fn searches(&self) -> bool {
        self.class != Class::None
    }

    /// In how many spans a search may look for a page, after those that it has looked in.
    pub fn spans_left(search: &Search, looked: usize) -> usize {
        (LOOKED / search.words.len().max(1)).saturating_sub(looked).max(LEAST_SPANS)
    }

    /// In how many spans a page may look, by what is found in each; in one at least.
    fn affordable(&self) -> usize {
        (FOUND_TITLES * self.spans).checked_div(self.about.unwrap_or(0)).unwrap_or(usize::MAX).max(1)
    }

    fn found(&self, spans: usize) -> Path {
        let spans = spans.min(self.most);
        Path::Found { spans: if spans >= self.spans { usize::MAX } else { spans } }
    }

    /// The first choice of paths: what is small is gathered, what is large is walked along.
    pub fn routes(&mut self, starts: &[Start]) -> Vec<Route> {
        let (in_all, size) =
            starts.iter().fold((0, 1), |(in_all, size), start| (start.in_all.max(in_all), size + start.size));
        // In the order of titles those with a word lie together, so that far more are passed over first.
        let far = if self.filter.order == Some(InitiativeOrder::TitleAsc) { 2 } else { 1 };
        let titles = far * FAR_TITLES;
        self.far = usize::try_from((titles * in_all / size).clamp(titles, far * FAR_LINES)).unwrap_or_default();
        let below = starts.iter().filter(|start| start.here == 0).count().max(1);
        starts.iter().map(|start| Route { path: self.first(start, below), start: start.clone() }).collect()
    }

    fn first(&self, start: &Start, below: usize) -> Path {
        let reads = self.filter.order == Some(InitiativeOrder::TitleAsc);
        let of_all = match (self.searches(), reads) {
            (true, _) => TITLES_BELOW,
            (false, true) => READ,
            (false, false) => GATHERED,
        };
        let gathered = gathered(of_all, below);
        let Ok(size) = usize::try_from(start.size) else { return Path::Gather };
        let walked = if self.searches() { WALKED_FOR_WORDS } else { WALKED };
        let walk = |titles: usize| Path::Walk { lines: (walked / below).max(500), titles: (titles / below).max(100) };
        if let (Class::One(class), Some(hunt)) = (self.class, self.hunt) {
            if hunt.has_none(class) {
                return Path::None;
            }
            if size <= gathered {
                return Path::Gather;
            }
            if self.sliced && usize::try_from(start.sliced_in_all).is_ok_and(|sliced| sliced <= READ) {
                return Path::Part(Part::Slices);
            }
            // Whether all titles of the unit are looked through for less than what has the words is found.
            let found = self.spans * self.words * ASKING + self.about.unwrap_or(0) * FINDING;
            let gathers = |most: usize| size <= found.min(most) / below;
            return match class {
                2 if hunt.codes == Codes::Many => walk(READ),
                2 => Path::Coded,
                _ if self.filter.is_by_time() && self.about.is_some() => self.first_of_part(start, below, gathers),
                // What is in few of the spans is not common, nor is what other spellings alone have.
                _ if self.filter.is_by_time() && (self.spans <= RARE || hunt.is_rest(class)) => self.found(FEW_SPANS),
                _ if self.filter.is_by_time() => walk(GLANCED),
                _ if self.about.unwrap_or(0) <= FEW => {
                    if gathers(MOST_TITLES) {
                        Path::Gather
                    } else {
                        Path::Found { spans: usize::MAX }
                    }
                }
                _ => Path::Walk { lines: self.far, titles: self.far },
            };
        }
        if size <= gathered || self.searches() {
            return match short(start) {
                Some(lines) if !self.searches() && !self.sliced => Path::Walk { lines, titles: READ },
                _ => Path::Gather,
            };
        }
        if let Some(states) = self.filter.open() {
            if states.is_empty() { Path::None } else { Path::Open }
        } else if self.sliced {
            cheapest(start, self.filter.is_by_time(), reads, walk(READ))
        } else {
            walk(READ)
        }
    }

    /// The first path along the order by time, of a small part of all, where it is known about how many titles have the words.
    fn first_of_part(&self, start: &Start, below: usize, gathers: impl Fn(usize) -> bool) -> Path {
        let about = i64::try_from(self.about.unwrap_or(0)).unwrap_or(i64::MAX);
        let in_all = start.in_all.max(1);
        let lines = WANTED.saturating_mul(in_all / start.size.max(1)).saturating_mul(in_all / about.max(1));
        match usize::try_from(lines) {
            Ok(lines) if lines <= WALKED / below => Path::Walk { lines: lines.max(LEAST_LINES), titles: MANY_TITLES },
            _ if gathers(MOST_TITLES_BY_TIME) => Path::Gather,
            _ => self.found(FEW_SPANS),
        }
    }
}

/// How many lines of the order's index have a page of a unit whose rows are few, where that is less than to read them all; a
/// filter may leave out three rows of four.
fn short(start: &Start) -> Option<usize> {
    let lines = 4 * WANTED * start.in_all / start.size.max(1);
    if lines < start.size { usize::try_from(lines).ok() } else { None }
}

/// As many rows of a page are looked for.
const WANTED: i64 = 50;
/// What it costs to read a row, where looking at its line in an index costs 1.
const ROW: i64 = 5;

/// The path of a filter by phase or group that looks at the fewest lines.
fn cheapest(start: &Start, by_time: bool, reads: bool, walk: Path) -> Path {
    let each = if reads { ROW } else { 1 };
    let density = |of: i64| of.saturating_mul(WANTED) / start.sliced.max(1);
    let gather = (start.size.saturating_mul(each), Path::Gather);
    let part = (start.sliced_in_all.saturating_mul(each), Path::Part(Part::Slices));
    // A phase is a time: along the order by time it may not come for long.
    let along = match by_time {
        true => (density(start.sliced_in_all), Path::Slices),
        false => (density(start.in_all), walk),
    };
    [along, part, gather].into_iter().min_by_key(|(cost, _)| *cost).map_or(Path::On, |(_, path)| path)
}

impl Route {
    /// Whether it goes on by words where it finds too few, so that it matters how many titles have them.
    pub fn follows_words(&self) -> bool {
        matches!(self.path, Path::Walk { .. } | Path::Found { .. })
    }

    /// Takes the path that leads further, where this one found fewer than it should; tells whether there is one.
    pub fn goes_on(&mut self, asked: &Asked<'_>, (given, limit): (usize, usize)) -> bool {
        let small = usize::try_from(self.start.size).is_ok_and(|size| size <= GATHERED);
        self.path = match self.path {
            Path::Walk { .. } if asked.class == Class::One(2) => Path::On,
            Path::Walk { .. } if asked.searches() && asked.filter.is_by_time() => {
                asked.found(asked.affordable().min(FEW_SPANS))
            }
            Path::Walk { .. } if asked.searches() => return false,
            Path::Walk { .. } if small => Path::Gather,
            Path::Walk { .. } => instead(asked),
            Path::Found { spans } if spans < asked.most && spans < asked.spans => {
                // As many as will do if what follows has as much, and a quarter more.
                let enough = (spans * limit * 5).checked_div(given * 4).unwrap_or(usize::MAX);
                let next = enough.clamp(spans + 1, spans * MORE_SPANS).min(asked.affordable());
                // Where the words are common elsewhere, all titles of the unit are looked through for less than what is found by them.
                let looked = next.min(asked.spans);
                let found = asked.about.unwrap_or(0) * looked / asked.spans.max(1);
                let finding = found * FINDING + looked * asked.words * ASKING;
                match usize::try_from(self.start.size) {
                    Ok(size) if size <= finding.min(MOST_TITLES_BY_TIME) => Path::Gather,
                    _ if next <= spans => return false,
                    _ => asked.found(next),
                }
            }
            _ => return false,
        };
        true
    }
}

/// Where a walk did not lead far enough.
fn instead(asked: &Asked<'_>) -> Path {
    let filter = asked.filter;
    if filter.verified_over.is_some() && filter.order != Some(InitiativeOrder::VerifiedBenefitDesc) {
        Path::Part(Part::Over)
    } else if asked.sliced {
        Path::Part(Part::Slices)
    } else {
        Path::On
    }
}

impl InitiativeFilter {
    pub(super) fn is_by_time(&self) -> bool {
        let order = self.order.unwrap_or_default();
        matches!(order, InitiativeOrder::SubmittedAtDesc | InitiativeOrder::SubmittedAtAsc)
    }

    /// The states that are asked for, if none of them is draft or approved: an index has these.
    pub(super) fn open(&self) -> Option<Vec<InitiativeState>> {
        let states = match (self.of, &self.states) {
            (Of::AwaitingMe, None) => vec![InitiativeState::Submitted],
            (Of::AwaitingMe, Some(states)) => {
                states.iter().copied().filter(|s| *s == InitiativeState::Submitted).collect()
            }
            (_, states) => states.clone()?,
        };
        let closed = |state: &InitiativeState| matches!(state, InitiativeState::Draft | InitiativeState::Approved);
        (!states.iter().any(closed)).then_some(states)
    }
}
