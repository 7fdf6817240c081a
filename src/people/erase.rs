//! `accountErase`: the person goes, the counts stay.

use entity::enums::AuditObject;
use serde::Serialize;

use crate::access::Right;
use crate::account::{check_last, erase_account, find_for, grants_of, hold_admins, last_ones};
use crate::app::App;
use crate::audit;
use crate::command::{About, Command, Done, Work};
use crate::error::Result;
use crate::initiative::blank_drafts;
use crate::store::Tx;

#[derive(Clone, Debug, Serialize)]
pub struct AccountErase {
    pub id: i64,
    /// Also where a unit is left without an ADMIN of its own.
    pub even_if_last: bool,
}

impl Command for AccountErase {
    const NAME: &'static str = "accountErase";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Account, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let row = find_for(work, self.id, Right::Erase).await?;
        erase(work.app, work.tx, self.id, self.even_if_last).await?;
        Ok(Done::of(AuditObject::Account, self.id, row.unit_id))
    }
}

/// Takes away the person's names and addresses, every way in, every role, and the text of drafts that nobody else is an author
/// of. What was sent in stays as it was, its author a number: it belongs to the unit, and every count stays. Under a lock on the
/// account; whoever calls it has decided that it may be.
pub async fn erase(app: &App, tx: &Tx, account: i64, even_if_last: bool) -> Result<()> {
    let grants = grants_of(tx, account).await?;
    hold_admins(tx, &grants).await?;
    check_last(&last_ones(tx, &grants).await?, even_if_last)?;
    blank_drafts(tx, account).await?;
    erase_account(app, tx, account).await?;
    // What the audit log says of him are hashes: they mean nothing from now on.
    audit::forget(tx, account).await
}
