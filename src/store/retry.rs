//! Running a transaction again where the database asks for it.

use std::time::Duration;

use crate::error::{Error, Result};

/// How often a transaction has been tried.
#[derive(Default)]
pub struct Attempts(u32);

impl Attempts {
    const MAX: u32 = 10;

    /// Waits a little and answers `Ok` where the same work may succeed when run again; otherwise hands the error back.
    pub async fn again_after(&mut self, error: Error) -> Result<()> {
        if !error.is_transient() {
            return Err(error);
        }
        self.0 += 1;
        if self.0 >= Self::MAX {
            tracing::warn!(%error, "a transaction was given up");
            return Err(Error::Busy);
        }
        tokio::time::sleep(Duration::from_millis(u64::from(self.0) * 7)).await;
        Ok(())
    }
}
