//! The harness: a server of its own for each test, and actors who speak to it.

mod actor;
mod app;
mod both;
mod database;
mod dump;
mod limits;
mod post;
mod reply;
mod scene;
mod socket;

pub use actor::Actor;
pub use app::{Beside, ROOT, Setup, TestApp};
pub(crate) use both::both;
pub use both::run;
pub use database::{Database, Engine};
pub use dump::{Dump, differences};
pub use limits::wide;
pub use post::{letters, postman};
pub use reply::{Outcome, Reply, statements_told};
pub use scene::{Sent, draft_input, founded};
pub use socket::Socket;
