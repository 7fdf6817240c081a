//! Accounts: persons, their grants and their tokens.

mod find;
mod grants;
mod open;
mod token;

pub use find::{SeenAccount, find_for_mention, named, officers, with_contact};
pub use grants::{SeenGrant, by_id as grants_by_id, of_account, officer_counts, officer_pages};
pub use open::{NewAccount, email_key, open, phone_key};
pub use token::{IssuedToken, issue, viewer_of};
