//! How a problem is worded: by codes, and only with what differs.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use super::tree::Tree;
use crate::error::Result;
use crate::ledger::{CellKey, OwnKey, Tally};
use crate::store::Tx;

/// Codes of programmes, phases and groups; the tree has those of units.
pub(super) struct Codes {
    /// Of programmes, phases and groups, whose ids never meet.
    parts: HashMap<i64, String>,
}

#[derive(FromQueryResult)]
struct Code {
    id: i64,
    code: String,
}

impl Codes {
    pub async fn read(tx: &Tx) -> Result<Codes> {
        let sql = tx.sql(
            "SELECT id, code FROM programme UNION ALL SELECT id, code FROM phase \
             UNION ALL SELECT id, code FROM participant_group",
        );
        let parts = tx.all::<Code>(sql).await?.into_iter().map(|row| (row.id, row.code)).collect();
        Ok(Codes { parts })
    }

    fn part(&self, id: i64) -> String {
        self.parts.get(&id).cloned().unwrap_or_else(|| format!("(none with id {id})"))
    }

    pub fn programme(&self, id: i64) -> String {
        self.part(id)
    }

    pub fn own(&self, tree: &Tree, key: OwnKey) -> String {
        let (unit, programme) = (tree.code(key.unit), self.part(key.programme));
        format!("{unit}, programme {programme}, phase {}, group {}", self.part(key.phase), self.part(key.group))
    }

    pub fn cell(&self, tree: &Tree, key: &CellKey) -> String {
        let part = |id: i64| if id == 0 { "any".to_owned() } else { self.part(id) };
        let bloc = if key.bloc.is_empty() { "any" } else { &key.bloc };
        let (unit, programme) = (tree.code(key.unit), self.part(key.programme));
        format!("{unit}, programme {programme}, phase {}, group {}, bloc {bloc}", part(key.phase), part(key.group))
    }
}

/// The fields in which two tallies differ, each with its value in both.
pub(super) fn differing(expected: &Tally, stored: &Tally) -> (String, String) {
    let fields = Tally::COLUMNS.into_iter().zip(expected.words().into_iter().zip(stored.words()));
    let (mut wanted, mut found) = (Vec::new(), Vec::new());
    for (name, (expected, stored)) in fields.filter(|(_, (expected, stored))| expected != stored) {
        wanted.push(format!("{name} {expected}"));
        found.push(format!("{name} {stored}"));
    }
    (wanted.join(", "), found.join(", "))
}

/// A value, or "none".
pub(super) fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_said() {
        let (expected, stored) =
            (Tally { approved: 2, verified: 7, ..Tally::default() }, Tally { verified: 7, ..Tally::default() });
        assert_eq!(differing(&expected, &stored), ("approved 2".to_owned(), "approved 0".to_owned()));
        assert_eq!(or_none(None::<i64>), "none");
    }
}
