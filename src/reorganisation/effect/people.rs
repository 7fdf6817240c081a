//! People of units that end: members go with their records, or where a split sends them, and stay members there. Other roles stay
//! where they are: they go on reading the past, and a successor appoints its own.

use std::collections::HashMap;

use entity::enums::Role;
use entity::role_grant;
use sea_orm::{ActiveEnum, FromQueryResult};

use super::{Deed, Touched};
use crate::error::Result;
use crate::reorganisation::sketch::{Sketch, Sketched};
use crate::store::Conflict;
use crate::unit::restructure::Moment;

#[derive(FromQueryResult)]
struct Person {
    id: i64,
    unit_id: i64,
}

pub async fn rehome(deed: &Deed<'_>, sketch: &Sketch, moment: Moment) -> Result<Touched> {
    let tx = deed.tx;
    let ended = sketch.those(Sketched::ends);
    let sent: Vec<i64> = sketch.members.keys().copied().collect();
    let mut sql = tx.sql("SELECT id, unit_id FROM account WHERE ");
    let (these, those) = (sql.any_id("unit_id", &ended), sql.any_id("id", &sent));
    sql.push(&format!("unit_id IS NOT NULL AND ({these} OR {those})"));
    let people: Vec<Person> = tx.all(sql).await?;
    let goes =
        |account: i64, unit: i64| sketch.members.get(&account).copied().unwrap_or_else(|| sketch.seat(unit, false));
    let mut homes: HashMap<i64, Vec<i64>> = HashMap::new();
    for person in &people {
        homes.entry(goes(person.id, person.unit_id)).or_default().push(person.id);
    }
    for (home, accounts) in homes {
        let mut sql = tx.sql("UPDATE account SET unit_id = ");
        let home = sql.bind(home);
        let these = sql.any_id("id", &accounts);
        sql.push(&format!("{home} WHERE {these}"));
        tx.run(sql).await?;
    }
    let sources: Vec<i64> = ended.iter().copied().chain(sketch.lineage.iter().map(|(from, _)| *from)).collect();
    let mut sql = tx.sql("SELECT * FROM role_grant WHERE role = ");
    let member = sql.bind(Role::Member.to_value());
    let these = sql.any_id("unit_id", &sources);
    sql.push(&format!("{member} AND {these}"));
    let grants: Vec<role_grant::Model> = tx.all(sql).await?;
    let grants: Vec<role_grant::Model> = grants
        .into_iter()
        .filter_map(|grant| {
            let unit_id = goes(grant.account_id, grant.unit_id);
            let id = deed.app.new_id();
            (unit_id != grant.unit_id).then_some(role_grant::Model {
                id,
                unit_id,
                granted_at: moment.recorded,
                ..grant
            })
        })
        .collect();
    let grants = tx.insert::<role_grant::Entity>(&grants, Conflict::Keep).await?;
    Ok(Touched { members: people.len() as u64, grants, ..Touched::default() })
}
