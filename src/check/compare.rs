//! Reading the ledger page by page and comparing each initiative with its row.

use std::collections::HashMap;

use entity::{initiative, initiative_event};
use sea_orm::{ActiveEnum, FromQueryResult};

use super::recount::{Recounted, replay};
use super::stored::{self, Differences, Sums};
use super::{Problem, Report, tree};
use crate::error::Result;
use crate::ledger::out_of_range;
use crate::store::Tx;

/// Initiatives read at once.
const PAGE: usize = 2_000;

pub(super) struct Compared {
    pub report: Report,
    pub differences: Differences,
}

#[derive(FromQueryResult)]
struct Counting {
    initiative_id: i64,
    account_id: i64,
}

pub(super) async fn compare(tx: &Tx) -> Result<Compared> {
    let mut report = Report::default();
    let tree = tree::check(tx, &mut report).await?;
    let mut sums = Sums::default();
    let mut after = 0;
    loop {
        let mut sql = tx.sql("SELECT * FROM initiative WHERE id > ");
        let from = sql.bind(after);
        sql.push(&format!("{from} ORDER BY id LIMIT {PAGE}"));
        let rows: Vec<initiative::Model> = tx.all(sql).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        page(tx, &rows, &mut sums, &mut report).await?;
    }
    let differences = stored::compare(tx, &tree, sums, &mut report).await?;
    Ok(Compared { report, differences })
}

async fn page(tx: &Tx, rows: &[initiative::Model], sums: &mut Sums, report: &mut Report) -> Result<()> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut sql = tx.sql("SELECT * FROM initiative_event WHERE ");
    let these = sql.any_id("initiative_id", &ids);
    sql.push(&format!("{these} ORDER BY initiative_id, seq"));
    let mut events: HashMap<i64, Vec<initiative_event::Model>> = HashMap::new();
    for event in tx.all::<initiative_event::Model>(sql).await? {
        events.entry(event.initiative_id).or_default().push(event);
    }
    let mut sql = tx.sql("SELECT initiative_id, account_id FROM participant WHERE counted_to IS NULL AND ");
    let these = sql.any_id("initiative_id", &ids);
    sql.push(&format!("{these} ORDER BY account_id"));
    let mut counting: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in tx.all::<Counting>(sql).await? {
        counting.entry(row.initiative_id).or_default().push(row.account_id);
    }
    for row in rows {
        let events = events.remove(&row.id).unwrap_or_default();
        report.initiatives += 1;
        report.events += events.len();
        match replay(&events) {
            Ok(recounted) => {
                row_against(row, &recounted, &counting.remove(&row.id).unwrap_or_default(), report);
                sums.add(&recounted).ok_or_else(out_of_range)?;
            }
            Err(why) => report.problems.push(Problem {
                place: format!("initiative {} events", row.code),
                expected: "a history of the life cycle".to_owned(),
                stored: why,
                mendable: false,
            }),
        }
    }
    Ok(())
}

fn row_against(row: &initiative::Model, said: &Recounted, counting: &[i64], report: &mut Report) {
    let mut compare = |what: &str, expected: String, stored: String| {
        if expected != stored {
            let place = format!("initiative {} {what}", row.code);
            report.problems.push(Problem { place, expected, stored, mendable: false });
        }
    };
    compare("state", said.state.to_value(), row.state.to_value());
    compare("version", said.version.to_string(), row.version.to_string());
    compare("first submission", format!("{:?}", said.submitted_at), format!("{:?}", row.submitted_at));
    compare("latest decision", format!("{:?}", said.decided_at), format!("{:?}", row.decided_at));
    compare("counted claim", said.claim.to_string(), row.counted_claim.to_string());
    compare("not computable", said.opaque.to_string(), row.counted_opaque.to_string());
    compare("verified benefit", format!("{:?}", said.verified), format!("{:?}", row.verified_benefit));
    compare("participants", format!("{:?}", said.participants), format!("{counting:?}"));
    if let Some(key) = said.key {
        let stored = (row.unit_id, row.programme_id, row.phase_id, row.group_id);
        compare("place", format!("{:?}", (key.unit, key.programme, key.phase, key.group)), format!("{stored:?}"));
    }
}
