//! Up to which instant time is closed: no event can come any more that is earlier.

use std::time::Duration;

use crate::app::App;
use crate::error::Result;
use crate::store::Horizon;

/// How often, and after how long, it is looked anew until somebody who writes has ended: no transaction tells others when it does.
const LOOKS: usize = 600;
const BETWEEN: Duration = Duration::from_millis(50);

/// Looks again and again; each look may close what the one before it could not yet.
#[derive(Default)]
pub struct Closing {
    /// A horizon whose transactions were still open.
    waiting: Option<Horizon>,
    /// None before anything could be closed.
    closed: Option<i64>,
}

impl Closing {
    /// Looks; answers the instant, exclusive.
    pub async fn look(&mut self, app: &App) -> Result<i64> {
        let tx = app.store.read().await?;
        let now = tx.horizon(&app.clock).await?;
        self.see(now);
        Ok(self.closed.unwrap_or(0))
    }

    /// Looks until everything that had happened at the first look is closed; where somebody writes for very long it gives
    /// up, says so, and answers nothing.
    pub async fn settle(app: &App) -> Result<Option<i64>> {
        let mut closing = Closing::default();
        for _ in 0..LOOKS {
            closing.look(app).await?;
            if closing.closed.is_some() {
                return Ok(closing.closed);
            }
            tokio::time::sleep(BETWEEN).await;
        }
        let seconds = (BETWEEN * LOOKS as u32).as_secs();
        tracing::warn!(
            seconds,
            "history waits: a transaction on this database server has been writing for all this time"
        );
        Ok(None)
    }

    fn see(&mut self, now: Horizon) {
        // Whoever might have stamped an earlier event had a lower number than the horizon's next, and has ended.
        if let Some(waiting) = self.waiting.filter(|waiting| now.oldest >= waiting.next) {
            self.closed = self.closed.max(Some(waiting.floor()));
            self.waiting = None;
        }
        if now.oldest >= now.next {
            self.closed = self.closed.max(Some(now.floor()));
        }
        self.waiting.get_or_insert(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_closes_when_those_who_were_open_have_ended() {
        let mut closing = Closing::default();
        closing.see(Horizon::of(7, 10, 500));
        assert_eq!(closing.closed, None);
        // Number 9 is still open.
        closing.see(Horizon::of(9, 12, 600));
        assert_eq!(closing.closed, None);
        closing.see(Horizon::of(10, 15, 700));
        assert_eq!(closing.closed, Some(500));
        closing.see(Horizon::of(15, 15, 800));
        assert_eq!(closing.closed, Some(800));
    }
}
