//! Passwords: which are good enough, their hashes, and how they are changed, reset and set.

mod change;
mod hash;
mod proof;
mod reset;
mod rules;
mod set;
pub(super) mod store;

pub use change::change;
pub use hash::{Verdict, fingerprint, hash, verify};
pub use proof::Proof;
pub use reset::{PasswordResetIssue, request as request_reset};
pub use rules::{check, prepared};
pub use set::set;
