//! `Ranking`: a unit's place, and leaderboards.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::try_join_all;

use super::batches::{
    Boards, ChildrenInScope, ClusterRoster, Leaderboards, RankingOf, Siblings, Subordinates, UnitById,
};
use super::connection::{connection, known};
use super::error::expose;
use super::operation::{Operation, operation};
use super::rollup::{shown, visible};
use super::scalars::{BigInt, DateTime};
use super::unit::Unit;
use super::view;
use crate::access::Aggregates;
use crate::error::Error;
use crate::page::{Edge, Page, PageArgs};
use crate::programme::{Definition, Slice};
use crate::rollup::{Among, Cluster, Contest, Lens, Measure, Ranked, Roster, Score, View};
use crate::text::message;
use crate::unit::SeenUnit;

connection!(RankingConnection, RankingEdge, Ranking, "ranked units");

/// A unit's place in its cluster (xếp hạng).
#[derive(Clone)]
pub struct Ranking {
    ranked: Ranked,
    money: bool,
}

/// A unit's place in its cluster (xếp hạng): 1 + how many are strictly better.
#[Object]
impl Ranking {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Unit> {
        let unit = operation(ctx)?.load::<UnitById>(self.ranked.unit).await.map_err(expose)?;
        unit.map(Unit).ok_or_else(|| expose(Error::id_not_found()))
    }

    /// 1, 2, 2, 4; null without a target to compare with.
    async fn rank(&self) -> Option<i32> {
        self.ranked.rank.and_then(|rank| i32::try_from(rank).ok())
    }

    /// How many are ranked.
    async fn of(&self) -> Result<i32> {
        super::connection::int(self.ranked.of as i64).map_err(expose)
    }

    /// The ratio, or the count; null for money.
    async fn value(&self) -> Option<f64> {
        match self.ranked.score? {
            Score::Amount(_) if self.money => None,
            Score::Amount(amount) => Some(amount as f64),
            Score::Ratio { reached, target } => Some(reached as f64 / target as f64),
        }
    }

    /// The count, or VND; null for ratios.
    async fn amount(&self) -> Option<BigInt> {
        match self.ranked.score? {
            Score::Amount(amount) => Some(BigInt(amount)),
            Score::Ratio { .. } => None,
        }
    }

    /// The rank at `comparedTo`; null where the unit did not exist, stood below another one, or had no rank then.
    async fn previous_rank(&self) -> Option<i32> {
        self.ranked.previous_rank.and_then(|rank| i32::try_from(rank).ok())
    }

    /// The previous rank less the present one: 3 is three places up.
    async fn change(&self) -> Option<i32> {
        let rank = |rank: Option<usize>| i32::try_from(rank?).ok();
        Some(rank(self.ranked.previous_rank)? - rank(self.ranked.rank)?)
    }

    /// What is missing to the next strictly better amount; null for the leader and for ratios.
    async fn gap_to_next(&self) -> Option<BigInt> {
        self.ranked.gap_to_next.map(BigInt)
    }
}

fn ranking(ranked: Ranked, by: Measure) -> Ranking {
    Ranking { ranked, money: matches!(by, Measure::ClaimedBenefit | Measure::VerifiedBenefit) }
}

/// A ranking as clients ask for it.
pub struct Race {
    by: Measure,
    slice: Slice,
    as_of: Option<i64>,
    compared_to: Option<i64>,
    lens: Lens,
}

impl Race {
    pub async fn of(
        op: &Arc<Operation>,
        by: Measure,
        slice: Slice,
        as_of: Option<DateTime>,
        compared_to: Option<DateTime>,
        lens: Lens,
    ) -> Result<Race> {
        let (as_of, compared_to) = (view::as_of(op, as_of).await?, view::compared_to(op, compared_to).await?);
        Ok(Race { by, slice, as_of, compared_to, lens })
    }

    fn contest(&self, op: &Operation, programme: &Definition) -> Result<Contest> {
        let zone = op.app.config.time_zone;
        let slice = self.slice.resolve(programme, zone).map_err(expose)?;
        let view = View { slice, as_of: self.as_of, lens: self.lens, zone };
        Ok(Contest { view, by: self.by, compared_to: self.compared_to })
    }

    fn is_of_today(&self) -> bool {
        self.lens == Lens::Current
    }
}

/// A unit's place among its siblings, or null unless the whole cluster shows.
pub async fn of_unit(
    op: &Arc<Operation>,
    unit: &Arc<SeenUnit>,
    programme: &str,
    race: Race,
) -> Result<Option<Ranking>> {
    let Some((programme, _)) = visible(op, unit, programme, Aggregates::Public).await? else { return Ok(None) };
    let contest = race.contest(op, &programme)?;
    if !race.is_of_today() {
        let roster = op.load::<Siblings>((contest.clone(), unit.row.id)).await.map_err(expose)?;
        return place(op, unit, &programme, Among { contest, roster: roster.unwrap_or_default() }).await;
    }
    if !siblings_show(op, unit, &programme).await? {
        return Ok(None);
    }
    let ranked = op.load::<RankingOf>(((programme.row.id, contest), unit.row.id)).await.map_err(expose)?;
    Ok(ranked.map(|ranked| ranking(ranked, race.by)))
}

/// A unit's place in a named cluster; null where it is no member, and unless the aggregates of all who are and were members show.
pub async fn of_unit_among(
    op: &Arc<Operation>,
    unit: &Arc<SeenUnit>,
    programme: &str,
    race: Race,
    cluster: String,
) -> Result<Option<Ranking>> {
    let Some((programme, _)) = visible(op, unit, programme, Aggregates::Public).await? else { return Ok(None) };
    let contest = race.contest(op, &programme)?;
    let roster = roster(op, cluster, &race).await?;
    place(op, unit, &programme, Among { contest, roster }).await
}

/// A unit's place among named ones; null where it is none of them, and unless the aggregates of all show.
async fn place(
    op: &Arc<Operation>,
    unit: &Arc<SeenUnit>,
    programme: &Definition,
    among: Among,
) -> Result<Option<Ranking>> {
    let by = among.contest.by;
    if !among.roster.now.contains(&unit.row.id) || !members_show(op, &among.roster, programme).await? {
        return Ok(None);
    }
    let board = op.load::<Boards>((programme.row.id, among)).await.map_err(expose)?.unwrap_or_default();
    Ok(board.iter().find(|ranked| ranked.unit == unit.row.id).map(|ranked| ranking(ranked.clone(), by)))
}

/// Who belongs to a cluster at the two instants; nobody where there is no such cluster.
async fn roster(op: &Arc<Operation>, cluster: String, race: &Race) -> Result<Roster> {
    let now = op.load::<ClusterRoster>((race.as_of, cluster.clone())).await.map_err(expose)?;
    let then = match race.compared_to {
        Some(then) => op.load::<ClusterRoster>((Some(then), cluster)).await.map_err(expose)?,
        None => None,
    };
    Ok(Roster { now: now.unwrap_or_default(), then: then.unwrap_or_default() })
}

async fn members_show(op: &Arc<Operation>, roster: &Roster, programme: &Definition) -> Result<bool> {
    let members = roster.now.iter().chain(roster.then.iter()).map(|id| op.load::<UnitById>(*id));
    let members = try_join_all(members).await.map_err(expose)?;
    let shows = |unit: &SeenUnit| shown(op, unit, unit.row.depth, programme) != Aggregates::None;
    Ok(members.iter().all(|unit| unit.as_ref().is_some_and(|unit| shows(unit))))
}

async fn siblings_show(op: &Arc<Operation>, unit: &SeenUnit, programme: &Definition) -> Result<bool> {
    let Some(id) = unit.row.parent_id else { return Ok(true) };
    let parent = op.load::<UnitById>(id).await.map_err(expose)?;
    if parent.is_some_and(|parent| shown(op, &parent, unit.row.depth, programme) != Aggregates::None) {
        return Ok(true);
    }
    // Nothing from above: one grant for each of them shows them too.
    Ok(op.load::<ChildrenInScope>(id).await.map_err(expose)?.is_some())
}

/// A page of the ranking of what stands below a unit, or null unless all of it shows.
pub async fn leaderboard(
    op: &Arc<Operation>,
    unit: &Arc<SeenUnit>,
    programme: &str,
    race: Race,
    cluster: Cluster,
    page: PageArgs,
) -> Result<Option<RankingConnection>> {
    page.limit().map_err(expose)?;
    let Some((programme, whole)) = visible(op, unit, programme, Aggregates::Public).await? else { return Ok(None) };
    let contest = race.contest(op, &programme)?;
    let board = match race.is_of_today() {
        false => {
            let question = (contest.clone(), cluster);
            let roster = op.load::<Subordinates>((question, unit.row.id)).await.map_err(expose)?.unwrap_or_default();
            if !members_show(op, &roster, &programme).await? {
                return Ok(None);
            }
            op.load::<Boards>((programme.row.id, Among { contest, roster })).await
        }
        true => {
            let children_show = shown(op, unit, unit.row.depth + 1, &programme) != Aggregates::None;
            if whole != Aggregates::Whole && !(cluster.direct && children_show) {
                return Ok(None);
            }
            op.load::<Leaderboards>(((programme.row.id, contest, cluster), unit.row.id)).await
        }
    };
    let board = board.map_err(expose)?.unwrap_or_default();
    let total = known(board.len() as i64);
    let page = cut(&board, race.by, &page).map_err(expose)?;
    Ok(Some(RankingConnection::new(page, total)))
}

/// Cursors hold score and code, so that they keep their place while others move, and the measure: another ranking is another list.
fn cursor(ranked: &Ranked, by: Measure) -> String {
    let score = match ranked.score {
        None => (0, 0),
        Some(Score::Amount(amount)) => (amount, 1),
        Some(Score::Ratio { reached, target }) => (reached, target),
    };
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::json!([list(by), score.0, score.1, ranked.code]).to_string())
}

fn list(by: Measure) -> String {
    format!("ranking by {by:?}")
}

fn decode(argument: &str, cursor: &str, by: Measure) -> crate::error::Result<(Option<Score>, String)> {
    let read = || {
        let json = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, reached, target, code): (String, i64, i64, String) = serde_json::from_slice(&json).ok()?;
        let score = (target > 0).then_some(Score::Ratio { reached, target });
        (tag == list(by) && target >= 0 && !code.contains('\0')).then_some((score, code))
    };
    read().ok_or_else(|| Error::BadInput(message!("{argument} is not a cursor of this ranking", argument)))
}

fn cut(board: &[Ranked], by: Measure, args: &PageArgs) -> crate::error::Result<Page<Ranking>> {
    let (limit, backward) = args.limit()?;
    let mut start = 0;
    let mut end = board.len();
    // Better scores come first, then smaller codes.
    let position = |score: &Option<Score>, code: &str, or_equal: bool| {
        board.partition_point(|ranked| match score.cmp(&ranked.score).then_with(|| ranked.code.as_str().cmp(code)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => or_equal,
            std::cmp::Ordering::Greater => false,
        })
    };
    if let Some(after) = &args.after {
        let (score, code) = decode("after", after, by)?;
        start = position(&score, &code, true);
    }
    if let Some(before) = &args.before {
        let (score, code) = decode("before", before, by)?;
        end = position(&score, &code, false).max(start);
    }
    let (from, to) =
        if backward { (end.saturating_sub(limit).max(start), end) } else { (start, (start + limit).min(end)) };
    let edges =
        board[from..to].iter().map(|ranked| Edge { cursor: cursor(ranked, by), node: ranking(ranked.clone(), by) });
    Ok(Page { edges: edges.collect(), has_next: to < board.len(), has_previous: from > 0, until: None })
}
