//! `banyan token list|revoke`: the API tokens that there are, and their end.

use chrono::SecondsFormat;
use entity::enums::{AuditObject, Role};
use entity::token;
use sea_orm::{ActiveEnum, FromQueryResult};
use serde_json::json;

use super::failure::Outcome;
use super::{database, print};
use crate::account::{api_token, home};
use crate::app::App;
use crate::audit::{self, Done, Origin};
use crate::clock;
use crate::config::Config;
use crate::graphql::{account_node_id, token_id, token_node_id};
use crate::import::people::{self, Who};
use crate::store::Tx;

#[derive(clap::Args)]
pub struct List {
    /// Only this person's: e-mail address, phone number or account id
    #[arg(long, value_name = "PERSON", value_parser = Who::parse)]
    account: Option<Who>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct Revoke {
    /// Id of the token, as `banyan token list` and the API tell it
    #[arg(long, value_name = "ID", value_parser = id)]
    id: i64,
}

fn id(text: &str) -> Result<i64, String> {
    token_id(text).ok_or_else(|| "this is no id of an API token; banyan token list tells them".to_owned())
}

#[derive(FromQueryResult)]
struct Line {
    #[sea_orm(nested)]
    token: token::Model,
    unit: Option<String>,
}

pub async fn list(config: Config, list: List) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.read().await?;
    let mut sql =
        tx.sql("SELECT t.*, u.code AS unit FROM token t LEFT JOIN unit u ON u.id = t.unit_id WHERE t.kind = 'API'");
    if let Some(who) = &list.account {
        let account = people::find(&tx, [who]).await?.remove(who).ok_or_else(|| super::token::NOBODY.to_owned())?;
        let account = sql.bind(account);
        sql.push(&format!(" AND t.account_id = {account}"));
    }
    sql.push(" ORDER BY t.created_at, t.id");
    let lines: Vec<Line> = tx.all(sql).await?;
    drop(tx);
    store.close().await;
    let instant =
        |at: i64| clock::instant(at).with_timezone(&app.config.time_zone).to_rfc3339_opts(SecondsFormat::Secs, true);
    if list.json {
        let token = |Line { token, unit }: &Line| {
            json!({ "id": token_node_id(token.id), "account": account_node_id(token.account_id), "name": token.name,
                    "roles": token.roles.as_ref().map(|roles| roles.split(',').collect::<Vec<_>>()), "unit": unit,
                    "expiresAt": instant(token.expires_at), "lastUsedAt": token.last_used_at.map(instant),
                    "revokedAt": token.revoked_at.map(instant) })
        };
        return print::json(&json!(lines.iter().map(token).collect::<Vec<_>>()));
    }
    for Line { token, unit } in &lines {
        let state = match token.revoked_at {
            Some(_) => "revoked",
            None if token.expires_at <= app.now() => "expired",
            None => "good",
        };
        let (id, account, name) = (token_node_id(token.id), account_node_id(token.account_id), &token.name);
        let (roles, unit) = (token.roles.as_deref().unwrap_or("all roles"), unit.as_deref().unwrap_or("-"));
        let until = instant(token.expires_at);
        print::line(format_args!("{id}\t{account}\t{name}\t{roles}\t{unit}\t{until}\t{state}"))?;
    }
    Ok(())
}

pub async fn revoke(config: Config, revoke: Revoke) -> Outcome {
    let store = database::open_current(&config).await?;
    let app = App::new(store.clone(), config);
    let tx = store.write().await?;
    let Some(account) = api_token::end(&app, &tx, revoke.id).await? else {
        return Err("no API token that still holds has this id".to_owned().into());
    };
    let done = Done::of(AuditObject::Token, revoke.id, home(&tx, account).await?);
    audit::write(&app, &tx, &Origin::COMMAND_LINE, "token revoke", &done).await?;
    tx.commit().await?;
    store.close().await;
    print::line(format_args!("revoked {}", token_node_id(revoke.id)))
}

#[derive(FromQueryResult)]
struct Held {
    role: Role,
    code: String,
    here: bool,
}

/// Refuses what the person does not hold, in the unit if one is named: a token has no more than its person, and would open nothing.
pub async fn check_held(tx: &Tx, account: i64, roles: &[Role], unit: Option<i64>, code: Option<&str>) -> Outcome {
    if roles.is_empty() && unit.is_none() {
        return Ok(());
    }
    let mut sql = tx.sql("SELECT r.role, u.code, ");
    let here = match unit {
        None => "TRUE".to_owned(),
        Some(unit) => format!(
            "EXISTS (SELECT 1 FROM unit_closure c WHERE c.ancestor_id = r.unit_id AND c.descendant_id = {})",
            sql.bind(unit)
        ),
    };
    let account = sql.bind(account);
    sql.push(&format!(
        "{here} AS here FROM role_grant r JOIN unit u ON u.id = r.unit_id WHERE r.account_id = {account} ORDER BY u.code, r.role"
    ));
    let held: Vec<Held> = tx.all(sql).await?;
    let holds = |role: Role| held.iter().any(|held| held.here && held.role == role);
    let lacking = match roles.iter().find(|role| !holds(**role)) {
        Some(role) => role.to_value(),
        None if roles.is_empty() && !held.iter().any(|held| held.here) => "any role".to_owned(),
        None => return Ok(()),
    };
    let place = code.map(|code| format!(" at {code}")).unwrap_or_default();
    let all: Vec<String> = held.iter().map(|held| format!("{} at {}", held.role.to_value(), held.code)).collect();
    let all = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
    Err(format!("the person does not hold {lacking}{place}; what he holds: {all}").into())
}
