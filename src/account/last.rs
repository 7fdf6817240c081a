//! The last ADMIN of a unit, and the last OPERATOR: not taken away by mistake, and at the root not at all.

use entity::enums::Role;
use entity::role_grant::Model;
use sea_orm::{ActiveEnum, FromQueryResult};

use crate::error::{ErrorCode, Result, UserError};
use crate::store::{RowLock, Sql, Tx};
use crate::text::message;

/// Holds the ADMIN and OPERATOR grants of the units where these grants are such, until the transaction ends: of two who take
/// away each other's the second one sees what the first one did.
pub async fn hold_admins(tx: &Tx, grants: &[Model]) -> Result<()> {
    let mut sql = tx.sql("SELECT r.id FROM role_grant r WHERE ");
    same_offices(&mut sql, grants);
    // In one order everywhere, or two would wait for each other.
    sql.push(&format!(" ORDER BY r.id{}", tx.dialect.row_lock(RowLock::Update)));
    tx.ids(sql).await?;
    Ok(())
}

/// Condition: r is an ADMIN or OPERATOR grant on a unit where one of the grants is such.
fn same_offices(sql: &mut Sql, grants: &[Model]) {
    let units: Vec<i64> = grants.iter().filter(|grant| is_office(grant.role)).map(|grant| grant.unit_id).collect();
    let these = sql.any_id("r.unit_id", &units);
    let (admin, operator) = (Role::Admin.to_value(), Role::Operator.to_value());
    sql.push(&format!("{these} AND r.role IN ('{admin}', '{operator}')"));
}

fn is_office(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Operator)
}

/// A role that nobody else has at its unit.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Last {
    pub role: Role,
    pub code: String,
    pub depth: i32,
}

/// Those of one person's grants that are the last ADMIN or OPERATOR of their unit. Somebody who was invited and never came counts
/// as nobody. Under [`hold_admins`].
pub async fn last_ones(tx: &Tx, grants: &[Model]) -> Result<Vec<Last>> {
    let mut sql = tx.sql("SELECT r.role, u.code, u.depth FROM role_grant r JOIN unit u ON u.id = r.unit_id WHERE ");
    let ids: Vec<i64> = grants.iter().map(|grant| grant.id).collect();
    same_offices(&mut sql, grants);
    let these = sql.any_id("r.id", &ids);
    let comes = |alias: &str| {
        format!(
            "NOT EXISTS (SELECT 1 FROM invitation n WHERE n.account_id = {alias}.account_id AND n.accepted_at IS NULL)"
        )
    };
    sql.push(&format!(
        " AND {these} AND {} AND NOT EXISTS (SELECT 1 FROM role_grant o WHERE o.unit_id = r.unit_id AND o.role = r.role \
         AND o.account_id <> r.account_id AND {}) ORDER BY u.depth, u.code, r.role",
        comes("r"),
        comes("o")
    ));
    tx.all(sql).await
}

/// What is wrong with taking these away, unless it is meant; at the root nobody can mean it.
pub fn check_last(last: &[Last], meant: bool) -> Result<()> {
    let errors: Vec<UserError> = last.iter().filter(|last| !meant || last.depth == 0).map(refusal).collect();
    if errors.is_empty() { Ok(()) } else { Err(crate::error::Error::User(errors)) }
}

fn refusal(last: &Last) -> UserError {
    let (role, unit) = (last.role.to_value(), &last.code);
    let message = if last.depth == 0 {
        message!("this is the last {role} of {unit}: appoint another one first", role, unit)
    } else {
        message!("this is the last {role} of {unit}: appoint another one first, or say evenIfLast", role, unit)
    };
    UserError::new(ErrorCode::LastAdmin, "", message)
}
