//! Log lines on stderr.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use super::failure::{Failure, Outcome};

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

pub fn start(format: LogFormat, level: Level) -> Outcome {
    // A slow statement is worth a warning in a server; in a command that loads a file it is the work itself.
    let default = match level {
        Level::Running => "info,sqlx=warn,sea_orm_migration=warn",
        Level::Quiet => "warn,sqlx=error",
    };
    let filter = match std::env::var("RUST_LOG") {
        Ok(wanted) if !wanted.trim().is_empty() => {
            EnvFilter::try_new(&wanted).map_err(|error| Failure::from(format!("RUST_LOG: {error}")))?
        }
        _ => EnvFilter::new(default),
    };
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    match format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
