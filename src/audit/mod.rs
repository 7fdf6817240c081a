//! The audit log: who did what, and who was refused what; append-only, sealed in batches by a hash chain.
//!
//! A command's line is written by `command::execute` inside its own transaction. Whatever changes something outside a command
//! calls [`write()`] itself; whatever refuses outside one calls [`record`].

mod done;
mod origin;
mod refusal;
mod write;

pub use done::{About, Done};
pub use origin::Origin;
pub use refusal::{MORE, codes_of, outcome_of, record, record_left_out};
pub use write::{Change, forget, write};
