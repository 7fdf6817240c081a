//! The rows that a check reads: only the columns that it needs, told by their places.

use crate::store::{Sql, TITLES, Tx, bytes, lean_row, truth};

lean_row!(
    /// An initiative, with whether its words in the search index are those of its keys.
    InitiativeRow {
        id: i64,
        code: String,
        unit_id: i64,
        programme_id: i64,
        phase_id: i64,
        group_id: i64,
        first_author_id: i64,
        title: String,
        title_lower: String,
        title_folded: String,
        #[serde(deserialize_with = "bytes")]
        title_sort: Vec<u8>,
        state: String,
        version: i32,
        submitted_at: Option<i64>,
        decided_at: Option<i64>,
        counted_claim: i64,
        #[serde(deserialize_with = "truth")]
        counted_opaque: bool,
        claimed_benefit: Option<i64>,
        #[serde(deserialize_with = "truth")]
        benefit_not_computable: bool,
        verified_benefit: Option<i64>,
        #[serde(deserialize_with = "truth")]
        words: bool,
    }
);

lean_row!(
    /// An event, with what is stored beside it and follows from the events before.
    Event {
        initiative_id: i64,
        seq: i32,
        action: String,
        from_state: Option<String>,
        to_state: String,
        at: i64,
        unit_id: i64,
        programme_id: i64,
        phase_id: i64,
        group_id: i64,
        claimed_benefit: Option<i64>,
        #[serde(deserialize_with = "truth")]
        benefit_not_computable: bool,
        verified_benefit: Option<i64>,
        authors: String,
        submitted_at: Option<i64>,
        was_claim: i64,
        #[serde(deserialize_with = "truth")]
        was_opaque: bool,
        was_verified: i64,
    }
);

lean_row!(
    /// That somebody counted for an initiative.
    Period {
        initiative_id: i64,
        account_id: i64,
        counted_from: i64,
        counted_to: Option<i64>,
        unit_id: i64,
        programme_id: i64,
        phase_id: i64,
        group_id: i64,
    }
);

lean_row!(
    /// An author of an initiative.
    Author { initiative_id: i64, account_id: i64, position: i32 }
);

/// Initiatives with an id after the one, up to the other; in their order.
pub(super) fn initiatives(tx: &Tx, after: i64, to: i64) -> Sql {
    let mut sql = tx.sql("");
    let (from, to) = (sql.bind(after), sql.bind(to));
    let (join, words) = sql.words_of(&TITLES, "i");
    let sort = tx.dialect.bytes("i.title_sort");
    sql.push(&format!(
        "SELECT i.id, i.code, i.unit_id, i.programme_id, i.phase_id, i.group_id, i.first_author_id, i.title, i.title_lower, \
         i.title_folded, {sort}, i.state, i.version, i.submitted_at, i.decided_at, i.counted_claim, i.counted_opaque, \
         i.claimed_benefit, i.benefit_not_computable, i.verified_benefit, {words} \
         FROM initiative i{join} WHERE i.id > {from} AND i.id <= {to} ORDER BY i.id"
    ));
    sql
}

/// Their events, each initiative's in their order.
pub(super) fn events(tx: &Tx, after: i64, to: i64) -> Sql {
    of_initiatives(
        tx,
        "SELECT initiative_id, seq, action, from_state, to_state, at, unit_id, programme_id, phase_id, group_id, claimed_benefit, \
         benefit_not_computable, verified_benefit, authors, submitted_at, was_claim, was_opaque, was_verified FROM initiative_event",
        (after, to),
        "seq",
    )
}

/// Who counted for them, and when.
pub(super) fn periods(tx: &Tx, after: i64, to: i64) -> Sql {
    of_initiatives(
        tx,
        "SELECT initiative_id, account_id, counted_from, counted_to, unit_id, programme_id, phase_id, group_id FROM participant",
        (after, to),
        "account_id, counted_from",
    )
}

/// Their authors.
pub(super) fn authors(tx: &Tx, after: i64, to: i64) -> Sql {
    of_initiatives(tx, "SELECT initiative_id, account_id, position FROM initiative_author", (after, to), "account_id")
}

fn of_initiatives(tx: &Tx, select: &str, (after, to): (i64, i64), order: &str) -> Sql {
    let mut sql = tx.sql(select);
    let (from, to) = (sql.bind(after), sql.bind(to));
    sql.push(&format!(" WHERE initiative_id > {from} AND initiative_id <= {to} ORDER BY initiative_id, {order}"));
    sql
}
