//! Writing to stdout. A reader that has seen enough (`banyan schema | head`) is no error.

use std::io::{ErrorKind, Write};

use super::failure::Outcome;

/// Writes the text as it is.
pub fn text(text: &str) -> Outcome {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write to stdout: {error}").into()),
        _ => Ok(()),
    }
}

/// Writes one line.
pub fn line(line: impl std::fmt::Display) -> Outcome {
    text(&format!("{line}\n"))
}

/// Writes a value as one line of JSON.
pub fn json(value: &serde_json::Value) -> Outcome {
    line(value)
}
