//! The demo: a federation of sample data in a database of its own.
//!
//! [`plan`] says what there is, as plain values; the rest of this folder stores it: `load` the small one, all in one transaction,
//! `full` the large one as it is told, `programmes` the programmes and targets, `records` the initiatives with their ledger,
//! `merger` the direct unit that ended in 2023, `standing` a programme that is open today, `reorganisation` the plan of 2025, `cast` the accounts to try the server with. [`figures`] computes the
//! published figures from what was stored.
//! Ids are drawn from generators of the seed, so that the same seed gives the same database; tokens never are.

mod cast;
pub mod figures;
mod full;
mod holding;
mod load;
mod merger;
pub mod plan;
mod programmes;
mod records;
mod reorganisation;
mod standing;

pub use cast::{Part, cast};
pub use full::prepare_in_pieces;
pub use holding::{Holding, broken_off, held_scale, holding};
pub use load::loader;
pub use plan::Scale;

use crate::app::App;
use crate::error::Result;
use crate::watch::Watch;

/// Stores the demo of the seed into an empty database. `loader` is fresh from [`loader`].
pub async fn prepare(loader: &App, seed: u64, scale: Scale, watch: &dyn Watch) -> Result<()> {
    match scale {
        Scale::Small => load::prepare_small(loader, seed).await,
        Scale::Full => prepare_in_pieces(loader, seed, scale, watch).await,
    }
}
