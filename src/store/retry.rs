//! Running a transaction again where the database asks for it.

use std::time::Duration;

use super::Store;
use crate::error::{Error, Result};
use crate::meter::Meter;

/// How often a transaction has been tried.
pub struct Attempts {
    tried: u32,
    meter: Meter,
}

impl Store {
    /// For a transaction that has not been tried yet.
    pub fn attempts(&self) -> Attempts {
        Attempts { tried: 0, meter: self.meter.clone() }
    }
}

impl Attempts {
    const MAX: u32 = 10;

    /// Waits a little and answers `Ok` where the same work may succeed when run again; otherwise hands the error back.
    pub async fn again_after(&mut self, error: Error) -> Result<()> {
        if !error.is_transient() {
            return Err(error);
        }
        self.tried += 1;
        if self.tried >= Self::MAX {
            self.meter.given_up();
            tracing::warn!(%error, "a transaction was given up");
            return Err(Error::Busy);
        }
        self.meter.retried();
        tokio::time::sleep(Duration::from_millis(u64::from(self.tried) * 7)).await;
        Ok(())
    }
}
