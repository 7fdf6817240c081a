//! What has changed since the last look, for subscribers: one reader for all of a process, a few times a second, and none where
//! nobody subscribes. Writers tell nobody: whatever is committed, by this server or by another one, is found in the database.

mod cursor;
mod poll;
mod vigil;
mod watch;

pub use poll::Feed;
pub use vigil::{Badge, Vigil};
pub use watch::{Interest, Watch, What};
