//! The steps of long work: a bar on a terminal, and a line for each.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::watch::Watch;

/// One bar after another.
pub struct Steps {
    now: Mutex<Option<(ProgressBar, String, Instant)>>,
    drawn: bool,
}

impl Steps {
    pub fn new() -> Steps {
        Steps { now: Mutex::new(None), drawn: std::io::stderr().is_terminal() }
    }

    /// The last step is done.
    pub fn end(&self) {
        self.next(None);
    }

    fn next(&self, bar: Option<(ProgressBar, String)>) {
        let Ok(mut now) = self.now.lock() else { return };
        if let Some((bar, step, begun)) = now.take() {
            bar.finish_and_clear();
            let _ = writeln!(std::io::stderr(), "  {step}: {:.1} s", begun.elapsed().as_secs_f64());
        }
        *now = bar.map(|(bar, step)| (bar, step, Instant::now()));
    }
}

impl Watch for Steps {
    fn begin(&self, step: &str, parts: u64) {
        let target = if self.drawn { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let length = Some(parts).filter(|parts| *parts > 0);
        let bar = ProgressBar::with_draw_target(length, target).with_message(step.to_owned());
        let template = match length {
            Some(_) => "{msg} {bar:40} {human_pos} of {human_len}, {per_sec}, {elapsed}",
            None => "{msg} {spinner} {elapsed}",
        };
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        if length.is_none() {
            bar.enable_steady_tick(std::time::Duration::from_millis(200));
        }
        self.next(Some((bar, step.to_owned())));
    }

    fn advance(&self, parts: u64) {
        if let Ok(now) = self.now.lock()
            && let Some((bar, ..)) = now.as_ref()
        {
            bar.inc(parts);
        }
    }
}
