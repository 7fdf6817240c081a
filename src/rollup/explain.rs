//! The initiatives behind a number: exactly those that it counts, under the same slice, instant and lens.

use std::collections::HashMap;

use entity::enums::InitiativeState;
use entity::initiative::Model;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::direct::root;
use super::grid::Grid;
use super::measures::Measure;
use super::path;
use super::read::{additive, of};
use super::scan::seated;
use super::sent::sent;
use super::view::{Lens, View};
use crate::access::{Right, Viewer, places, readable_among_many, readable_initiative};
use crate::error::Result;
use crate::initiative::WALKED_COLUMNS;
use crate::ledger::Tally;
use crate::ledger::size::about;
use crate::page::ways::{Bounded, Gathered, Rows, Way, gather};
use crate::page::{Key, KeyKind, Listing, Page, PageArgs};
use crate::store::{Sql, Tx};

/// An initiative, and its state at the instant.
#[derive(Clone, FromQueryResult)]
pub struct Explained {
    #[sea_orm(nested)]
    pub row: Model,
    pub state_as_of: InitiativeState,
}

/// A page for each unit of those that the viewer may read, the latest first submissions first; one statement where little stands
/// below, through other trees than now's two, else some six.
pub async fn explained(
    tx: &Tx,
    viewer: Viewer,
    programme: i64,
    view: &View,
    units: &[i64],
    measure: Measure,
    args: &PageArgs,
) -> Result<HashMap<i64, Page<Explained>>> {
    let (limit, _) = args.limit()?;
    let asked = Asked { programme, view, measure };
    let walks = asked.walks(tx, units, limit).await?;
    let mut pages = HashMap::with_capacity(units.len());
    if !walks.is_empty() {
        let found = asked.along(tx, viewer, &walks, args).await?;
        // Where a walk did not fill the page, something may lie beyond it.
        let full = |unit: &i64| found.edges.get(unit).is_some_and(|edges| edges.len() > limit);
        let filled: Vec<i64> = walks.iter().map(|(unit, _)| *unit).filter(full).collect();
        pages.extend(found.pages(&filled, args)?);
    }
    let rest: Vec<i64> = units.iter().copied().filter(|unit| !pages.contains_key(unit)).collect();
    let roots = if rest.is_empty() { Vec::new() } else { asked.roots(tx).await? };
    for (units, credited) in asked.parted(&rest, &roots) {
        let readable = |sql: &mut Sql| readable_initiative(sql, viewer, "i");
        pages.extend(asked.listing(tx, credited, readable).pages(tx, &units, args).await?);
    }
    Ok(pages)
}

/// For each unit how many there are, and how many of them the viewer may read. The first is a number of the roll-up itself, and so
/// is the second where he reads every record of the unit: only others are counted one by one.
pub async fn explained_counts(
    tx: &Tx,
    viewer: Viewer,
    programme: i64,
    view: &View,
    units: &[i64],
    measure: Measure,
) -> Result<HashMap<i64, (i64, i64)>> {
    let measures = of(tx, programme, view, units).await?;
    let all = |unit: &i64| measures.get(unit).map_or(0, |measures| counted(&measures.tally, measure));
    let question = Asked { programme, view, measure };
    let roots = question.roots(tx).await?;
    let asked: Vec<i64> = units.iter().chain(&roots).copied().collect();
    let places = places(tx, viewer, &asked).await?;
    let reads = |unit: &i64| places.get(unit).is_some_and(|places| places.permit(Right::ReadRecords));
    // Scope goes by the tree now: what another tree credits to a unit may stand outside it, though not outside the root.
    let reads_everything = roots.iter().any(reads);
    let reads_all = |unit: &i64| reads_everything || (view.lens == Lens::Current && reads(unit));
    let others: Vec<i64> = units.iter().copied().filter(|unit| all(unit) > 0 && !reads_all(unit)).collect();
    let mut readable = HashMap::new();
    for (units, credited) in question.parted(&others, &roots) {
        let among = |sql: &mut Sql| readable_among_many(sql, viewer, "i");
        readable.extend(question.listing(tx, credited, among).counts(tx, &units).await?);
    }
    let read = |unit: &i64| if reads_all(unit) { all(unit) } else { readable.get(unit).copied().unwrap_or(0) };
    Ok(units.iter().map(|unit| (*unit, (all(unit), read(unit)))).collect())
}

/// How many initiatives a measure counts, or adds up.
fn counted(tally: &Tally, measure: Measure) -> i64 {
    let of = |state: &InitiativeState| match state {
        InitiativeState::Submitted => tally.pending,
        InitiativeState::Returned => tally.returned,
        InitiativeState::Approved => tally.approved,
        InitiativeState::Rejected => tally.rejected,
        InitiativeState::Revoked => tally.revoked,
        InitiativeState::Draft | InitiativeState::Withdrawn => 0,
    };
    states(measure).iter().map(of).sum()
}

/// The states over which a measure counts or sums.
fn states(measure: Measure) -> &'static [InitiativeState] {
    use InitiativeState::{Approved, Rejected, Returned, Revoked, Submitted};
    match measure {
        Measure::Submitted | Measure::Participants => &[Submitted, Returned, Approved, Rejected, Revoked],
        Measure::ClaimedBenefit => &[Submitted, Returned, Approved],
        Measure::Pending => &[Submitted],
        Measure::Returned => &[Returned],
        Measure::Approved | Measure::VerifiedBenefit | Measure::Completion => &[Approved],
        Measure::Rejected => &[Rejected],
        Measure::Revoked => &[Revoked],
    }
}

/// What is asked of units.
struct Asked<'a> {
    programme: i64,
    view: &'a View,
    measure: Measure,
}

/// Conditions on an initiative `i`.
struct Conditions {
    /// An expression: its state at the instant.
    state: String,
    /// When it was sent in.
    sent: Vec<String>,
    others: Vec<String>,
}

/// How it is told whether an initiative is credited to the unit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Credited {
    /// Each is: it is the root.
    All,
    /// By all that stand below it.
    Among,
    /// Row by row.
    Each,
}

impl Asked<'_> {
    /// The root, where a view through another tree than today's asks for it. One statement, or none.
    async fn roots(&self, tx: &Tx) -> Result<Vec<i64>> {
        match self.view.lens {
            Lens::Current => Ok(Vec::new()),
            _ => root(tx).await,
        }
    }

    /// The units as they are asked; to the root everything is credited, through whichever tree.
    fn parted(&self, units: &[i64], roots: &[i64]) -> Vec<(Vec<i64>, Credited)> {
        let everywhere = self.view.slice.blocs.is_none() && self.view.slice.kinds.is_none();
        let (all, among) = units.iter().partition(|unit| everywhere && roots.contains(unit));
        let parts = [(all, Credited::All), (among, Credited::Among)];
        parts.into_iter().filter(|(units, _): &(Vec<i64>, Credited)| !units.is_empty()).collect()
    }

    /// `unit`: an expression for the unit.
    fn conditions(&self, sql: &mut Sql, unit: &str, credited: Credited) -> Conditions {
        let Asked { programme, view, measure } = self;
        let as_of = view.as_of.map(|at| sql.bind(at));
        let state = match &as_of {
            None => "i.state".to_owned(),
            Some(at) => format!(
                "(SELECT e.to_state FROM initiative_event e WHERE e.initiative_id = i.id AND e.at < {at} \
                 ORDER BY e.seq DESC LIMIT 1)"
            ),
        };
        let mut sent = vec!["i.submitted_at IS NOT NULL".to_owned()];
        sent.extend(as_of.map(|at| format!("i.submitted_at < {at}")));
        if let Some((from, to)) = view.slice.during {
            sent.push(format!("i.submitted_at >= {} AND i.submitted_at < {}", sql.bind(from), sql.bind(to)));
        }
        let mut others = vec![format!("i.programme_id = {}", sql.bind(*programme))];
        let states: Vec<String> = states(*measure).iter().map(|state| state.to_value()).collect();
        others.push(sql.any_text(&state, &states));
        if let Some(phases) = &view.slice.phases {
            others.push(sql.any_id("i.phase_id", phases));
        }
        if let Some(groups) = &view.slice.groups {
            others.push(sql.any_id("i.group_id", groups));
        }
        others.extend(self.credited(sql, unit, credited));
        Conditions { state, sent, others }
    }

    fn credited(&self, sql: &mut Sql, unit: &str, credited: Credited) -> Option<String> {
        let view = self.view;
        let seated = seated(sql, view).into_iter().map(|condition| format!(" AND {condition}")).collect::<String>();
        let below = format!("{} c JOIN unit d ON d.id = c.seat_id", path::paths(sql, view.lens));
        let wanted = format!("c.ancestor_id = {unit}{seated}");
        match (credited, view.lens) {
            (Credited::All, _) => None,
            (Credited::Each, _) => {
                let (holds, end) = (path::holds(view, "c", "i.submitted_at"), sql.dialect.row_by_row());
                Some(format!(
                    "EXISTS (SELECT 1 FROM {below} WHERE {wanted} AND c.descendant_id = i.unit_id{holds}{end})"
                ))
            }
            // What holds for some of a unit's only is found with them: asked row by row, everything below would be read each time.
            (Credited::Among, Lens::Reported) => {
                let holds = path::holds(view, "c", "n.submitted_at");
                Some(format!(
                    "i.id IN (SELECT n.id FROM {below} JOIN initiative n ON n.unit_id = c.descendant_id WHERE {wanted}{holds})"
                ))
            }
            (Credited::Among, _) => Some(format!("i.unit_id IN (SELECT c.descendant_id FROM {below} WHERE {wanted})")),
        }
    }

    fn keys() -> Vec<Key> {
        vec![Key::desc("i.submitted_at", KeyKind::Int), Key::asc("i.code", KeyKind::Text)]
    }

    fn order(&self) -> String {
        format!("explained.{:?}", self.measure)
    }

    /// All of them; `readable`: the condition that the viewer may read an `i`.
    fn listing(&self, tx: &Tx, credited: Credited, readable: impl FnOnce(&mut Sql) -> String) -> Listing {
        let mut sql = tx.sql("");
        let Conditions { state, sent, others } = self.conditions(&mut sql, "o.id", credited);
        let mut conditions = [sent, others].concat();
        conditions.push(readable(&mut sql));
        let (columns, from) = (format!("i.*, {state} AS state_as_of"), "initiative i".to_owned());
        Listing { sql, columns, from, id: "i.id", conditions, order: self.order(), keys: Self::keys() }
    }

    /// The units of which a page is sooner found among all initiatives, from the latest on, than among their own; and among how many
    /// of these. Three statements at most, where the number is one of cells.
    async fn walks(&self, tx: &Tx, units: &[i64], limit: usize) -> Result<Vec<(i64, usize)>> {
        let Asked { programme, view, measure } = self;
        if Grid::of(view, &[]).is_none() && view.past_cells().is_empty() {
            return Ok(Vec::new());
        }
        let mut sizes = sizes(tx, units).await?;
        sizes.retain(|size| size.below > GATHERED);
        if sizes.is_empty() {
            return Ok(Vec::new());
        }
        let large: Vec<i64> = sizes.iter().map(|size| size.unit).collect();
        let counts = additive(tx, *programme, view, &large).await?;
        let walk = |size: &Size| {
            let counted = counts.get(&size.unit).map_or(0, |found| counted(&found.tally, *measure));
            let page = i64::try_from(limit + 1).unwrap_or(i64::MAX);
            // As many as have a page if they are spread evenly, and some times more.
            let lines = page.saturating_mul(size.in_all).saturating_mul(UNEVEN) / counted.max(1);
            usize::try_from(lines).ok().filter(|_| lines < size.below).map(|lines| (size.unit, lines))
        };
        Ok(sizes.iter().filter_map(walk).collect())
    }

    /// A page for each of these units, or what there is of it among so many.
    async fn along(
        &self,
        tx: &Tx,
        viewer: Viewer,
        walks: &[(i64, usize)],
        args: &PageArgs,
    ) -> Result<Gathered<Explained>> {
        let Some((first, last)) = sent(tx, self.programme, &self.view.slice).await? else {
            return Ok(Gathered::default());
        };
        let mut sql = tx.sql("");
        let Conditions { state, mut sent, mut others } = self.conditions(&mut sql, "o.top", Credited::Each);
        sent.push(format!("i.submitted_at >= {} AND i.submitted_at < {}", sql.bind(first), sql.bind(last)));
        others.push(readable_initiative(&mut sql, viewer, "i"));
        let way = |(unit, lines): &(i64, usize)| Way {
            starts: vec![[*unit, *unit, 0, 0, 0]],
            from: String::new(),
            conditions: others.clone(),
            keys: Self::keys(),
            class: None,
            bounded: Some(Bounded { columns: WALKED_COLUMNS, conditions: sent.clone(), rows: *lines, closer: None }),
            tag: 0,
        };
        let ways: Vec<Way> = walks.iter().map(way).collect();
        let columns = format!("i.*, {state} AS state_as_of");
        let rows = Rows { columns, from: "initiative i", id: "i.id", order: self.order(), keys: Self::keys() };
        gather(tx, sql, &rows, &ways, args, None).await
    }
}

/// Where so many stand below a unit, all of them are looked at.
const GATHERED: i64 = 3_000;
/// How many times as many as would do if a unit's lay evenly among all.
const UNEVEN: i64 = 8;

#[derive(FromQueryResult)]
struct Size {
    unit: i64,
    below: i64,
    in_all: i64,
}

/// About how many initiatives stand below each unit, and in all.
async fn sizes(tx: &Tx, units: &[i64]) -> Result<Vec<Size>> {
    let mut sql = tx.sql("");
    let these = sql.id_table(units);
    let root = "(SELECT u.id FROM unit u WHERE u.parent_id IS NULL)";
    sql.push(&format!(
        "SELECT o.id AS unit, {} AS below, {} AS in_all FROM {these} o",
        about("o.id", None),
        about(root, None)
    ));
    tx.all(sql).await
}
