//! Reorganisations: what they do to figures, people and records, and who may do them.

mod deeds;
mod model;
mod plans;
mod random;
