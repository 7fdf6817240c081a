//! The initiatives of the file that the database has.

use std::collections::HashMap;

use entity::initiative::Model;

use super::CODE;
use crate::error::Result;
use crate::import::sheet::Sheet;
use crate::initiative::{Authorship, authors};
use crate::store::Tx;

pub struct Existing {
    pub row: Model,
    /// The first author first.
    pub authors: Vec<Authorship>,
}

/// By code.
pub async fn existing(tx: &Tx, sheet: &Sheet) -> Result<HashMap<String, Existing>> {
    let codes: Vec<&str> = sheet.lines().map(|line| line.cell(CODE)).collect();
    let mut sql = tx.sql("SELECT * FROM initiative WHERE ");
    let these = sql.any_text("code", &codes);
    sql.push(&these);
    let rows: Vec<Model> = tx.all(sql).await?;
    let mut authors = authors(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let known = rows.into_iter().map(|row| {
        let authors = authors.remove(&row.id).unwrap_or_default();
        (row.code.clone(), Existing { row, authors })
    });
    Ok(known.collect())
}
