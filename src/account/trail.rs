//! Lines of the audit log for what is done before anybody is signed in, and so is no command.

use entity::enums::AuditObject;

use crate::access::{Caller, Credential, Pass, Roles, Viewer};
use crate::app::App;
use crate::audit::{self, About, Done, Origin};
use crate::error::{Error, Result};
use crate::store::Tx;

/// Something was done with a session of the account, by whoever holds it now.
pub(super) async fn done(app: &App, tx: &Tx, caller: &Caller, action: &str, account: i64, session: i64) -> Result<()> {
    let unit = unit_of(tx, account).await?;
    let credential = Credential::Session { session, token: 0 };
    let pass = Pass { credential, roles: Roles::ALL, within: None, ends_at: 0 };
    let caller = Caller { viewer: Viewer::by(account, pass), ..caller.clone() };
    audit::write(app, tx, &Origin::from(&caller), action, &Done::of(AuditObject::Session, session, unit)).await
}

/// Something was done to the account by whoever holds what opens it.
pub(super) async fn done_to_account(app: &App, tx: &Tx, caller: &Caller, action: &str, account: i64) -> Result<()> {
    let unit = unit_of(tx, account).await?;
    let caller = Caller { viewer: Viewer::of(account), ..caller.clone() };
    audit::write(app, tx, &Origin::from(&caller), action, &Done::of(AuditObject::Account, account, unit)).await
}

/// The unit that a person belongs to: whose business his coming and going is.
pub(super) async fn unit_of(tx: &Tx, account: i64) -> Result<Option<i64>> {
    let mut sql = tx.sql("SELECT unit_id AS id FROM account WHERE unit_id IS NOT NULL AND id = ");
    let id = sql.bind(account);
    sql.push(&id);
    Ok(tx.ids(sql).await?.pop())
}

/// Something was not done; hands its error back. The same statements, whether there is such an account or not.
pub async fn refused(app: &App, caller: &Caller, action: &str, account: Option<i64>, error: Error) -> Error {
    let about = About::Object(AuditObject::Account, account.unwrap_or(0));
    audit::record(app, caller, action, about, audit::outcome_of(&error), &audit::codes_of(&error)).await;
    error
}
