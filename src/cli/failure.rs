//! What a command says when it does not do what was asked: one or a few clear lines on stderr.

use std::io::Write;

use crate::error::Error;

pub type Outcome<T = ()> = Result<T, Failure>;

/// The lines to print.
#[derive(Debug)]
pub struct Failure(Vec<String>);

impl Failure {
    pub fn print(&self) {
        let mut stderr = std::io::stderr().lock();
        for line in &self.0 {
            // There is nowhere left to say that stderr is closed.
            let _ = writeln!(stderr, "error: {line}");
        }
    }
}

impl From<String> for Failure {
    fn from(line: String) -> Self {
        Failure(vec![line])
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::User(errors) => Failure(errors.into_iter().map(|error| error.message.english()).collect()),
            other => Failure(vec![other.to_string()]),
        }
    }
}
