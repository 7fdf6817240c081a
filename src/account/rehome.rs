//! Members whose unit ends: they go with it, and stay members where they go. Other roles stay where they are.

use std::collections::{BTreeSet, HashMap};

use entity::enums::Role;
use entity::{reorganisation_home, role_grant};
use sea_orm::{ActiveEnum, FromQueryResult};

use crate::app::App;
use crate::error::Result;
use crate::store::{Conflict, Tx};

#[derive(FromQueryResult)]
struct Person {
    id: i64,
    unit_id: i64,
}

/// Whose members go.
pub struct Leaving<'a> {
    /// By which reorganisation.
    pub reorganisation: i64,
    /// Units of which everybody goes.
    pub units: &'a [i64],
    /// Others that some of their members leave.
    pub sources: &'a [i64],
    /// Accounts that are sent somewhere by name.
    pub sent: &'a [i64],
}

/// Sends them where `goes` says, by account and unit; answers how many went, and how many are members there now who were none.
pub async fn rehome(
    app: &App,
    tx: &Tx,
    leaving: &Leaving<'_>,
    goes: impl Fn(i64, i64) -> i64,
    at: i64,
) -> Result<(u64, u64)> {
    let mut sql = tx.sql("SELECT id, unit_id FROM account WHERE ");
    let (these, those) = (sql.any_id("unit_id", leaving.units), sql.any_id("id", leaving.sent));
    sql.push(&format!("unit_id IS NOT NULL AND ({these} OR {those})"));
    let people: Vec<Person> = tx.all(sql).await?;
    let mut homes: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut left = Vec::with_capacity(people.len());
    for person in &people {
        let home = goes(person.id, person.unit_id);
        homes.entry(home).or_default().push(person.id);
        left.push(reorganisation_home::Model {
            reorganisation_id: leaving.reorganisation,
            account_id: person.id,
            was_unit_id: person.unit_id,
            became_unit_id: home,
        });
    }
    tx.insert::<reorganisation_home::Entity>(&left, Conflict::Fail).await?;
    for (home, accounts) in homes {
        let mut sql = tx.sql("UPDATE account SET unit_id = ");
        let home = sql.bind(home);
        let these = sql.any_id("id", &accounts);
        sql.push(&format!("{home} WHERE {these}"));
        tx.run(sql).await?;
    }
    let sources: Vec<i64> = leaving.units.iter().chain(leaving.sources).copied().collect();
    let mut sql = tx.sql("SELECT * FROM role_grant WHERE role = ");
    let member = sql.bind(Role::Member.to_value());
    let these = sql.any_id("unit_id", &sources);
    sql.push(&format!("{member} AND {these}"));
    let grants: Vec<role_grant::Model> = tx.all(sql).await?;
    let moved = grants.into_iter().filter_map(|grant| {
        let unit_id = goes(grant.account_id, grant.unit_id);
        let id = app.new_id();
        (unit_id != grant.unit_id).then_some(role_grant::Model { id, unit_id, granted_at: at, ..grant })
    });
    let moved: Vec<role_grant::Model> = moved.collect();
    let grants = tx.insert::<role_grant::Entity>(&moved, Conflict::Keep).await?;
    Ok((people.len() as u64, grants))
}

/// Who is a MEMBER of the one unit becomes one of the other, too: account, from, to. Answers how many do.
pub async fn join_too(app: &App, tx: &Tx, authors: &BTreeSet<(i64, i64, i64)>, at: i64) -> Result<u64> {
    let accounts: Vec<i64> = authors.iter().map(|author| author.0).collect();
    let mut sql = tx.sql("SELECT * FROM role_grant WHERE role = ");
    let (member, these) = (sql.bind(Role::Member.to_value()), sql.any_id("account_id", &accounts));
    sql.push(&format!("{member} AND {these}"));
    let grants: Vec<role_grant::Model> = tx.all(sql).await?;
    let mut admitted = Vec::new();
    for (account_id, from, to) in authors.iter().copied() {
        if grants.iter().any(|grant| grant.account_id == account_id && grant.unit_id == from) {
            let (id, role) = (app.new_id(), Role::Member);
            admitted.push(role_grant::Model { id, account_id, unit_id: to, role, granted_at: at });
        }
    }
    tx.insert::<role_grant::Entity>(&admitted, Conflict::Keep).await
}

/// Takes back what [`rehome`] did at the instant for a reorganisation, before the units that it made end: whoever is still where it took
/// him goes back to where he was.
pub async fn go_back(tx: &Tx, reorganisation: i64, at: i64) -> Result<()> {
    let mut sql = tx.sql("UPDATE account SET unit_id = ");
    let (one, two) = (sql.bind(reorganisation), sql.bind(reorganisation));
    let left = |id: &str| {
        format!(
            "FROM reorganisation_home h WHERE h.reorganisation_id = {id} AND h.account_id = account.id \
             AND h.became_unit_id = account.unit_id"
        )
    };
    sql.push(&format!("(SELECT h.was_unit_id {}) WHERE EXISTS (SELECT 1 {})", left(&one), left(&two)));
    tx.run(sql).await?;
    // What was applied before homes were kept: members alone still tell where they were.
    let followed = |id: &str| {
        format!(
            "FROM unit_lineage l JOIN role_grant g ON g.unit_id = l.predecessor_id AND g.account_id = account.id \
             AND g.role = 'MEMBER' WHERE l.successor_id = account.unit_id AND l.valid_to IS NULL AND l.reorganisation_id = {id}"
        )
    };
    let mut sql = tx.sql("UPDATE account SET unit_id = ");
    let ids = [(); 3].map(|()| sql.bind(reorganisation));
    let [one, two, three] = &ids;
    sql.push(&format!(
        "(SELECT MIN(l.predecessor_id) {}) WHERE EXISTS (SELECT 1 {}) \
         AND NOT EXISTS (SELECT 1 FROM reorganisation_home h WHERE h.reorganisation_id = {three})",
        followed(one),
        followed(two)
    ));
    tx.run(sql).await?;
    let mut sql = tx.sql("DELETE FROM role_grant WHERE role = 'MEMBER' AND granted_at = ");
    let (at, id) = (sql.bind(at), sql.bind(reorganisation));
    sql.push(&format!("{at} AND unit_id IN (SELECT successor_id FROM unit_lineage WHERE reorganisation_id = {id})"));
    tx.run(sql).await?;
    Ok(())
}
