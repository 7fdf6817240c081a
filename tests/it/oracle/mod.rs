//! A slow model of the design's numbers, and random histories that compare the server with it.
//!
//! `BANYAN_ORACLE_SEEDS=100..120` runs these seeds in place of the fixed ones.

mod begin;
mod compare;
mod contests;
mod history;
mod instants;
mod model;
mod parts;
mod rules;
mod run;
mod standing;
mod step;
