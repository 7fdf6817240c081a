//! The only doors to an account's row, and how much of it shows.

use std::collections::HashMap;
use std::sync::Arc;

use entity::account::Model;
use sea_orm::FromQueryResult;

use crate::access::{Right, Viewer, covered};
use crate::error::Result;
use crate::store::{Sql, Tx};

/// An account that shows to its viewer.
#[derive(Clone, Debug)]
pub struct SeenAccount {
    pub row: Model,
    /// Whether e-mail and phone show too: to the person and to the admins over him.
    pub contact: bool,
    /// Whether the account waits for its person: e-mail and phone are what the inviter wrote down, and nobody's way in yet.
    pub invited: bool,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    account: Model,
    contact: bool,
    invited: bool,
    invited_email: Option<String>,
    invited_phone: Option<String>,
}

impl Row {
    /// What the inviter wrote down shows as contact while the account waits, whoever else has it.
    fn seen(self) -> SeenAccount {
        let mut row = self.account;
        row.email = row.email.or(self.invited_email);
        row.phone = row.phone.or(self.invited_phone);
        SeenAccount { row, contact: self.contact, invited: self.invited }
    }
}

/// Those of the accounts whose names show to the viewer beside a record that he may read: his own, those of people of units
/// that he reads records of, and those who consented; one statement.
pub async fn named(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenAccount>>> {
    let mut sql = tx.sql("");
    let records = covered(&mut sql, viewer, Right::ReadRecords, "a.unit_id");
    let approved = covered(&mut sql, viewer, Right::ReadApproved, "a.unit_id");
    load(tx, sql, viewer, ids, &format!("(a.consent OR {records} OR {approved})")).await
}

/// Those of the accounts that the viewer may open by themselves: his own, and those of people he is an admin over.
pub async fn with_contact(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenAccount>>> {
    let sql = tx.sql("");
    load(tx, sql, viewer, ids, "FALSE").await
}

/// Those of the accounts that hold a grant on a unit that the viewer is an admin over: whoever sees the grant sees its holder.
pub async fn officers(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenAccount>>> {
    let mut sql = tx.sql("");
    let people = covered(&mut sql, viewer, Right::ReadPeople, "r.unit_id");
    let shown = holds_where(tx, &people);
    load(tx, sql, viewer, ids, &shown).await
}

/// Those of the accounts whose names show beside a line of the audit log: those that show beside a record, and those that hold a
/// grant on a unit that the viewer is an admin over.
pub async fn actors(tx: &Tx, viewer: Viewer, ids: &[i64]) -> Result<HashMap<i64, Arc<SeenAccount>>> {
    let mut sql = tx.sql("");
    let records = covered(&mut sql, viewer, Right::ReadRecords, "a.unit_id");
    let approved = covered(&mut sql, viewer, Right::ReadApproved, "a.unit_id");
    let people = covered(&mut sql, viewer, Right::ReadPeople, "r.unit_id");
    let holds = holds_where(tx, &people);
    load(tx, sql, viewer, ids, &format!("(a.consent OR {records} OR {approved} OR {holds})")).await
}

/// A condition: the account holds a grant that the condition on `r` is true of. Asked row by row.
fn holds_where(tx: &Tx, condition: &str) -> String {
    let end = tx.dialect.row_by_row();
    format!("EXISTS (SELECT 1 FROM role_grant r WHERE r.account_id = a.id AND {condition}{end})")
}

async fn load(
    tx: &Tx,
    mut sql: Sql,
    viewer: Viewer,
    ids: &[i64],
    shown: &str,
) -> Result<HashMap<i64, Arc<SeenAccount>>> {
    let me = sql.bind(viewer.id_or_zero());
    let people = covered(&mut sql, viewer, Right::ReadPeople, "a.unit_id");
    let these = sql.any_id("a.id", ids);
    let contact = format!("(a.id = {me} OR {people})");
    sql.push(&format!(
        "SELECT a.*, {contact} AS contact, n.account_id IS NOT NULL AS invited, n.email AS invited_email, \
         n.phone AS invited_phone FROM account a \
         LEFT JOIN invitation n ON n.account_id = a.id AND n.accepted_at IS NULL WHERE {these} AND ({contact} OR {shown})"
    ));
    let rows = tx.all::<Row>(sql).await?;
    Ok(rows.into_iter().map(|row| (row.account.id, Arc::new(row.seen()))).collect())
}

/// The unit that the account belongs to, for the audit log.
pub async fn home(tx: &Tx, account: i64) -> Result<Option<i64>> {
    let mut sql = tx.sql("SELECT unit_id AS id FROM account WHERE unit_id IS NOT NULL AND id = ");
    let account = sql.bind(account);
    sql.push(&account);
    Ok(tx.ids(sql).await?.pop())
}

/// Which of the ids are accounts of persons who are there: neither erased nor waited for. Whom one sees is not asked: authors come
/// from several units, and hand their ids to each other. An id is 63 random bits that nobody finds by trying: whoever knows one was
/// given it, and learns no more here than that it still stands for somebody.
pub async fn find_for_mention(tx: &Tx, ids: &[i64]) -> Result<Vec<i64>> {
    let mut sql = tx.sql("SELECT a.id FROM account a WHERE ");
    let these = sql.any_id("a.id", ids);
    sql.push(&format!(
        "{these} AND a.erased_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM invitation n WHERE n.account_id = a.id AND n.accepted_at IS NULL)"
    ));
    tx.ids(sql).await
}
