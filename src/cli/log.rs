//! Log lines on stderr.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing::Level as Severity;
use tracing_subscriber::filter::{FilterExt, ParseError, Targets, filter_fn};
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::failure::{Failure, Outcome};
use super::telemetry::{self, Telemetry, is_ours};
use crate::spans;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line, for collectors
    Json,
}

/// What is logged where RUST_LOG says nothing.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    /// A server tells what it does.
    Running,
    /// A command speaks for itself; only warnings are logged.
    Quiet,
}

/// Which lines there are.
pub struct Lines(String);

impl Lines {
    fn of(level: Level) -> Lines {
        // A slow statement is worth a warning in a server; in a command that loads a file it is the work itself.
        let default = match level {
            Level::Running => "info,sqlx=warn,sea_orm_migration=warn",
            Level::Quiet => "warn,sqlx=error",
        };
        let wanted = std::env::var("RUST_LOG").ok().filter(|wanted| !wanted.trim().is_empty());
        Lines(wanted.unwrap_or_else(|| default.to_owned()))
    }

    pub fn filter(&self) -> Outcome<impl Filter<Registry> + Send + Sync + 'static> {
        let wanted = wanted(&self.0).map_err(|error| Failure::from(format!("RUST_LOG: {error}")))?;
        // Libraries that talk tell what they carry: a WebSocket's messages with the tokens in them, headers, statements. Whoever
        // asks for more than INFO gets it of this program alone, which has no such thing in its lines.
        let harmless = |target: &str, level: &Severity| is_ours(target) || *level <= Severity::INFO;
        let kept = filter_fn(move |meta| meta.target() != spans::TARGET && harmless(meta.target(), meta.level()));
        Ok(wanted.and(kept))
    }
}

/// Directives that name no spans are looked up by a line's target alone; those that do cost something at every entry of any span.
fn wanted(directives: &str) -> Result<Box<dyn Filter<Registry> + Send + Sync>, ParseError> {
    // It is the one that finds what is wrong.
    let all = EnvFilter::try_new(directives)?;
    match directives.parse::<Targets>() {
        Ok(targets) if !directives.contains('[') => Ok(Box::new(targets)),
        _ => Ok(Box::new(all)),
    }
}

/// Inside a runtime. `collector`: where OpenTelemetry's data go as well.
pub fn start(format: LogFormat, level: Level, collector: Option<&str>) -> Outcome<Telemetry> {
    let lines = Lines::of(level);
    let (telemetry, mut layers) = match level {
        Level::Running => telemetry::start(collector, &lines)?,
        Level::Quiet => Default::default(),
    };
    let colours = std::io::stderr().is_terminal();
    let own = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    layers.push(match format {
        LogFormat::Text => own.with_filter(lines.filter()?).boxed(),
        LogFormat::Json => own.json().with_filter(lines.filter()?).boxed(),
    });
    tracing_subscriber::registry().with(layers).init();
    Ok(telemetry)
}
