//! What a plan changes, as the API tells it.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};

use super::told;
use crate::graphql::scalars::{BigInt, DateTime};
use crate::reorganisation::{Report, UnitReport};

/// What a plan changes.
pub struct ReorganisationReport {
    pub report: Arc<Report>,
}

fn int(n: u64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What a plan changes, in figures. Codes are told of the first thousand of each kind.
#[Object]
impl ReorganisationReport {
    /// The version of the plan that was tried.
    async fn version(&self) -> i32 {
        self.report.version
    }

    /// When.
    async fn at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        told(ctx, self.report.at)
    }

    /// Units that are made.
    async fn made(&self) -> UnitsTold {
        UnitsTold::of(&self.report.made)
    }

    /// Units that get another parent.
    async fn moved(&self) -> UnitsTold {
        UnitsTold::of(&self.report.moved)
    }

    /// Units that end.
    async fn ended(&self) -> UnitsTold {
        UnitsTold::of(&self.report.ended)
    }

    /// Units that live again.
    async fn reestablished(&self) -> UnitsTold {
        UnitsTold::of(&self.report.reestablished)
    }

    /// Units that get another name.
    async fn renamed(&self) -> UnitsTold {
        UnitsTold::of(&self.report.renamed)
    }

    /// Units that get another code.
    async fn recoded(&self) -> UnitsTold {
        UnitsTold::of(&self.report.recoded)
    }

    /// Members of units that end, who go to who follows them.
    async fn members(&self) -> i32 {
        int(self.report.members)
    }

    /// Grants of MEMBER that they get there; all other grants stay where they are.
    async fn grants(&self) -> i32 {
        int(self.report.grants)
    }

    /// Drafts that go to who follows their unit.
    async fn drafts(&self) -> i32 {
        int(self.report.drafts)
    }

    /// Targets that are set.
    async fn targets(&self) -> i32 {
        int(self.report.targets)
    }

    /// Memberships of clusters that end.
    async fn memberships(&self) -> i32 {
        int(self.report.memberships)
    }

    /// Units before and after, in every programme: those high up that change, and those that were asked for.
    async fn units(&self) -> Vec<UnitChange> {
        self.report.units.iter().map(UnitChange::of).collect()
    }
}

/// How many units, and which.
#[derive(SimpleObject)]
pub struct UnitsTold {
    /// How many.
    count: i32,
    /// The codes of the first thousand.
    codes: Vec<String>,
}

impl UnitsTold {
    fn of(units: &crate::reorganisation::Units) -> UnitsTold {
        UnitsTold { count: int(units.count), codes: units.codes.clone() }
    }
}

/// A unit before and after, in one programme.
#[derive(SimpleObject)]
pub struct UnitChange {
    /// Its code, afterwards.
    unit: String,
    /// Its name, afterwards.
    name: String,
    /// Code of the programme.
    programme: String,
    /// Before; null: it did not exist.
    before: Option<UnitStanding>,
    /// After; null: it has ended.
    after: Option<UnitStanding>,
}

impl UnitChange {
    fn of(report: &UnitReport) -> UnitChange {
        UnitChange {
            unit: report.unit.clone(),
            name: report.name.clone(),
            programme: report.programme.clone(),
            before: report.before.map(UnitStanding),
            after: report.after.map(UnitStanding),
        }
    }
}

/// A unit's numbers in one programme.
pub struct UnitStanding(crate::reorganisation::Standing);

fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// A unit's numbers in one programme, itself and everything below it.
#[Object]
impl UnitStanding {
    /// Sent in and not withdrawn.
    async fn submitted(&self) -> i32 {
        count(self.0.submitted)
    }

    /// Waiting for a decision.
    async fn pending(&self) -> i32 {
        count(self.0.pending)
    }

    /// Approved.
    async fn approved(&self) -> i32 {
        count(self.0.approved)
    }

    /// Claims, VND.
    async fn claimed_benefit(&self) -> BigInt {
        BigInt(self.0.claimed_benefit)
    }

    /// Verified benefit, VND.
    async fn verified_benefit(&self) -> BigInt {
        BigInt(self.0.verified_benefit)
    }

    /// Distinct persons.
    async fn participants(&self) -> i32 {
        count(self.0.participants)
    }

    /// GUIDELINE target, else REGISTERED, of the whole programme.
    async fn target(&self) -> Option<i32> {
        self.0.target
    }

    /// Place among its siblings by APPROVED.
    async fn rank(&self) -> Option<i32> {
        self.0.rank.map(count)
    }
}
