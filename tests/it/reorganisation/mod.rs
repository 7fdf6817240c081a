//! Reorganisations: what they do to figures, people and records, and who may do them.

mod acknowledged;
mod clients;
mod concurrent;
mod deeds;
mod desk;
mod faults;
mod invalid;
mod junk;
mod killed;
mod letters;
mod model;
mod plans;
mod races;
mod random;
mod records;
mod seeds;
mod targets;
