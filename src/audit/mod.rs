//! The audit log: who did what, and who was refused what; append-only, sealed in batches by a hash chain.
//!
//! A command's line is written by `command::execute` inside its own transaction. Whatever changes something outside a command
//! calls [`write()`] itself; whatever refuses outside one calls [`record`].

mod digest;
mod done;
mod heads;
mod list;
mod origin;
mod prune;
mod refusal;
mod seal;
mod stray;
mod task;
mod verify;
mod write;

pub use done::{About, Done};
pub use heads::{Head, Kept, heads, keep};
pub use list::{AuditFilter, SeenLine, by_id, counts, pages, readable};
pub use origin::Origin;
pub use prune::{PRUNE, Pruned, prune};
pub use refusal::{MORE, codes_of, outcome_of, record, record_left_out};
pub use seal::{BATCH, Turn, seal, unsealed};
pub use task::run_sealer;
pub use verify::{Report, verify};
pub use write::{Change, forget, write, write_all};
