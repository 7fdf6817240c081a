//! Authority over a person: over his unit and every single role that he holds, or over oneself.

use entity::account::Model;
use entity::role_grant;

use super::find::officers;
use super::hold::hold;
use super::last::hold_admins;
use crate::access::{Right, Viewer, places};
use crate::command::Work;
use crate::error::{Error, Result};
use crate::store::{RowLock, Tx};
use crate::text::message;

/// The account, held, for something that its person does for himself or somebody with authority over him: NOT_FOUND where the
/// viewer does not see the person, FORBIDDEN where he does and the right is missing at the person's unit, or the right to take
/// away one of his roles. Whoever may reset an account could act by it: so all of its roles count, wherever they are.
pub async fn find_for(work: &Work<'_>, id: i64, right: Right) -> Result<Model> {
    let (tx, viewer) = (work.tx, work.viewer);
    viewer.in_person()?;
    let row = hold(tx, id, RowLock::Update).await?;
    let grants = grants_of(tx, id).await?;
    // Then what the viewer holds is read: of two admins who do this to each other one comes second.
    hold_admins(tx, &grants).await?;
    let seen = officers(tx, viewer, &[id]).await?.contains_key(&id);
    let row = row.filter(|_| seen).ok_or_else(Error::id_not_found)?;
    if id == work.account || has_authority(tx, viewer, &row, &grants, right).await? {
        Ok(row)
    } else {
        Err(Error::Forbidden(message!("you have no authority over all roles of this account")))
    }
}

async fn has_authority(
    tx: &Tx,
    viewer: Viewer,
    row: &Model,
    grants: &[role_grant::Model],
    right: Right,
) -> Result<bool> {
    let Some(home) = row.unit_id else { return Ok(false) };
    let mut units: Vec<i64> = grants.iter().map(|grant| grant.unit_id).collect();
    units.push(home);
    let places = places(tx, viewer, &units).await?;
    let may = |unit, right| places.get(&unit).is_some_and(|places| places.permit(right));
    Ok(may(home, right) && grants.iter().all(|grant| may(grant.unit_id, Right::Grant(grant.role))))
}

/// Every role of the person, wherever it is. For decisions about him; what of it shows to whom is [`super::grants_by_id`].
pub async fn grants_of(tx: &Tx, account: i64) -> Result<Vec<role_grant::Model>> {
    let mut sql = tx.sql("SELECT * FROM role_grant WHERE account_id = ");
    let account = sql.bind(account);
    sql.push(&format!("{account} ORDER BY granted_at, id"));
    tx.all(sql).await
}
