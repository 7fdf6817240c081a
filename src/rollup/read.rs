//! Reading the measures of any number of units at once.

use std::collections::HashMap;

use super::measures::Measures;
use super::view::View;
use super::{scan, stored};
use crate::error::Result;
use crate::store::Tx;

/// The measures of each unit as asked: from stored cells where one cell answers it, else by reading what stands below it.
pub async fn of(tx: &Tx, programme: i64, view: &View, units: &[i64]) -> Result<HashMap<i64, Measures>> {
    let mut found: HashMap<i64, Measures> = units.iter().map(|unit| (*unit, Measures::default())).collect();
    if let Some((phase, group, bloc)) = view.cell() {
        for row in stored::read(tx, programme, (phase, group, bloc), units).await? {
            found.insert(row.owner, Measures { tally: row.tally, participants: row.participants });
        }
    } else {
        for row in scan::read(tx, programme, view, units, &[]).await? {
            found.insert(row.owner, row.measures);
        }
    }
    Ok(found)
}
