//! Accounts: persons, their grants, authority over them, and what they come in by: sessions, API tokens, one-time tokens.

mod authority;
mod find;
mod grants;
mod hold;
mod invitation;
mod last;
mod last_use;
pub mod one_time;
mod open;
mod pass;
mod secret;
pub mod session;
mod token;
mod wipe;

pub use authority::{find_for, grants_of};
pub use find::{SeenAccount, actors, find_for_mention, home, named, officers, with_contact};
pub use grants::{SeenGrant, by_id as grants_by_id, of_viewer, officer_counts, officer_pages};
pub use hold::hold;
pub use invitation::{claim, open_invitation, write_down};
pub use last::{check_last, hold_admins, last_ones};
pub use open::{NewAccount, email_key, open, phone_key};
pub use pass::{still_holds, viewer_of};
pub use secret::IssuedToken;
pub use token::{NewToken, issue, make};
pub use wipe::erase_account;
