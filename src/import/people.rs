//! People as an operator or a file names them: by e-mail address, phone number or account id.

use std::collections::HashMap;

use sea_orm::FromQueryResult;

use crate::account::{email_key, phone_key};
use crate::error::Result;
use crate::graphql::account_id;
use crate::store::Tx;

/// By what a person is named, in the form in which it is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Email(String),
    Phone(String),
    Id(i64),
}

impl Who {
    /// An e-mail address has an @, a phone number begins with + or 0; an id is as the API shows it, or the bare number.
    pub fn parse(text: &str) -> std::result::Result<Who, String> {
        let text = text.trim();
        if text.contains('@') {
            return email_key(text).map(Who::Email).map_err(|error| error.message.english());
        }
        if text.starts_with(['+', '0']) {
            return phone_key(text).map(Who::Phone).map_err(|error| error.message.english());
        }
        let id = text.parse().ok().filter(|id| *id > 0).or_else(|| account_id(text));
        id.map(Who::Id).ok_or_else(|| "this is no e-mail address, phone number or account id".to_owned())
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    key: String,
}

/// The accounts of those who have one.
pub async fn find(tx: &Tx, wanted: impl IntoIterator<Item = &Who>) -> Result<HashMap<Who, i64>> {
    let (mut emails, mut phones, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for who in wanted {
        match who {
            Who::Email(email) => emails.push(email),
            Who::Phone(phone) => phones.push(phone),
            Who::Id(id) => ids.push(*id),
        }
    }
    let mut found = HashMap::new();
    let keyed = [("email", emails, Who::Email as fn(String) -> Who), ("phone", phones, Who::Phone)];
    for (column, keys, who) in keyed {
        let mut sql = tx.sql(format!("SELECT id, {column} AS key FROM account WHERE "));
        let these = sql.any_text(column, &keys);
        sql.push(&these);
        found.extend(tx.all::<Row>(sql).await?.into_iter().map(|row| (who(row.key), row.id)));
    }
    let mut sql = tx.sql("SELECT id FROM account WHERE ");
    let these = sql.any_id("id", &ids);
    sql.push(&these);
    found.extend(tx.ids(sql).await?.into_iter().map(|id| (Who::Id(id), id)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_named_in_three_ways() {
        assert_eq!(Who::parse(" A@Example.org "), Ok(Who::Email("a@example.org".to_owned())));
        assert_eq!(Who::parse("0912 345 678"), Ok(Who::Phone("+84912345678".to_owned())));
        assert_eq!(Who::parse("+84912345678"), Ok(Who::Phone("+84912345678".to_owned())));
        assert_eq!(Who::parse("7423"), Ok(Who::Id(7423)));
        assert_eq!(Who::parse(&crate::graphql::account_node_id(7423)), Ok(Who::Id(7423)));
        for bad in ["", "Nguyễn A", "a@b", "0", "-7", "012"] {
            assert!(Who::parse(bad).is_err(), "{bad}");
        }
    }
}
