//! What a caller may ask for, over HTTP: floods, batches, budgets, time.

mod batches;
mod budgets;
mod floods;
mod time;

use banyan::config::Limits;

use crate::support::Setup;

/// A server with other limits than the usual ones.
pub fn with(limits: Limits) -> Setup {
    Setup { limits, ..Setup::default() }
}
