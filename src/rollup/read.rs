//! Reading the measures of any number of units at once.

use std::collections::HashMap;

use super::measures::Measures;
use super::view::View;
use super::{history, scan, stored};
use crate::error::Result;
use crate::store::Tx;

/// The measures of each unit as asked: from stored cells or their history where one cell answers it, else by reading what stands
/// below it.
pub async fn of(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, Measures>> {
    let mut found: HashMap<i64, Measures> = units.iter().map(|unit| (*unit, Measures::default())).collect();
    let (rows, rest) = match (view.cell(), view.past_cell()) {
        (Some(cell), _) => (stored::read(tx, programme, cell, units).await?, Vec::new()),
        (None, Some(cell)) => history::read(tx, programme, view, cell, units).await?,
        (None, None) => (Vec::new(), units.to_vec()),
    };
    found
        .extend(rows.into_iter().map(|row| (row.owner, Measures { tally: row.tally, participants: row.participants })));
    if !rest.is_empty() {
        for row in scan::read(tx, programme, view, &rest, &[]).await? {
            found.insert(row.owner, row.measures);
        }
    }
    Ok(found)
}
