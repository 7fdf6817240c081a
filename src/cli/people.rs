//! `banyan account list|grant|revoke|erase|export`: what an operator does about people who have accounts.

use entity::enums::{AuditObject, Role};
use sea_orm::{ActiveEnum, FromQueryResult};
use serde::Serialize;

use super::account::role;
use super::failure::Outcome;
use super::{database, print};
use crate::account::{grants_of, hold, hold_admins, home};
use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::config::Config;
use crate::graphql::account_node_id;
use crate::import::people::{Who, find};
use crate::people;
use crate::store::{RowLock, Tx};

#[derive(clap::Args)]
pub struct List {
    /// Only people of this unit and those below it
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct Grant {
    #[command(flatten)]
    person: Person,
    /// Code of the unit
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// MEMBER, REVIEWER, ANALYST, ADMIN or, at the root, OPERATOR
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Role,
}

#[derive(clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    grant: Grant,
    /// Also where the unit is left without an ADMIN of its own; never at the root
    #[arg(long)]
    even_if_last: bool,
}

#[derive(clap::Args)]
pub struct Erase {
    #[command(flatten)]
    person: Person,
    /// Also where a unit is left without an ADMIN of its own; never at the root
    #[arg(long)]
    even_if_last: bool,
    /// That it cannot be undone is known
    #[arg(long, required = true)]
    yes: bool,
}

#[derive(clap::Args)]
pub struct Person {
    /// Whose: e-mail address, phone number or account id
    #[arg(long, value_name = "PERSON", value_parser = Who::parse)]
    account: Who,
}

impl Person {
    /// The account's id, held in this transaction.
    async fn hold(&self, tx: &Tx) -> Outcome<i64> {
        let found = find(tx, [&self.account]).await?.remove(&self.account);
        let row = match found {
            Some(id) => hold(tx, id, RowLock::Update).await?,
            None => None,
        };
        Ok(row.ok_or_else(|| "no account has this e-mail address, phone number or id".to_owned())?.id)
    }
}

#[derive(FromQueryResult, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(skip)]
    account_id: i64,
    display_name: String,
    email: Option<String>,
    phone: Option<String>,
    unit: Option<String>,
    grants: Option<String>,
    waiting: bool,
}

pub async fn list(config: Config, list: List) -> Outcome {
    let store = database::open_current(&config).await?;
    let tx = store.read().await?;
    let mut sql = tx.sql(
        "SELECT a.id AS account_id, a.display_name, COALESCE(a.email, n.email) AS email, COALESCE(a.phone, n.phone) AS phone, \
         u.code AS unit, (SELECT string_agg(r.role || ' ' || v.code, ', ') FROM role_grant r JOIN unit v ON v.id = r.unit_id \
         WHERE r.account_id = a.id) AS grants, n.account_id IS NOT NULL AS waiting FROM account a \
         LEFT JOIN unit u ON u.id = a.unit_id LEFT JOIN invitation n ON n.account_id = a.id AND n.accepted_at IS NULL WHERE a.erased_at IS NULL",
    );
    if let Some(code) = &list.unit {
        unit(&tx, code, Role::Member).await?;
        let code = sql.bind(code.as_str());
        sql.push(&format!(
            " AND EXISTS (SELECT 1 FROM unit_closure c JOIN unit w ON w.id = c.ancestor_id \
             WHERE c.descendant_id = a.unit_id AND w.code = {code})"
        ));
    }
    sql.push(" ORDER BY a.created_at, a.id");
    let lines: Vec<Line> = tx.all(sql).await?;
    drop(tx);
    store.close().await;
    if list.json {
        let people: Vec<_> = lines
            .iter()
            .map(|line| {
                let mut person = serde_json::json!(line);
                person["id"] = account_node_id(line.account_id).into();
                person
            })
            .collect();
        return print::json(&serde_json::json!(people));
    }
    for line in &lines {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let waiting = if line.waiting { "\tinvited" } else { "" };
        let (id, name) = (account_node_id(line.account_id), &line.display_name);
        let (email, phone, unit, grants) = (text(&line.email), text(&line.phone), text(&line.unit), text(&line.grants));
        print::line(format_args!("{id}\t{name}\t{email}\t{phone}\t{unit}\t{grants}{waiting}"))?;
    }
    Ok(())
}

pub async fn grant(config: Config, grant: Grant) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.write().await?;
    let account = grant.person.hold(&tx).await?;
    let unit = unit(&tx, &grant.unit, grant.role).await?;
    let id = people::add(&app, &tx, account, unit, grant.role).await?;
    let done = Done::of(AuditObject::Grant, id, unit).always("account", None, Some(account)).field(
        "role",
        None,
        Some(grant.role.to_value()),
    );
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "account grant", &done).await?;
    tx.commit().await?;
    store.close().await;
    print::line(format_args!("{} has the role {} at {}", account_node_id(account), grant.role.to_value(), grant.unit))
}

pub async fn revoke(config: Config, revoke: Revoke) -> Outcome {
    let Revoke { grant, even_if_last } = revoke;
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.write().await?;
    let account = grant.person.hold(&tx).await?;
    let unit = unit(&tx, &grant.unit, grant.role).await?;
    let held = grants_of(&tx, account).await?;
    let Some(held) = held.into_iter().find(|held| held.unit_id == unit && held.role == grant.role) else {
        return Err(format!("the account does not have the role {} at {}", grant.role.to_value(), grant.unit).into());
    };
    hold_admins(&tx, std::slice::from_ref(&held)).await?;
    people::remove(&tx, &held, even_if_last).await?;
    let done = Done::of(AuditObject::Grant, held.id, unit).always("account", None, Some(account)).field(
        "role",
        Some(held.role.to_value()),
        None,
    );
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "account revoke", &done).await?;
    tx.commit().await?;
    store.close().await;
    print::line(format_args!(
        "{} has no longer the role {} at {}",
        account_node_id(account),
        held.role.to_value(),
        grant.unit
    ))
}

pub async fn erase(config: Config, erase: Erase) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.write().await?;
    let account = erase.person.hold(&tx).await?;
    let unit = home(&tx, account).await?;
    people::erase(&app, &tx, account, erase.even_if_last).await?;
    let done = Done::of(AuditObject::Account, account, unit);
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "account erase", &done).await?;
    tx.commit().await?;
    store.close().await;
    print::line(format_args!("erased {}", account_node_id(account)))
}

pub async fn export(config: Config, person: Person) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.write().await?;
    let account = person.hold(&tx).await?;
    let document = people::document(&tx, &app.config, account).await?;
    let done = Done::of(AuditObject::Account, account, home(&tx, account).await?);
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "account export", &done).await?;
    tx.commit().await?;
    store.close().await;
    print::line(document)
}

#[derive(FromQueryResult)]
struct Found {
    unit_id: i64,
    depth: i32,
}

/// The unit's id; OPERATOR is a role at the root alone.
async fn unit(tx: &Tx, code: &str, role: Role) -> Outcome<i64> {
    let mut sql = tx.sql("SELECT id AS unit_id, depth FROM unit WHERE code = ");
    let bound = sql.bind(code);
    sql.push(&bound);
    let found: Option<Found> = tx.one(sql).await?;
    let found = found.ok_or_else(|| format!("no unit has the code \"{code}\""))?;
    if role == Role::Operator && found.depth > 0 {
        return Err(format!("OPERATOR is a role at the root alone, not at {code}").into());
    }
    Ok(found.unit_id)
}
