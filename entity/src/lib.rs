//! One file per table, and the enumerations they store. Knows no GraphQL and no rule.

pub mod account;
pub mod bloc;
pub mod enums;
pub mod idempotency_key;
pub mod initiative;
pub mod initiative_author;
pub mod initiative_event;
pub mod participant;
pub mod participant_group;
pub mod phase;
pub mod programme;
pub mod programme_bloc;
pub mod role_grant;
pub mod rollup_cell;
pub mod rollup_delta;
pub mod rollup_own;
pub mod rollup_person;
pub mod target;
pub mod target_event;
pub mod token;
pub mod tree;
pub mod unit;
pub mod unit_closure;
pub mod unit_name;
pub mod unit_placement;
