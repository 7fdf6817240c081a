//! Roll-ups against targets, as clients see them.

use async_graphql::SimpleObject;

use super::connection::int;
use super::enums::TargetKind;
use crate::rollup;

/// How much of a target is reached (tỷ lệ hoàn thành).
#[derive(SimpleObject, Clone)]
pub struct Completion {
    /// How many.
    numerator: i32,
    /// Of how many.
    target: i32,
    /// Which target.
    kind: TargetKind,
    /// Numerator divided by target: 2.03 is 203%.
    ratio: f64,
}

impl Completion {
    pub fn of(completion: rollup::Completion) -> crate::error::Result<Completion> {
        let numerator = int(completion.numerator)?;
        let ratio = f64::from(numerator) / f64::from(completion.target);
        Ok(Completion { numerator, target: completion.target, kind: completion.kind.into(), ratio })
    }
}

/// How the direct units stand against their targets.
#[derive(SimpleObject, Clone)]
pub struct UnitsOverTarget {
    /// Strictly over their target.
    pub over: i32,
    /// With a target.
    pub with_target: i32,
    /// All of them.
    pub total: i32,
}
