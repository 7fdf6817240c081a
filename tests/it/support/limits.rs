//! Limits for tests that ask everything of all units at once, which no client should.

use banyan::config::Limits;

pub fn wide() -> Limits {
    Limits {
        max_document_bytes: 1_000_000,
        max_tokens: 1_000_000,
        max_fields: 1_000_000,
        max_root_fields: 10_000,
        max_aliases: 1_000_000,
        max_cost: u64::MAX,
        operation_ms: 300_000,
        budget: 1_000_000_000,
        budget_per_second: 1_000_000_000,
        anonymous_budget: 1_000_000_000,
        anonymous_budget_per_second: 1_000_000_000,
        ..Limits::default()
    }
}
