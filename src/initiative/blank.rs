//! Drafts of somebody who is erased: the text goes where nobody else is an author, the row and its events stay.

use crate::error::Result;
use crate::store::Tx;
use crate::text;

/// What stands in a title's place.
const GONE: &str = "–";

/// Takes the text out of what the person wrote down alone and never sent in. Nothing of it has ever counted.
pub async fn blank_drafts(tx: &Tx, account: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE initiative SET title = ");
    let title = sql.bind(GONE);
    let (lower, folded, sort) =
        (sql.bind(text::lower(GONE)), sql.bind(text::fold(GONE)), sql.bind(text::sort_key(GONE)));
    let account = sql.bind(account);
    sql.push(&format!(
        "{title}, title_lower = {lower}, title_folded = {folded}, title_sort = {sort}, summary = NULL, \
         claimed_benefit = NULL, benefit_note = NULL, recognition_number = NULL, recognition_authority = NULL, \
         recognition_on = NULL WHERE first_author_id = {account} AND submitted_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM initiative_author a JOIN account o ON o.id = a.account_id \
         WHERE a.initiative_id = initiative.id AND a.account_id <> {account} AND o.erased_at IS NULL)"
    ));
    tx.run(sql).await?;
    Ok(())
}
