//! `grantAdd`: a role at a unit for a person whom the giver sees.

use entity::enums::{AuditObject, Role};
use entity::role_grant::{Entity, Model};
use sea_orm::ActiveEnum;
use serde::Serialize;

use crate::access::Right;
use crate::account::{hold, officers};
use crate::app::App;
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, ErrorCode, Result};
use crate::store::{Conflict, RowLock, Tx};
use crate::text::message;
use crate::unit;

#[derive(Clone, Debug, Serialize)]
pub struct GrantAdd {
    pub account: i64,
    pub unit: String,
    #[serde(serialize_with = "super::role_as_text")]
    pub role: Role,
}

impl Command for GrantAdd {
    const NAME: &'static str = "grantAdd";

    fn about(&self) -> About<'_> {
        About::Unit(&self.unit)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (tx, viewer) = (work.tx, work.viewer);
        viewer.in_person()?;
        let unit = unit::find_for(tx, viewer, &self.unit, Right::Grant(self.role)).await?;
        // Others are invited: they decide themselves whether they come, and to have an id is not to know a person.
        let there = hold(tx, self.account, RowLock::Share).await?.is_some();
        if !there || !officers(tx, viewer, &[self.account]).await?.contains_key(&self.account) {
            return Err(Error::id_not_found());
        }
        if self.account == work.account {
            return Err(Error::user(ErrorCode::OwnAccount, "account", message!("nobody gives a role to himself")));
        }
        let id = add(work.app, tx, self.account, unit.id, self.role).await?;
        Ok(granted(id, self.account, unit.id).field("role", None, Some(self.role.to_value())))
    }
}

/// What the log says of a grant: whose it is, and where.
pub(super) fn granted(id: i64, account: i64, unit: i64) -> Done {
    Done::of(AuditObject::Grant, id, unit).always("account", None, Some(account))
}

/// Gives the role, if the person does not have it already; answers the grant's id. Whoever calls it has decided that it may be.
pub async fn add(app: &App, tx: &Tx, account_id: i64, unit_id: i64, role: Role) -> Result<i64> {
    let row = Model { id: app.new_id(), account_id, unit_id, role, granted_at: app.now() };
    tx.insert::<Entity>(&[row], Conflict::Keep).await?;
    let mut sql = tx.sql("SELECT id FROM role_grant WHERE account_id = ");
    let (account, unit, role) = (sql.bind(account_id), sql.bind(unit_id), sql.bind(role.to_value()));
    sql.push(&format!("{account} AND unit_id = {unit} AND role = {role}"));
    // Somebody took it away at this very moment: once more.
    tx.ids(sql).await?.pop().ok_or(Error::Busy)
}
