//! The database: two stores behind one face. What is specific to one of them stands in this folder alone.

mod again;
mod age;
mod away;
mod bulk;
mod connect;
mod expected;
mod generation;
mod horizon;
mod interrupt;
mod joint;
mod later;
mod lean;
mod load;
mod plans;
mod pools;
mod record;
mod retry;
mod single;
mod snapshot;
mod spill;
mod sql;
mod stamp;
mod tx;
mod version;
mod vocabulary;
mod words;

pub use again::{Again, Reading};
pub use age::{Ages, Waiting};
pub use away::is_away;
pub use bulk::Conflict;
pub use connect::{Connections, Store};
pub use expected::Expected;
pub use generation::{Generation, InGeneration, Topic};
pub use horizon::Horizon;
pub use joint::{Joint, Joints, Next};
pub use lean::{Both, Lean, Packed, bytes, truth};
pub use load::Load;
pub use record::{Field, Fields};
pub use retry::Attempts;
pub use snapshot::Snapshot;
pub use spill::{Sorted, Spill};
pub use sql::Sql;
pub use stamp::{Stamp, WRITE_LIMIT};
pub use tx::Tx;
pub use version::Version;
pub use vocabulary::{Met, range};
pub use words::{Indexed, NAMES, TEXT, TITLES, Wanted, first_of, span_of};

pub(crate) use lean::lean_row;

/// Which database, and so which dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Whether differences of roll-ups wait in a queue; otherwise they are folded inside the transaction that makes them.
    pub fn queues_deltas(self) -> bool {
        self == Dialect::Postgres
    }

    /// What a `SELECT … FOR` lock adds on PostgreSQL; SQLite's one writer holds every lock already.
    pub fn row_lock(self, strength: RowLock) -> &'static str {
        match (self, strength) {
            (Dialect::Sqlite, _) => "",
            (Dialect::Postgres, RowLock::Share) => " FOR KEY SHARE",
            (Dialect::Postgres, RowLock::Update) => " FOR UPDATE",
            (Dialect::Postgres, RowLock::UpdateOrSkip) => " FOR UPDATE SKIP LOCKED",
            (Dialect::Postgres, RowLock::ShareOrSkip) => " FOR KEY SHARE SKIP LOCKED",
        }
    }

    /// A join of a table to each row of what stands before it, in this order: for a few rows that find theirs by an index, where the
    /// database would rather read the whole table. The condition calls the table by the alias.
    pub fn beside(self, table: &str, alias: &str, condition: &str) -> String {
        match self {
            Dialect::Sqlite => format!(" CROSS JOIN {table} {alias} ON {condition}"),
            Dialect::Postgres => {
                format!(
                    " CROSS JOIN LATERAL (SELECT {alias}.* FROM {table} {alias} WHERE {condition} OFFSET 0) {alias}"
                )
            }
        }
    }

    /// A column for a condition by whose index no table is to be read.
    pub fn unindexed(self, column: &str) -> String {
        match self {
            Dialect::Sqlite => format!("+{column}"),
            Dialect::Postgres => column.to_owned(),
        }
    }

    /// Ends a subquery in a condition that is asked row by row, of few rows: PostgreSQL would rather answer it beforehand for every
    /// row that there could be.
    pub fn row_by_row(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " OFFSET 0",
        }
    }

    /// Names a condition that costs something, so that it is looked at once for each row: a join that stands behind the tables, and
    /// what to write where the condition is meant.
    pub fn once(self, alias: &str, condition: &str) -> (String, String) {
        match self {
            Dialect::Sqlite => (String::new(), format!("({condition})")),
            Dialect::Postgres => (
                format!(" CROSS JOIN LATERAL (SELECT {condition} AS holds OFFSET 0) {alias}"),
                format!("{alias}.holds"),
            ),
        }
    }

    /// The sum of whole numbers, 0 of none; the statement fails where it does not fit into 64 bits. (PostgreSQL's own goes through
    /// numeric, which costs more than all else of a roll-up.)
    pub fn sum(self, expression: &str) -> String {
        match self {
            Dialect::Sqlite => format!("COALESCE(SUM({expression}), 0)"),
            Dialect::Postgres => format!("exact_sum({expression})"),
        }
    }

    /// Where one text stands in another, from 1 on, or 0.
    pub fn position(self, text: &str, what: &str) -> String {
        match self {
            Dialect::Sqlite => format!("instr({text}, {what})"),
            Dialect::Postgres => format!("strpos({text}, {what})"),
        }
    }

    /// Bytes as [`Lean`] rows have them.
    pub fn bytes(self, column: &str) -> String {
        match self {
            Dialect::Sqlite => format!("hex({column})"),
            Dialect::Postgres => column.to_owned(),
        }
    }

    /// The same of a column that may have none: no bytes then.
    pub fn bytes_or_none(self, column: &str) -> String {
        match self {
            Dialect::Sqlite => format!("hex({column})"),
            Dialect::Postgres => format!("COALESCE({column}, ''::bytea)"),
        }
    }

    /// The month of an expression, days since the epoch: years times twelve and the month from 0.
    pub fn month(self, day: &str) -> String {
        match self {
            Dialect::Sqlite => format!(
                "(CAST(strftime('%Y', {day} * 86400, 'unixepoch') AS INTEGER) * 12 + \
                 CAST(strftime('%m', {day} * 86400, 'unixepoch') AS INTEGER) - 1)"
            ),
            Dialect::Postgres => {
                let part = |part: &str| format!("date_part('{part}', DATE '1970-01-01' + CAST({day} AS INTEGER))");
                format!("CAST({} * 12 + {} - 1 AS BIGINT)", part("year"), part("month"))
            }
        }
    }
}

/// How a row is held until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub enum RowLock {
    Share,
    Update,
    /// Answers no row where somebody else holds it.
    UpdateOrSkip,
    /// The same for [`RowLock::Share`].
    ShareOrSkip,
}
