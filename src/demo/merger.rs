//! The one direct unit that ends while the programme is told of: 83 were counted in April 2022 and 82 in October 2023. Which one it was
//! is not published: a corporation union, inferred, whose units go to the sector union of its ministry. The day is ours.

use entity::enums::{Certainty, Operation};

use super::plan::{MERGED, MERGED_INTO};
use crate::access::{Caller, Viewer};
use crate::app::App;
use crate::audit::{self, Origin};
use crate::command::{Command, Work};
use crate::error::Result;
use crate::reorganisation::{Apply, DraftPlan, Input, Step, Targets};
use crate::store::Tx;

const ROOT: &str = "TLD";
const CODE: &str = "TLD-2023";
const NAME: &str = "Sáp nhập một công đoàn tổng công ty năm 2023 (mẫu)";
const REASON: &str = "Suy ra từ số đơn vị trực thuộc được công bố: 83 (4/2022), 82 (10/2023)";
const NOTE: &str = "inferred: 83 direct units were counted in April 2022, 82 in October 2023";

/// 15 September 2023, 08:00 in Vietnam: after the last decision and before the count.
const ENDED: i64 = 1_694_739_600_000;

/// Merges it, as the operator, who is ADMIN of the root, would have done then. Everything that happened before is stored, and nothing
/// that came after.
pub(super) async fn merge(loader: &App, tx: &Tx, operator: i64) -> Result<()> {
    let app = loader.at(ENDED);
    let caller = Caller { viewer: Viewer::of(operator), ..Caller::nobody() };
    let work = Work { app: &app, tx, caller: &caller, viewer: caller.viewer, account: operator };
    let input = Input {
        units: vec![MERGED.to_owned()],
        into: Some(MERGED_INTO.to_owned()),
        targets: Some(Targets::Keep),
        ..Input::default()
    };
    let step = Step {
        operation: Operation::Merge,
        input,
        certainty: Certainty::Low,
        held: false,
        note: Some(NOTE.to_owned()),
    };
    let draft = DraftPlan {
        code: CODE.to_owned(),
        version: None,
        unit: Some(ROOT.to_owned()),
        name: Some(NAME.to_owned()),
        reason: Some(REASON.to_owned()),
        effective_at: None,
        steps: Some(vec![step]),
    };
    done(&work, &draft).await?;
    done(&work, &Apply { code: CODE.to_owned(), version: 1 }).await
}

/// Runs a command in the transaction, with its line in the audit log.
async fn done<C: Command>(work: &Work<'_>, command: &C) -> Result<()> {
    let done = command.run(work).await?;
    audit::write(work.app, work.tx, &Origin::from(work.caller), C::NAME, &done).await
}
