//! Rankings within a cluster (cụm): a unit's siblings, or what stands below a unit.

use std::collections::HashMap;

use entity::enums::UnitKind;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::measures::Measure;
use super::over::target_values;
use super::read::{additive, of};
use super::score::{Score, ranks};
use super::view::View;
use crate::error::Result;
use crate::store::Tx;
use crate::unit::not_empty;

/// Whom a leaderboard ranks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cluster {
    /// Only direct units, or everything below.
    pub direct: bool,
    pub kinds: Option<Vec<UnitKind>>,
}

/// A unit's place in its cluster.
#[derive(Clone, Debug)]
pub struct Ranked {
    pub unit: i64,
    pub code: String,
    pub score: Option<Score>,
    /// None without a score.
    pub rank: Option<usize>,
    /// How many are ranked.
    pub of: usize,
    /// To the next strictly better amount.
    pub gap_to_next: Option<i64>,
    /// At the instant that is compared with; none without one, and where it did not exist, stood
    /// below another unit, or had no score then.
    pub previous_rank: Option<usize>,
}

/// A ranking that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Contest {
    pub view: View,
    pub by: Measure,
    /// Another instant, for the previous ranks: the same cluster, those of it that existed by then.
    pub compared_to: Option<i64>,
}

#[derive(Clone, FromQueryResult)]
pub(super) struct Member {
    /// Whose board it stands on.
    pub owner: i64,
    pub id: i64,
    pub code: String,
    pub kind: UnitKind,
    pub created_at: i64,
}

/// For each unit its siblings' ranking in the tree now, itself among them; the root is its own cluster. Two or three statements,
/// and one or two for the instant that is compared with.
pub async fn rankings(tx: &Tx, programme: i64, contest: &Contest, units: &[i64]) -> Result<HashMap<i64, Ranked>> {
    let mut sql = tx.sql(
        "SELECT u.id AS owner, s.id, s.code, s.kind, s.created_at FROM unit u \
         JOIN unit s ON s.parent_id = u.parent_id OR (u.parent_id IS NULL AND s.id = u.id) WHERE ",
    );
    let these = sql.any_id("u.id", units);
    sql.push(&format!("{these} AND u.ended_at IS NULL AND s.ended_at IS NULL"));
    let members: Vec<Member> = tx.all(sql).await?;
    let existed = existed(&members, contest);
    let boards = compared(tx, programme, contest, members, existed).await?;
    let own = boards.into_iter().filter_map(|(owner, board)| {
        board.into_iter().find(|ranked| ranked.unit == owner).map(|ranked| (owner, ranked))
    });
    Ok(own.collect())
}

/// For each unit the whole ranking of its cluster in the tree now, best first. Two or three statements, and one or two for the instant that is
/// compared with.
pub async fn leaderboard(
    tx: &Tx,
    programme: i64,
    contest: &Contest,
    units: &[i64],
    cluster: &Cluster,
) -> Result<HashMap<i64, Vec<Ranked>>> {
    let mut sql = tx.sql(
        "SELECT c.ancestor_id AS owner, u.id, u.code, u.kind, u.created_at FROM unit_closure c \
         JOIN unit u ON u.id = c.descendant_id WHERE ",
    );
    let these = sql.any_id("c.ancestor_id", units);
    let depth = if cluster.direct { "= 1" } else { "> 0" };
    let kinds = match &cluster.kinds {
        Some(kinds) => {
            not_empty("kind", kinds)?;
            let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_value()).collect();
            format!(" AND {}", sql.any_text("u.kind", &kinds))
        }
        None => String::new(),
    };
    sql.push(&format!("{these} AND c.distance {depth} AND u.ended_at IS NULL{kinds}"));
    let members: Vec<Member> = tx.all(sql).await?;
    let existed = existed(&members, contest);
    compared(tx, programme, contest, members, existed).await
}

/// Those of the members that existed at the instant that is compared with.
fn existed(members: &[Member], contest: &Contest) -> Vec<Member> {
    let Some(then) = contest.compared_to else { return Vec::new() };
    members.iter().filter(|member| member.created_at < then).cloned().collect()
}

/// The boards of the members, with the ranks that those who were members at the instant that is compared with had among each other.
pub(super) async fn compared(
    tx: &Tx,
    programme: i64,
    contest: &Contest,
    members: Vec<Member>,
    were: Vec<Member>,
) -> Result<HashMap<i64, Vec<Ranked>>> {
    let Some(then) = contest.compared_to else {
        return boards(tx, programme, &contest.view, members, contest.by).await;
    };
    let view = View { as_of: Some(then), ..contest.view.clone() };
    let before = boards(tx, programme, &view, were, contest.by).await?;
    let mut boards = boards(tx, programme, &contest.view, members, contest.by).await?;
    for (owner, board) in &mut boards {
        let before = before.get(owner).map(Vec::as_slice).unwrap_or_default();
        let ranks: HashMap<i64, Option<usize>> = before.iter().map(|ranked| (ranked.unit, ranked.rank)).collect();
        for ranked in board {
            ranked.previous_rank = ranks.get(&ranked.unit).copied().flatten();
        }
    }
    Ok(boards)
}

async fn boards(
    tx: &Tx,
    programme: i64,
    view: &View,
    members: Vec<Member>,
    by: Measure,
) -> Result<HashMap<i64, Vec<Ranked>>> {
    let mut ids: Vec<i64> = members.iter().map(|member| member.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let measures = match by {
        Measure::Participants => of(tx, programme, view, &ids).await?,
        _ => additive(tx, programme, view, &ids).await?,
    };
    let targets = match by {
        Measure::Completion => target_values(tx, programme, view, &ids).await?,
        _ => HashMap::new(),
    };
    let score = |unit: i64| {
        let amount = measures.get(&unit).map_or(0, |measures| measures.amount(by));
        match by {
            Measure::Completion => targets
                .get(&unit)
                .and_then(|targets| targets.choose(None))
                .map(|(_, target)| Score::Ratio { reached: amount, target: i64::from(target) }),
            _ => Some(Score::Amount(amount)),
        }
    };
    let mut boards: HashMap<i64, Vec<(Option<Score>, Member)>> = HashMap::new();
    for member in members {
        boards.entry(member.owner).or_default().push((score(member.id), member));
    }
    Ok(boards.into_iter().map(|(owner, board)| (owner, ranked(board))).collect())
}

/// Pure: best first, ties by code, those without a score last.
fn ranked(mut board: Vec<(Option<Score>, Member)>) -> Vec<Ranked> {
    board.sort_by(|(a, member), (b, other)| b.cmp(a).then_with(|| member.code.cmp(&other.code)));
    let scores: Vec<Option<Score>> = board.iter().map(|(score, _)| *score).collect();
    let of = scores.iter().flatten().count();
    let ranks = ranks(&scores);
    let mut better: Option<i64> = None;
    let mut ranked: Vec<Ranked> = Vec::with_capacity(board.len());
    for (i, (score, member)) in board.into_iter().enumerate() {
        if i > 0 && scores[i - 1] != score {
            better = match scores[i - 1] {
                Some(Score::Amount(amount)) => Some(amount),
                _ => None,
            };
        }
        let gap_to_next = match (score, better) {
            (Some(Score::Amount(amount)), Some(better)) => Some(better - amount),
            _ => None,
        };
        ranked.push(Ranked {
            unit: member.id,
            code: member.code,
            score,
            rank: ranks[i],
            of,
            gap_to_next,
            previous_rank: None,
        });
    }
    ranked
}
