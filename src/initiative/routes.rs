//! By which way a list is read first, and by which where that did not lead far enough: chosen by how much stands below the units that the
//! viewer's rights stand on.

use entity::enums::{Action, InitiativeState};
use sea_orm::FromQueryResult;

use super::list::{InitiativeFilter, InitiativeOrder, Of};
use crate::access::{Right, Viewer, tops};
use crate::error::Result;
use crate::ledger::size::about;
use crate::store::{Sql, Tx};

/// How the rows below a unit are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// All of them are looked at, and put into order.
    Gather,
    /// So many lines of the order's index are looked at, whosever they are, and of what is searched for so many titles.
    Walk { lines: usize, titles: usize },
    /// Those that have the words that are searched for, in the first so many spans of time of the page, if not in all.
    Found { spans: Option<i64> },
    /// Along the order of each phase and group until there are enough.
    Slices,
    /// All that an index finds by the filter, whosever they are, put into order.
    Part(Part),
    /// Along the order until there are enough.
    On,
}

/// What an index finds by the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Phases and groups.
    Slices,
    /// Verified benefit over an amount.
    Over,
    /// States that are neither draft nor approved.
    Open,
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
    /// How many of the filter's phases and groups stand below it, and of all there are.
    pub sliced: i64,
    pub sliced_in_all: i64,
    pub in_all: i64,
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
/// As many titles may be read.
const READ: usize = 3_000;
/// A search for the latest reads so many titles first; and then looks in so many spans of time, and in so many times as many.
const GLANCED: usize = 2_000;
const SPANS: i64 = 2;
const MORE_SPANS: i64 = 4;
/// The same where they have nothing at all.
const FAR_MORE_SPANS: i64 = 16;
const MOST_SPANS: i64 = 128;
/// What a walk that meets enough of what is searched for may go on to.
const FAR: Path = Path::Walk { lines: 1_000_000, titles: 30_000 };

/// Where the viewer's rights stand; one statement, or none.
pub(super) async fn starts(tx: &Tx, viewer: Viewer, filter: &InitiativeFilter, owners: &[i64]) -> Result<Vec<Start>> {
    let of = filter.of;
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
    let root = "(SELECT u.id FROM unit u WHERE u.parent_id IS NULL)";
    let (sliced, sliced_in_all) = match cells_of_slice(&mut sql, filter) {
        Some(slice) => (about("t.top", Some(&slice)), about(root, Some(&slice))),
        None => ("CAST(0 AS BIGINT)".to_owned(), "CAST(0 AS BIGINT)".to_owned()),
    };
    let mut text = format!(
        "SELECT t.owner, t.top, 0 AS here, (SELECT CASE WHEN u.parent_id IS NULL THEN 1 ELSE 0 END FROM unit u WHERE u.id = t.top) AS whole, \
         {} AS size, {sliced} AS sliced, {sliced_in_all} AS sliced_in_all, {} AS in_all FROM {below} t",
        about("t.top", None),
        about(root, None)
    );
    if of != Of::AwaitingMe {
        let here = tops(&mut sql, viewer, Right::ReadApproved, places);
        text.push_str(&format!(
            " UNION ALL SELECT t.owner, t.top, 1, 0, CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM {here} t"
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

/// Conditions on a cell `c` that it is of the filter's phases and groups, where it names any.
fn cells_of_slice(sql: &mut Sql, filter: &InitiativeFilter) -> Option<String> {
    let (phases, groups) = (&filter.slice.phase, &filter.slice.group);
    if phases.is_none() && groups.is_none() {
        return None;
    }
    let mut conditions = Vec::new();
    for (column, table, codes) in [("c.phase_id", "phase", phases), ("c.group_id", "participant_group", groups)] {
        conditions.push(match codes {
            Some(codes) => {
                let these = sql.any_text("f.code", codes);
                format!("{column} IN (SELECT f.id FROM {table} f WHERE {these})")
            }
            None => format!("{column} = 0"),
        });
    }
    if let Some(programme) = filter.programme {
        conditions.push(format!("c.programme_id = {}", sql.bind(programme)));
    }
    Some(conditions.join(" AND "))
}

#[derive(FromQueryResult)]
struct SliceRow {
    phase: i64,
    part: i64,
}

/// More of them are not walked along one by one.
const SLICES: usize = 60;

/// Every phase of the filter with every group; empty where it names neither, or too many. One statement at most.
pub(super) async fn slices(tx: &Tx, filter: &InitiativeFilter, starts: &[Start]) -> Result<Vec<[i64; 2]>> {
    let (phases, groups) = (&filter.slice.phase, &filter.slice.group);
    let large = starts.iter().any(|start| usize::try_from(start.size).is_ok_and(|size| size > 200));
    if (phases.is_none() && groups.is_none()) || filter.search.is_some() || !large {
        return Ok(Vec::new());
    }
    let mut sql = tx.sql(
        "SELECT f.id AS phase, g.id AS part FROM phase f JOIN participant_group g ON g.programme_id = f.programme_id WHERE TRUE",
    );
    for (column, codes) in [("f.code", phases), ("g.code", groups)] {
        if let Some(codes) = codes {
            let these = sql.any_text(column, codes);
            sql.push(&format!(" AND {these}"));
        }
    }
    if let Some(programme) = filter.programme {
        let id = sql.bind(programme);
        sql.push(&format!(" AND f.programme_id = {id}"));
    }
    sql.push(&format!(" LIMIT {}", SLICES + 1));
    let rows: Vec<SliceRow> = tx.all(sql).await?;
    if rows.len() > SLICES {
        return Ok(Vec::new());
    }
    Ok(rows.into_iter().map(|row| [row.phase, row.part]).collect())
}

/// The first choice of paths: what is small is gathered, what is large is walked along.
pub(super) fn routes(filter: &InitiativeFilter, search: bool, sliced: bool, starts: &[Start]) -> Vec<Route> {
    let by_time = filter.is_by_time();
    let below = starts.iter().filter(|start| start.here == 0).count().max(1);
    let reads = search || filter.order == Some(InitiativeOrder::TitleAsc);
    let gathered = if reads { READ } else { GATHERED } / below;
    let path = |start: &Start| match usize::try_from(start.size) {
        Ok(size) if size <= gathered.max(200) => match short(start) {
            Some(lines) if !search && !sliced => Path::Walk { lines, titles: READ },
            _ => Path::Gather,
        },
        Err(_) => Path::Gather,
        Ok(_) if by_time && search => {
            Path::Walk { lines: (WALKED / below).max(500), titles: (GLANCED / below).max(100) }
        }
        Ok(_) => {
            let walk = Path::Walk { lines: (WALKED / below).max(500), titles: (READ / below).max(100) };
            if sliced { cheapest(start, by_time, reads, walk) } else { walk }
        }
    };
    starts.iter().map(|start| Route { path: path(start), start: start.clone() }).collect()
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
    /// Takes the path that leads further, where this one found fewer than it should; tells whether there is one.
    pub fn goes_on(
        &mut self,
        filter: &InitiativeFilter,
        search: bool,
        sliced: bool,
        (given, wanted): (usize, usize),
    ) -> bool {
        self.path = match self.path {
            Path::Walk { .. } if search && filter.is_by_time() => Path::Found { spans: Some(SPANS) },
            // As many titles must be read along the order, as against those that have the words.
            path @ Path::Walk { .. } if search && path != FAR => {
                let (given, all) = (given as i64, self.start.in_all);
                let along = (READ * wanted) as i64 / given.max(1);
                if given > 0 && along < all / READ as i64 * given { FAR } else { Path::Found { spans: None } }
            }
            Path::Walk { .. } if search => Path::Found { spans: None },
            Path::Walk { .. } if usize::try_from(self.start.size).is_ok_and(|size| size <= GATHERED) => Path::Gather,
            Path::Walk { .. } => instead(filter, sliced),
            Path::Found { spans: Some(spans) } => {
                let more = spans * if given == 0 { FAR_MORE_SPANS } else { MORE_SPANS };
                Path::Found { spans: (more <= MOST_SPANS).then_some(more) }
            }
            _ => return false,
        };
        true
    }
}

/// Where a walk did not lead far enough.
fn instead(filter: &InitiativeFilter, sliced: bool) -> Path {
    let open = |state: &InitiativeState| !matches!(state, InitiativeState::Draft | InitiativeState::Approved);
    if filter.verified_over.is_some() && filter.order != Some(InitiativeOrder::VerifiedBenefitDesc) {
        Path::Part(Part::Over)
    } else if filter.states.as_ref().is_some_and(|states| states.iter().all(open)) {
        Path::Part(Part::Open)
    } else if sliced {
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
}
