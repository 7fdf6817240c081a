//! What is wrong with a file.

use std::fmt;

use crate::error::{Error, UserError};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Line of the file, the header being 1; 0: the file as a whole.
    pub line: u64,
    pub column: Option<&'static str>,
    pub reason: String,
}

impl Fault {
    /// Of the file as a whole.
    pub fn of_file(reason: impl Into<String>) -> Fault {
        Fault { line: 0, column: None, reason: reason.into() }
    }

    /// Of a line as a whole.
    pub fn of_line(line: u64, reason: impl Into<String>) -> Fault {
        Fault { line, column: None, reason: reason.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.reason),
            (line, None) => write!(f, "line {line}: {}", self.reason),
            (line, Some(column)) => write!(f, "line {line}, column {column}: {}", self.reason),
        }
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The file is wrong; in the order of its lines.
    Faults(Vec<Fault>),
    Failed(Error),
}

impl Refused {
    /// A transaction that has drawn its events' instant must end soon, so that no answer about a past instant changes.
    pub fn too_long(error: Error) -> Refused {
        match error {
            Error::Busy => {
                Fault::of_file("these are too many lines for one transaction: split the file (lines that are there already are skipped)").into()
            }
            other => Refused::Failed(other),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Failed(error)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Faults(vec![fault])
    }
}

/// Collects everything that is wrong with a file.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, line: u64, column: &'static str, reason: impl Into<String>) {
        self.0.push(Fault { line, column: Some(column), reason: reason.into() });
    }

    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Keeps the value, or notes what is wrong with it.
    pub fn take<T>(&mut self, line: u64, column: &'static str, parsed: Result<T, impl Into<Reason>>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(reason) => {
                self.add(line, column, reason.into().0);
                None
            }
        }
    }

    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    pub fn finish(mut self) -> Result<(), Refused> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort();
        Err(Refused::Faults(self.0))
    }
}

/// Why a cell is wrong, in words.
pub struct Reason(String);

impl From<String> for Reason {
    fn from(reason: String) -> Self {
        Reason(reason)
    }
}

impl From<UserError> for Reason {
    fn from(error: UserError) -> Self {
        Reason(error.message.english())
    }
}
