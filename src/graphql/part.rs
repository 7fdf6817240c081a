//! The parts of a breakdown.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};

use super::batches::UnitById;
use super::connection::int;
use super::enums::Dimension;
use super::error::expose;
use super::operation::operation;
use super::scalars::BigInt;
use super::unit::Unit;
use crate::access::{Aggregates, Viewer, aggregates};
use crate::programme::Definition;
use crate::rollup;

/// Whether the parts of a roll-up that shows this much, of a unit of that depth, are told: outside one's scope only those by one dimension, and by CHILD only
/// where the aggregates of the direct units show too.
pub fn shows_parts(
    viewer: Viewer,
    (in_scope, depth): (bool, i32),
    programme: &Definition,
    shown: Aggregates,
    by: &[rollup::Dimension],
) -> bool {
    let (visibility, level) = (programme.row.visibility, programme.row.public_level);
    let below = aggregates(viewer, in_scope, depth + 1, visibility, level);
    let too_deep = by.contains(&rollup::Dimension::Child) && below == Aggregates::None;
    shown == Aggregates::Whole || (by.len() <= 1 && !too_deep)
}

/// One part of a breakdown.
#[derive(Clone)]
pub struct RollupPart {
    part: Arc<rollup::Part>,
}

impl From<rollup::Part> for RollupPart {
    fn from(part: rollup::Part) -> RollupPart {
        RollupPart { part: Arc::new(part) }
    }
}

impl RollupPart {
    fn count(&self, measure: rollup::Measure) -> Result<i32> {
        int(self.part.measures.amount(measure)).map_err(expose)
    }
}

/// One part of a breakdown; additive measures of the parts add up to the whole.
#[Object]
impl RollupPart {
    /// What the part is, by each dimension.
    async fn keys(&self, ctx: &Context<'_>) -> Result<Vec<DimensionKey>> {
        let language = operation(ctx)?.caller.labels();
        let keys = self.part.keys.iter().map(|key| DimensionKey {
            dimension: key.dimension.into(),
            value: key.value.clone(),
            label: key.label.text(language),
        });
        Ok(keys.collect())
    }

    /// The direct unit of a CHILD part; null for SELF.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let Some(unit) = self.part.keys.iter().find_map(|key| key.unit) else { return Ok(None) };
        Ok(operation(ctx)?.load::<UnitById>(unit).await.map_err(expose)?.map(Unit))
    }

    /// Sent in and not withdrawn (đã gửi).
    pub async fn submitted(&self) -> Result<i32> {
        self.count(rollup::Measure::Submitted)
    }

    /// Waiting for a decision (chờ xét duyệt).
    pub async fn pending(&self) -> Result<i32> {
        self.count(rollup::Measure::Pending)
    }

    /// Given back to the authors (trả lại).
    pub async fn returned(&self) -> Result<i32> {
        self.count(rollup::Measure::Returned)
    }

    /// Approved (được công nhận).
    pub async fn approved(&self) -> Result<i32> {
        self.count(rollup::Measure::Approved)
    }

    /// Rejected (không được công nhận).
    pub async fn rejected(&self) -> Result<i32> {
        self.count(rollup::Measure::Rejected)
    }

    /// Approval taken away (bị hủy công nhận).
    pub async fn revoked(&self) -> Result<i32> {
        self.count(rollup::Measure::Revoked)
    }

    /// Claims of pending, returned and approved ones, VND (giá trị làm lợi).
    pub async fn claimed_benefit(&self) -> BigInt {
        BigInt(self.part.measures.tally.claimed())
    }

    /// Verified benefit of approved ones, VND.
    pub async fn verified_benefit(&self) -> BigInt {
        BigInt(self.part.measures.tally.verified)
    }

    /// Pending, returned and approved ones whose benefit cannot be computed.
    pub async fn benefit_not_computable(&self) -> Result<i32> {
        int(self.part.measures.tally.opaque()).map_err(expose)
    }

    /// Distinct persons with a counted initiative (người tham gia).
    pub async fn participants(&self) -> Result<i32> {
        self.count(rollup::Measure::Participants)
    }
}

/// What a part of a breakdown is by one dimension.
#[derive(SimpleObject, Clone)]
pub struct DimensionKey {
    /// The dimension.
    dimension: Dimension,
    /// A code, or SELF; null where the records have none.
    value: Option<String>,
    /// For people: in English where Accept-Language asks for it, otherwise in Vietnamese. Names without an English form stay
    /// Vietnamese.
    label: String,
}

impl DimensionKey {
    /// A value that is its own label.
    pub fn named(dimension: Dimension, value: String) -> DimensionKey {
        DimensionKey { dimension, label: value.clone(), value: Some(value) }
    }
}
