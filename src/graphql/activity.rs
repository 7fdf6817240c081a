//! What happened in a day, week or month.

use async_graphql::{Result, SimpleObject};

use super::connection::int;
use super::enums::Dimension;
use super::error::expose;
use super::part::DimensionKey;
use crate::rollup::Activity;

/// The events of one period, by their own local day.
#[derive(SimpleObject, Clone)]
pub struct ActivityPart {
    /// The period.
    key: DimensionKey,
    /// First submissions.
    submitted: i32,
    /// Approvals.
    approved: i32,
    /// Rejections.
    rejected: i32,
    /// Given back to the authors.
    returned: i32,
    /// Withdrawn by the authors.
    withdrawn: i32,
    /// Approvals taken away.
    revoked: i32,
}

impl ActivityPart {
    pub fn of(by: Dimension, value: String, activity: Activity) -> Result<ActivityPart> {
        let int = |n| int(n).map_err(expose);
        Ok(ActivityPart {
            key: DimensionKey::named(by, value),
            submitted: int(activity.submitted)?,
            approved: int(activity.approved)?,
            rejected: int(activity.rejected)?,
            returned: int(activity.returned)?,
            withdrawn: int(activity.withdrawn)?,
            revoked: int(activity.revoked)?,
        })
    }
}
