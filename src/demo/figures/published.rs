//! The file of published figures.

use super::value::Printed;
use super::verdict::Qualifier;
use crate::error::{Error, Result};

const FILE: &str = include_str!("../../../data/published-figures.csv");

/// A row of the file.
pub struct Figure {
    pub id: String,
    as_of: String,
    unit: String,
    measure: String,
    dimension: String,
    pub value: Printed,
    pub qualifier: Qualifier,
    pub measured_in: String,
}

impl Figure {
    pub fn what(&self) -> String {
        let words = [&self.as_of, &self.unit, &self.measure, &self.dimension].map(|word| word.trim());
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The value with its qualifier, as it was published.
    pub fn said(&self) -> String {
        let value = self.value.text();
        match self.qualifier {
            Qualifier::Exact => value,
            Qualifier::MoreThan => format!("more than {value}"),
            Qualifier::AtLeast => format!("at least {value}"),
            Qualifier::Approximately => format!("about {value}"),
        }
    }
}

/// Every figure, in the file's order.
pub fn published() -> Result<Vec<Figure>> {
    let wrong = |what: String| Error::Internal(format!("published-figures.csv: {what}"));
    let mut reader = csv::Reader::from_reader(FILE.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.map_err(|error| wrong(error.to_string()))?;
        let cell = |column: usize| row.get(column).unwrap_or_default().to_owned();
        Ok(Figure {
            id: cell(0),
            as_of: cell(1),
            unit: if cell(3).is_empty() { cell(4) } else { cell(3) },
            measure: cell(5),
            dimension: cell(6),
            value: Printed::read(&cell(7))?,
            qualifier: Qualifier::read(&cell(8)).ok_or_else(|| wrong(format!("{} has no known qualifier", cell(0))))?,
            measured_in: cell(9),
        })
    });
    rows.collect()
}

/// Whether there is a hundredth of it at the small scale: of initiatives and people, not of days, ranks, percentages or money.
pub fn is_scaled(measured_in: &str) -> bool {
    ["initiative", "person", "submission"].contains(&measured_in)
}
