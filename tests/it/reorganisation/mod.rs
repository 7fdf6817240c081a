//! Reorganisations: what they do to figures, people and records, and who may do them.

mod deeds;
mod faults;
mod invalid;
mod junk;
mod model;
mod plans;
mod races;
mod random;
mod seeds;
