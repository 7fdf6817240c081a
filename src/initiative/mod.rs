//! Initiatives (sáng kiến): their life, who takes part in it, and what of it counts.

mod authors;
mod benefit;
mod blank;
mod changes;
mod decide;
mod draft;
mod edit;
mod events;
mod find;
mod hunt;
mod list;
mod period;
mod reach;
mod record;
mod rehome;
mod rights;
mod routes;
mod starts;
mod state;
mod submit;
mod ways;

pub use authors::{Authorship, CoAuthor, MOST_AUTHORS, authors};
pub use blank::blank_drafts;
pub use decide::{Approve, Reject, Return, Revoke};
pub use draft::{Draft, RecognitionInput};
pub use edit::{Edit, Patch};
pub use events::{event_counts, event_pages, events_by_id};
pub use find::{seen, seen_by_code};
pub use list::{InitiativeFilter, InitiativeOrder, Of, counts, pages};
pub use record::{counted_of, event_of, new_code};
pub use rehome::{drafts_among, drafts_of, rehome_drafts};
pub use rights::actions;
pub use state::{Refusal, next};
pub use submit::{Submit, Withdraw};

pub(crate) use authors::divide;
pub(crate) use benefit::Claim;
pub(crate) use draft::{TEXT_MAX, TITLE_MAX};
pub(crate) use period::check as check_period;
pub(crate) use reach::WALKED_COLUMNS;
pub(crate) use record::{key as own_key, participation};
pub(crate) use starts::sent_between;
