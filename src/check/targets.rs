//! Targets against the events that set and cleared them.

use std::collections::HashMap;

use entity::{target, target_event};

use super::found::Found;
use super::tree::Tree;
use super::words::{Codes, or_none};
use crate::error::Result;
use crate::ledger::CellKey;
use crate::store::Tx;

/// A cell: unit, programme, kind, phase, bloc.
type Cell = (i64, i64, String, i64, String);

/// What an event says: value and bound; none: cleared.
type Said = Option<(i32, String)>;

pub(super) async fn check(tx: &Tx, (codes, tree): (&Codes, &Tree), found: &mut Found) -> Result<()> {
    let mut latest: HashMap<Cell, (i64, Vec<Said>)> = HashMap::new();
    let events: Vec<target_event::Model> = tx.all(tx.sql("SELECT * FROM target_event ORDER BY at, id")).await?;
    for event in events {
        let cell = (event.unit_id, event.programme_id, format!("{:?}", event.kind), event.phase_id, event.bloc);
        let said = event.value.zip(event.bound.map(|bound| format!("{bound:?}")));
        let newest = latest.entry(cell).or_insert((event.at, Vec::new()));
        if event.at > newest.0 {
            *newest = (event.at, Vec::new());
        }
        // Of several in one millisecond any may be the last.
        newest.1.push(said);
    }
    for row in tx.all::<target::Model>(tx.sql("SELECT * FROM target")).await? {
        let cell = (row.unit_id, row.programme_id, format!("{:?}", row.kind), row.phase_id, row.bloc);
        let said = latest.remove(&cell).map(|(_, said)| said).unwrap_or_default();
        let stored = Some((row.value, format!("{:?}", row.bound)));
        if !said.contains(&stored) {
            problem((codes, tree), &cell, said.last().cloned().flatten(), stored, found);
        }
    }
    for (cell, (_, said)) in latest {
        if !said.contains(&None) {
            problem((codes, tree), &cell, said.last().cloned().flatten(), None, found);
        }
    }
    Ok(())
}

fn problem(
    (codes, tree): (&Codes, &Tree),
    (unit, programme, kind, phase, bloc): &Cell,
    expected: Said,
    stored: Said,
    found: &mut Found,
) {
    let key = CellKey { unit: *unit, programme: *programme, phase: *phase, group: 0, bloc: bloc.clone() };
    let text = |said: Said| or_none(said.map(|(value, bound)| format!("{value} {bound}")));
    found.lasting(format!("target {kind} of {}", codes.cell(tree, &key)), text(expected), text(stored));
}
