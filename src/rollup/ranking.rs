//! Rankings within a cluster (cụm): a unit's siblings, or what stands below a unit.

use std::collections::HashMap;

use entity::enums::UnitKind;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::measures::Measure;
use super::over::target_values;
use super::read::of;
use super::score::{Score, ranks};
use crate::error::Result;
use crate::programme::ResolvedSlice;
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
}

#[derive(Clone, FromQueryResult)]
struct Member {
    owner: i64,
    id: i64,
    code: String,
}

/// For each unit its siblings' ranking, itself among them; the root is its own cluster. Two or three statements.
pub async fn rankings(
    tx: &Tx,
    programme: i64,
    slice: &ResolvedSlice,
    units: &[i64],
    by: Measure,
) -> Result<HashMap<i64, Ranked>> {
    let mut sql = tx.sql(
        "SELECT u.id AS owner, s.id, s.code FROM unit u \
         JOIN unit s ON s.parent_id = u.parent_id OR (u.parent_id IS NULL AND s.id = u.id) WHERE ",
    );
    let these = sql.any_id("u.id", units);
    sql.push(&these);
    let members: Vec<Member> = tx.all(sql).await?;
    let boards = boards(tx, programme, slice, members, by).await?;
    let own = boards.into_iter().filter_map(|(owner, board)| {
        board.into_iter().find(|ranked| ranked.unit == owner).map(|ranked| (owner, ranked))
    });
    Ok(own.collect())
}

/// For each unit the whole ranking of its cluster, best first. Two or three statements.
pub async fn leaderboard(
    tx: &Tx,
    programme: i64,
    slice: &ResolvedSlice,
    units: &[i64],
    cluster: &Cluster,
    by: Measure,
) -> Result<HashMap<i64, Vec<Ranked>>> {
    let mut sql = tx.sql(
        "SELECT c.ancestor_id AS owner, u.id, u.code FROM unit_closure c JOIN unit u ON u.id = c.descendant_id WHERE ",
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
    sql.push(&format!("{these} AND c.distance {depth}{kinds}"));
    let members: Vec<Member> = tx.all(sql).await?;
    boards(tx, programme, slice, members, by).await
}

async fn boards(
    tx: &Tx,
    programme: i64,
    slice: &ResolvedSlice,
    members: Vec<Member>,
    by: Measure,
) -> Result<HashMap<i64, Vec<Ranked>>> {
    let mut ids: Vec<i64> = members.iter().map(|member| member.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let measures = of(tx, programme, slice, &ids).await?;
    let targets = match by {
        Measure::Completion => target_values(tx, programme, slice, &ids).await?,
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
        ranked.push(Ranked { unit: member.id, code: member.code, score, rank: ranks[i], of, gap_to_next });
    }
    ranked
}
