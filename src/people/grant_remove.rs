//! `grantRemove`: a role taken away, or given up.

use entity::enums::AuditObject;
use entity::role_grant::Model;
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::grant_add::granted;
use crate::access::{Right, places};
use crate::account::{check_last, grants_by_id, hold_admins, last_ones};
use crate::command::{About, Command, Done, Work};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::text::message;

#[derive(Clone, Debug, Serialize)]
pub struct GrantRemove {
    pub id: i64,
    /// Also where no ADMIN is left at the unit itself.
    pub even_if_last: bool,
}

impl Command for GrantRemove {
    const NAME: &'static str = "grantRemove";

    fn about(&self) -> About<'_> {
        About::Object(AuditObject::Grant, self.id)
    }

    async fn run(&self, work: &Work<'_>) -> Result<Done> {
        let (tx, viewer) = (work.tx, work.viewer);
        viewer.in_person()?;
        let grant = self.find(work).await?;
        hold_admins(tx, std::slice::from_ref(&grant)).await?;
        // Again, now that nobody else changes it: of two admins who take away each other's role one comes second.
        let grant = self.find(work).await?;
        let places = places(tx, viewer, &[grant.unit_id]).await?;
        let may = places.values().any(|places| places.permit(Right::Grant(grant.role)));
        if grant.account_id != work.account && !may {
            return Err(Error::Forbidden(message!("you have no role at this unit or above that allows this")));
        }
        remove(tx, &grant, self.even_if_last).await?;
        Ok(granted(grant.id, grant.account_id, grant.unit_id).field("role", Some(grant.role.to_value()), None))
    }
}

impl GrantRemove {
    async fn find(&self, work: &Work<'_>) -> Result<Model> {
        grants_by_id(work.tx, work.viewer, &[self.id]).await?.remove(&self.id).ok_or_else(Error::id_not_found)
    }
}

/// Takes the grant away, the last ADMIN of a unit only if that is meant. Under [`hold_admins`]; whoever calls it
/// has decided that it may be.
pub async fn remove(tx: &Tx, grant: &Model, even_if_last: bool) -> Result<()> {
    check_last(&last_ones(tx, std::slice::from_ref(grant)).await?, even_if_last)?;
    let mut sql = tx.sql("DELETE FROM role_grant WHERE id = ");
    let id = sql.bind(grant.id);
    sql.push(&id);
    match tx.run(sql).await? {
        0 => Err(Error::id_not_found()),
        _ => Ok(()),
    }
}
