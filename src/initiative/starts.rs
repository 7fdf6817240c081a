//! Where the lists of a viewer begin, and how much stands below.

use entity::enums::Action;
use sea_orm::FromQueryResult;

use super::list::{InitiativeFilter, Of};
use crate::access::{Right, Viewer, tops};
use crate::error::Result;
use crate::ledger::size::about;
use crate::store::{Sql, Tx};

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
struct PeriodRow {
    first: Option<i64>,
    last: Option<i64>,
}

/// Between which instants, the second left out, everything was first sent in that the filter's programme, phases and groups have, where
/// the order is that of time: what is read in the other direction would pass over the programmes of before. None where the filter names
/// none of them, or little stands below. One statement at most.
pub(super) async fn period(tx: &Tx, filter: &InitiativeFilter, starts: &[Start]) -> Result<Option<(i64, i64)>> {
    let (phases, groups) = (&filter.slice.phase, &filter.slice.group);
    let names_any = filter.programme.is_some() || phases.is_some() || groups.is_some();
    if !filter.is_by_time() || !names_any || !is_much(starts) {
        return Ok(None);
    }
    let mut sql = tx.sql("");
    let sliced = sliced(&mut sql, filter);
    sent_between(tx, sql, &sliced).await
}

/// Between which instants, the second left out, everything was first sent in that phases `f` with groups `g` have; these come from FROM
/// and WHERE, whose values are bound. One statement.
pub(crate) async fn sent_between(tx: &Tx, mut sql: Sql, sliced: &str) -> Result<Option<(i64, i64)>> {
    let end = |direction: &str| {
        format!(
            "(SELECT i.submitted_at FROM initiative i WHERE i.phase_id = f.id AND i.group_id = g.id AND i.submitted_at IS NOT NULL \
             ORDER BY i.submitted_at{direction} LIMIT 1)"
        )
    };
    sql.push(&format!(
        "SELECT MIN(x.first) AS first, MAX(x.last) AS last FROM (SELECT {} AS first, {} AS last FROM {sliced}) x",
        end(""),
        end(" DESC")
    ));
    let row: Option<PeriodRow> = tx.all(sql).await?.pop();
    Ok(row.and_then(|row| Some((row.first?, row.last?.saturating_add(1)))))
}

/// Whether so much stands below that it matters how it is read.
fn is_much(starts: &[Start]) -> bool {
    starts.iter().any(|start| usize::try_from(start.size).is_ok_and(|size| size > 200))
}

/// FROM and WHERE: the filter's phases `f`, each with each of its groups `g`.
fn sliced(sql: &mut Sql, filter: &InitiativeFilter) -> String {
    let mut text = "phase f JOIN participant_group g ON g.programme_id = f.programme_id WHERE TRUE".to_owned();
    for (column, codes) in [("f.code", &filter.slice.phase), ("g.code", &filter.slice.group)] {
        if let Some(codes) = codes {
            text += &format!(" AND {}", sql.any_text(column, codes));
        }
    }
    if let Some(programme) = filter.programme {
        text += &format!(" AND f.programme_id = {}", sql.bind(programme));
    }
    text
}

#[derive(FromQueryResult)]
struct SliceRow {
    phase: i64,
    part: i64,
}

/// More of them are not walked along one by one.
const SLICES: usize = 60;

/// Every phase of the filter with every group; none where it names neither, or so little stands below that it does not matter.
/// One statement at most.
pub(super) async fn slices(tx: &Tx, filter: &InitiativeFilter, starts: &[Start]) -> Result<Option<Vec<[i64; 2]>>> {
    let (phases, groups) = (&filter.slice.phase, &filter.slice.group);
    if (phases.is_none() && groups.is_none()) || !is_much(starts) {
        return Ok(None);
    }
    let mut sql = tx.sql("");
    let sliced = sliced(&mut sql, filter);
    sql.push(&format!("SELECT f.id AS phase, g.id AS part FROM {sliced} LIMIT {}", SLICES + 1));
    let rows: Vec<SliceRow> = tx.all(sql).await?;
    Ok((rows.len() <= SLICES).then(|| rows.into_iter().map(|row| [row.phase, row.part]).collect()))
}
