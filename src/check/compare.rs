//! Reading the ledger page by page and comparing each initiative with its row.

use std::collections::HashMap;

use entity::{initiative, initiative_event, participant};
use sea_orm::{ActiveEnum, FromQueryResult};

use super::mend::Mends;
use super::recount::{Recounted, replay};
use super::stored::{self, Sums};
use super::words::{Codes, or_none};
use super::{Problem, Report, names, targets, tree};
use crate::error::Result;
use crate::ledger::out_of_range;
use crate::store::Tx;
use crate::text;

/// Initiatives read at once.
const PAGE: usize = 2_000;

pub(super) struct Compared {
    pub report: Report,
    pub mends: Mends,
}

#[derive(FromQueryResult)]
struct AuthorRow {
    initiative_id: i64,
    account_id: i64,
}

pub(super) async fn compare(tx: &Tx) -> Result<Compared> {
    let mut report = Report::default();
    let mut mends = Mends::default();
    let mut tree = tree::check(tx, &mut report, &mut mends).await?;
    names::check(tx, &mut report, &mut mends).await?;
    let codes = Codes::read(tx, std::mem::take(&mut tree.codes)).await?;
    targets::check(tx, &codes, &mut report).await?;
    let mut sums = Sums::default();
    let mut after = 0;
    loop {
        let mut sql = tx.sql("SELECT * FROM initiative WHERE id > ");
        let from = sql.bind(after);
        sql.push(&format!("{from} ORDER BY id LIMIT {PAGE}"));
        let rows: Vec<initiative::Model> = tx.all(sql).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let mut page = Page { sums: &mut sums, report: &mut report, mends: &mut mends };
        page.compare(tx, &rows).await?;
    }
    mends.differences = stored::compare(tx, &tree, &codes, sums, &mut report).await?;
    if !tree.sound {
        // Roll-ups of a tree that contradicts itself would be mended towards nobody knows what.
        mends = Mends::default();
        report.problems.iter_mut().for_each(|problem| problem.mendable = false);
    }
    Ok(Compared { report, mends })
}

struct Page<'a> {
    sums: &'a mut Sums,
    report: &'a mut Report,
    mends: &'a mut Mends,
}

impl Page<'_> {
    async fn compare(&mut self, tx: &Tx, rows: &[initiative::Model]) -> Result<()> {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut events = events_of(tx, &ids).await?;
        let mut periods = periods_of(tx, &ids).await?;
        let mut authors = authors_of(tx, &ids).await?;
        for row in rows {
            let events = events.remove(&row.id).unwrap_or_default();
            self.report.initiatives += 1;
            self.report.events += events.len();
            match replay(&events) {
                Ok(said) => {
                    self.row(row, &said, &authors.remove(&row.id).unwrap_or_default());
                    self.participants(row, &said, &periods.remove(&row.id).unwrap_or_default());
                    self.sums.add(&said).ok_or_else(out_of_range)?;
                }
                Err(why) => self.report.problems.push(Problem {
                    place: format!("initiative {} events", row.code),
                    expected: "a history of the life cycle".to_owned(),
                    stored: why,
                    mendable: false,
                }),
            }
        }
        Ok(())
    }

    fn row(&mut self, row: &initiative::Model, said: &Recounted, authors: &[i64]) {
        let mut compare = |what: &str, expected: String, stored: String| {
            if expected != stored {
                let place = format!("initiative {} {what}", row.code);
                self.report.problems.push(Problem { place, expected, stored, mendable: false });
            }
        };
        compare("state", said.state.to_value(), row.state.to_value());
        compare("version", said.version.to_string(), row.version.to_string());
        compare("first submission", or_none(said.submitted_at), or_none(row.submitted_at));
        compare("latest decision", or_none(said.decided_at), or_none(row.decided_at));
        compare("counted claim", said.claim.to_string(), row.counted_claim.to_string());
        compare("counted as not computable", said.opaque.to_string(), row.counted_opaque.to_string());
        compare("claimed benefit", or_none(said.latest.claimed), or_none(row.claimed_benefit));
        compare("not computable", said.latest.not_computable.to_string(), row.benefit_not_computable.to_string());
        compare("verified benefit", or_none(said.verified), or_none(row.verified_benefit));
        compare("authors", format!("{:?}", said.latest.authors), format!("{authors:?}"));
        if let Some(key) = said.key {
            let stored = (row.unit_id, row.programme_id, row.phase_id, row.group_id);
            compare("place", format!("{:?}", (key.unit, key.programme, key.phase, key.group)), format!("{stored:?}"));
        }
        let keys = (text::lower(&row.title), text::fold(&row.title), text::sort_key(&row.title));
        if (&keys.0, &keys.1, &keys.2) != (&row.title_lower, &row.title_folded, &row.title_sort) {
            self.report.problems.push(Problem {
                place: format!("initiative {} title's search and sort keys", row.code),
                expected: "those of its title".to_owned(),
                stored: "others".to_owned(),
                mendable: true,
            });
            self.mends.titles.push(row.id);
        }
    }

    fn participants(&mut self, row: &initiative::Model, said: &Recounted, stored: &[participant::Model]) {
        let periods: Vec<_> = stored.iter().map(|one| (one.account_id, one.counted_from, one.counted_to)).collect();
        let elsewhere = stored.iter().any(|one| {
            (one.unit_id, one.programme_id, one.phase_id, one.group_id)
                != (row.unit_id, row.programme_id, row.phase_id, row.group_id)
        });
        if periods != said.periods || elsewhere {
            self.report.problems.push(Problem {
                place: format!("initiative {} participants", row.code),
                expected: in_words(&said.periods),
                stored: if elsewhere { "at another place".to_owned() } else { in_words(&periods) },
                mendable: true,
            });
            self.mends.participants.push(row.id);
        }
    }
}

fn in_words(periods: &[(i64, i64, Option<i64>)]) -> String {
    let now = periods.iter().filter(|(_, _, to)| to.is_none()).count();
    format!("{now} now, in {} periods", periods.len())
}

async fn events_of(tx: &Tx, ids: &[i64]) -> Result<HashMap<i64, Vec<initiative_event::Model>>> {
    let mut sql = tx.sql("SELECT * FROM initiative_event WHERE ");
    let these = sql.any_id("initiative_id", ids);
    sql.push(&format!("{these} ORDER BY initiative_id, seq"));
    let mut events: HashMap<i64, Vec<initiative_event::Model>> = HashMap::new();
    for event in tx.all::<initiative_event::Model>(sql).await? {
        events.entry(event.initiative_id).or_default().push(event);
    }
    Ok(events)
}

async fn periods_of(tx: &Tx, ids: &[i64]) -> Result<HashMap<i64, Vec<participant::Model>>> {
    let mut sql = tx.sql("SELECT * FROM participant WHERE ");
    let these = sql.any_id("initiative_id", ids);
    sql.push(&format!("{these} ORDER BY account_id, counted_from"));
    let mut periods: HashMap<i64, Vec<participant::Model>> = HashMap::new();
    for row in tx.all::<participant::Model>(sql).await? {
        periods.entry(row.initiative_id).or_default().push(row);
    }
    Ok(periods)
}

async fn authors_of(tx: &Tx, ids: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut sql = tx.sql("SELECT initiative_id, account_id FROM initiative_author WHERE ");
    let these = sql.any_id("initiative_id", ids);
    sql.push(&format!("{these} ORDER BY account_id"));
    let mut authors: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in tx.all::<AuthorRow>(sql).await? {
        authors.entry(row.initiative_id).or_default().push(row.account_id);
    }
    Ok(authors)
}
