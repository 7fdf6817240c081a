//! How finely history is kept.

use clap::Args;

/// Events from one mark to the next, for each grade. Marks that are set stay as they are: another value begins with the next.
#[derive(Args, Clone, Copy, Debug)]
pub struct History {
    /// Totals of the root and the direct units.
    #[arg(skip = 128usize)]
    pub totals: usize,
    /// Their cells of one phase, group or bloc.
    #[arg(skip = 8_192usize)]
    pub cells: usize,
    /// All cells of the units below that have sub-units.
    #[arg(skip = 262_144usize)]
    pub deep: usize,
}
