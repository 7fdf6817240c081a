//! What a breakdown goes by.

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
}
