//! What a breakdown goes by.

use super::calendar::Period;

/// A property of an initiative, or of its unit, that splits a roll-up into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The direct units, and SELF.
    Child,
    Level,
    Kind,
    Phase,
    Group,
    Bloc,
    Sector,
    State,
    /// Of the local day of first submission.
    Day,
    Week,
    Month,
}

impl Dimension {
    pub fn period(self) -> Option<Period> {
        match self {
            Dimension::Day => Some(Period::Day),
            Dimension::Week => Some(Period::Week),
            Dimension::Month => Some(Period::Month),
            _ => None,
        }
    }
}
