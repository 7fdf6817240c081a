//! The accounts to try the server with, one for each role.

use entity::enums::Role;
use sea_orm::FromQueryResult;

use crate::error::{Error, Result};
use crate::store::Tx;

/// A kind of user, with the account that plays it.
pub(super) struct Sort {
    pub key: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub role: Role,
}

const fn sort(key: &'static str, name: &'static str, email: &'static str, role: Role) -> Sort {
    Sort { key, name, email, role }
}

pub(super) const OPERATOR: Sort = sort("operator", "Điều hành viên mẫu", "operator@example.org", Role::Operator);
pub(super) const ANALYST: Sort = sort("analyst", "Cán bộ phân tích mẫu", "analyst@example.org", Role::Analyst);
pub(super) const ADMIN: Sort = sort("admin", "Quản trị viên mẫu", "admin@example.org", Role::Admin);
pub(super) const REVIEWER: Sort = sort("reviewer", "Người thẩm định mẫu", "reviewer@example.org", Role::Reviewer);
pub(super) const MEMBER: Sort = sort("member", "Đoàn viên mẫu", "member@example.org", Role::Member);

/// One of the accounts, as it stands in the database.
#[derive(Clone, Debug)]
pub struct Part {
    pub key: &'static str,
    pub account: i64,
    pub name: String,
    pub role: Role,
    pub unit_code: String,
    pub unit_name: String,
}

#[derive(FromQueryResult)]
struct Row {
    email: String,
    account: i64,
    name: String,
    unit_code: String,
    unit_name: String,
}

/// The five accounts with their units.
pub async fn cast(tx: &Tx) -> Result<Vec<Part>> {
    let sorts = [OPERATOR, ANALYST, ADMIN, REVIEWER, MEMBER];
    let emails: Vec<&str> = sorts.iter().map(|sort| sort.email).collect();
    let mut sql = tx.sql(
        "SELECT a.email, a.id AS account, a.display_name AS name, u.code AS unit_code, u.name AS unit_name \
         FROM account a JOIN unit u ON u.id = a.unit_id WHERE ",
    );
    let these = sql.any_text("a.email", &emails);
    sql.push(&these);
    let rows: Vec<Row> = tx.all(sql).await?;
    let parts = sorts.into_iter().map(|sort| {
        let row = rows.iter().find(|row| row.email == sort.email);
        let row = row.ok_or_else(|| Error::Internal(format!("the demo's account {} is missing", sort.email)))?;
        Ok(Part {
            key: sort.key,
            account: row.account,
            name: row.name.clone(),
            role: sort.role,
            unit_code: row.unit_code.clone(),
            unit_name: row.unit_name.clone(),
        })
    });
    parts.collect()
}
